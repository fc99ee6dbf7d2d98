import ScopeModel
import ScopeWire

/// The accounts of all SPIs seen, one for each direction of an SA; a packet's place in `slots` is looked up first.
///
/// An SA that is seen on both sides of a NAT has one account: its SPI was chosen by one receiver.
struct Accounts {
    struct Slot {
        var account: IPsecAccount
        /// Proved by the packets, or the likeliest before any did; nil when there is no key.
        var opener: (any ESPOpener)?
        /// Whether `opener` was looked for since the keys changed.
        var hasLooked = false
        /// How often it was looked for.
        var looks = 0
        fileprivate var lastUse = 0
    }

    private struct Key: Hashable {
        var spi: UInt32
        var isAH: Bool
        var source: IPAddress
        var destination: IPAddress
    }

    var slots: [Slot] = []
    private var places: [Key: Int] = [:]
    private var bySPI: [UInt32: [Int]] = [:]
    private var free: [Int] = []
    private var made = 0
    private var uses = 0
    private let limit: Int
    /// Where the last packets' accounts are, by the low bits of their SPI: most packets need no look-up.
    private var recent: [(key: Key, place: Int)?]
    private static let recentMask: UInt32 = 63

    init(limit: Int) {
        self.limit = max(limit, 16)
        recent = Array(repeating: nil, count: Int(Self.recentMask) + 1)
    }

    func knows(spi: UInt32) -> Bool { bySPI[spi] != nil }

    /// The place of the account that a packet belongs to; a new one is opened when there is none.
    mutating func place(
        of packet: borrowing Packet, spi: UInt32, sequence: UInt32, isAH: Bool, evicted: inout Int
    ) -> Int {
        let key = Key(spi: spi, isAH: isAH, source: packet.source.address, destination: packet.destination.address)
        let index = Int(spi & Self.recentMask)
        uses += 1
        if let last = recent[index], last.key == key {
            slots[last.place].lastUse = uses
            return last.place
        }
        let place = places[key] ?? elsewhere(key) ?? open(key, packet, sequence, &evicted)
        recent[index] = (key, place)
        slots[place].lastUse = uses
        return place
    }

    /// The keys of `spi` changed: its accounts look for them again.
    mutating func lookAgain(spi: UInt32) {
        for place in bySPI[spi] ?? [] {
            slots[place].hasLooked = false
            slots[place].looks = 0
        }
    }

    /// All of them, in the order of first sight.
    var all: [IPsecAccount] {
        let unused = Set(free)
        return slots.indices.filter { !unused.contains($0) }.map { slots[$0].account }.sorted { $0.number < $1.number }
    }

    // MARK: -

    /// The same SPI to the same receiver, or from the same sender: this SA at another point of the capture.
    private mutating func elsewhere(_ key: Key) -> Int? {
        let place = bySPI[key.spi]?.first { place in
            let account = slots[place].account
            return account.isAH == key.isAH
                && (account.source == key.source || account.destination == key.destination)
        }
        if let place { places[key] = place }
        return place
    }

    private mutating func open(
        _ key: Key, _ packet: borrowing Packet, _ sequence: UInt32, _ evicted: inout Int
    ) -> Int {
        if slots.count - free.count >= limit { evicted += shrink() }
        made += 1
        let slot = Slot(
            account: IPsecAccount(
                number: made, isAH: key.isAH, source: key.source, destination: key.destination, spi: key.spi,
                firstFrame: packet.frame.number, sequence: sequence, keys: .none, ikeSA: nil))
        let place: Int
        if let reused = free.popLast() {
            place = reused
            slots[place] = slot
        } else {
            place = slots.count
            slots.append(slot)
        }
        places[key] = place
        bySPI[key.spi, default: []].append(place)
        return place
    }

    /// Lets the sixteenth go that was not used for longest: rare, and then cheap for long.
    private mutating func shrink() -> Int {
        let gone = Set(
            slots.indices.sorted { slots[$0].lastUse < slots[$1].lastUse }.filter { slots[$0].lastUse > 0 }
                .prefix(max(1, limit / 16)))
        for place in gone {
            let spi = slots[place].account.spi
            let rest = (bySPI[spi] ?? []).filter { $0 != place }
            bySPI[spi] = rest.isEmpty ? nil : rest
            slots[place].opener = nil
            slots[place].lastUse = 0
            free.append(place)
        }
        places = places.filter { !gone.contains($0.value) }
        for index in recent.indices { recent[index] = nil }
        return gone.count
    }
}
