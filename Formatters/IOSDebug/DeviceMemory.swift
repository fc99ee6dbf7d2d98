import ScopeModel
import ScopeWire

/// What is remembered of the device whose lines are printed, or of one of the two.
struct DeviceMemory {
    private var memories = SAMemories(bytes: 16 << 20) { SAMemory() }
    private var memoriesV2 = SAMemories(bytes: 16 << 20) { IKEv2Memory() }
    private var numbering = DeviceNumbering()
    private let installed = InstalledSAs()
    /// IKE SAs whose removal is not printed to its end.
    private var removals = RecentTable<Int, Void>(limit: 4096)

    /// Writes the lines that `make` gives for what is remembered of the IKE SA `id`.
    mutating func write(_ id: Int, _ make: (SAMemory, InstalledSAs) -> some DeviceLines) {
        let memory = memories.value(id)
        var lines = make(memory, installed)
        lines.write()
        memories.price(id, at: memory.cost)
        if !removals.isEmpty { removals.remove(id) }
        if memory.removal != nil { removals.insert(id) }
    }

    /// The same of an IKE SA of IKEv2 between these ends.
    mutating func write(
        _ message: IKEMessage, of sa: IKESA,
        _ make: (IKEv2Memory, DeviceNumbers, DeviceNumbers?, InstalledSAs) -> some DeviceLines
    ) {
        let memory = memoriesV2.value(sa.id)
        let numbers = memory.numbers ?? numbering.give(sa.id, sa.initiator.address, sa.responder.address)
        memory.numbers = numbers
        var successor: DeviceNumbers?
        if let made = message.v2?.successor {
            let next = memoriesV2.value(made.id)
            next.numbers = next.numbers ?? numbering.give(made.id, made.initiator.address, made.responder.address)
            next.inherit(from: memory)
            successor = next.numbers
        }
        var lines = make(memory, numbers, successor, installed)
        lines.write()
        memoriesV2.price(sa.id, at: memory.cost)
        if memory.isGone { numbering.release(sa.id) }
    }

    /// The removals that have waited long enough for a delete that did not come; all of them when `time` is nil.
    mutating func takeRemovals(before time: Instant?) -> [Removal] {
        var ripe: [Removal] = []
        // In the order in which they were put off.
        while let (id, _) = removals.oldest {
            if let memory = memories.find(id), let removal = memory.removal {
                if let time, time.since(removal.time) < Removal.patience { break }
                memory.removal = nil
                ripe.append(removal)
            }
            removals.removeOldest()
        }
        return ripe
    }
}
