import ScopeModel
import ScopeWire

/// The numbers that a device gives an IKE SA of IKEv2.
struct DeviceNumbers: Hashable {
    /// Counts the peers in the order of appearance, since the capture does not know what was before it.
    var session: Int
    /// The slot of the SA among those that the device has at once, from 1.
    var sa: Int
}

/// Gives the numbers of one device out, and takes slots back.
struct DeviceNumbering {
    private struct Pair: Hashable {
        var low: IPAddress
        var high: IPAddress
    }

    private static let most = 4096
    private var sessions = LeastUsedTable<Pair, Int>(limit: most)
    private var lastSession = 0
    /// Slots of SAs that did not end yet; a slot is 64 × word + bit + 1.
    private var slots = RecentTable<Int, Int>(limit: most)
    private var taken = [UInt64](repeating: 0, count: most / 64 + 1)

    /// New numbers for the IKE SA `id` between these peers: the lowest slot that is free.
    mutating func give(_ id: Int, _ one: IPAddress, _ other: IPAddress) -> DeviceNumbers {
        let pair = one < other ? Pair(low: one, high: other) : Pair(low: other, high: one)
        let session = sessions.use(pair) ?? lastSession + 1
        if session > lastSession {
            lastSession = session
            sessions.insert(session, for: pair)
        }
        var slot = 0
        for (word, bits) in taken.enumerated() where bits != .max {
            let bit = (~bits).trailingZeroBitCount
            taken[word] |= 1 << UInt64(bit)
            slot = word * 64 + bit
            break
        }
        for (_, gone) in slots.insert(slot, for: id) { free(gone) }
        return DeviceNumbers(session: session, sa: slot + 1)
    }

    /// The IKE SA `id` is gone: its slot is free for another one.
    mutating func release(_ id: Int) {
        if let slot = slots.remove(id) { free(slot) }
    }

    private mutating func free(_ slot: Int) { taken[slot / 64] &= ~(1 << UInt64(slot % 64)) }
}
