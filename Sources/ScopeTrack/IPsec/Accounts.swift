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
        /// What opens its packets ahead of their turn; nil where that is not done.
        var lane: OpeningLane? { didSet { laneReference = lane.map { .passUnretained($0) } } }
        /// The same without counting references, which other threads would wait for.
        private(set) var laneReference: Unmanaged<OpeningLane>?
        /// The same of AH.
        var verifier: (any AHVerifier)?
        /// Whether those were looked for since the keys changed.
        var hasLooked = false
        /// Of the SA, where a Quick Mode made it.
        var selectors: Selectors?
        var memory = SequenceMemory()
        var null = NullDetector()
        /// How often a packet with other addresses was tried under keys of its own.
        var splits = 0
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
        of packet: Packet, spi: UInt32, isAH: Bool, evicted: inout Int
    ) -> Int {
        let key = Key(spi: spi, isAH: isAH, source: packet.source.address, destination: packet.destination.address)
        let index = Int(spi & Self.recentMask)
        uses += 1
        if let last = recent[index], last.key == key {
            slots[last.place].lastUse = uses
            return last.place
        }
        let place = places[key] ?? elsewhere(key) ?? open(key, packet, &evicted)
        recent[index] = (key, place)
        slots[place].lastUse = uses
        return place
    }

    /// What opens packets of this SPI and these addresses ahead of their turn; looking changes nothing.
    func lane(spi: UInt32, source: IPAddress, destination: IPAddress) -> Unmanaged<OpeningLane>? {
        guard let last = recent[Int(spi & Self.recentMask)], last.key.spi == spi, !last.key.isAH,
            last.key.source == source, last.key.destination == destination
        else { return nil }
        return slots[last.place].laneReference
    }

    /// The keys of `spi` changed: its accounts look for them again.
    mutating func lookAgain(spi: UInt32) {
        for place in bySPI[spi] ?? [] {
            slots[place].hasLooked = false
            slots[place].looks = 0
        }
    }

    /// The places of all of them, in the order of first sight.
    var all: [Int] {
        let unused = Set(free)
        return slots.indices.filter { !unused.contains($0) }
            .sorted { slots[$0].account.number < slots[$1].account.number }
    }

    // MARK: -

    /// The same SPI to the same receiver, or from the same sender: this SA at another point of the capture.
    ///
    /// Not to a group of receivers: there each sender counts for itself, and SPIs are set by hand.
    private mutating func elsewhere(_ key: Key) -> Int? {
        guard let all = bySPI[key.spi], !key.destination.isMulticast else { return nil }
        let others = all.filter { place in
            let account = slots[place].account
            return account.isAH == key.isAH && !account.destination.isMulticast
        }
        let place =
            others.first { slots[$0].account.destination == key.destination }
            ?? others.first { slots[$0].account.source == key.source }
        if let place { places[key] = place }
        return place
    }

    /// Opens an account for the addresses of `packet`, which had been taken for another SA's.
    mutating func split(_ packet: Packet, spi: UInt32, isAH: Bool, evicted: inout Int) -> Int {
        let key = Key(spi: spi, isAH: isAH, source: packet.source.address, destination: packet.destination.address)
        let place = open(key, packet, &evicted)
        recent[Int(spi & Self.recentMask)] = (key, place)
        slots[place].lastUse = uses
        return place
    }

    private mutating func open(
        _ key: Key, _ packet: Packet, _ evicted: inout Int
    ) -> Int {
        if slots.count - free.count >= limit { evicted += shrink() }
        made += 1
        var account = IPsecAccount(
            number: made, isAH: key.isAH, source: key.source, destination: key.destination, spi: key.spi,
            frame: packet.frame, keys: .none, ikeSA: nil)
        account.enclosure = packet.enclosure
        let slot = Slot(account: account)
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
            slots[place].lane = nil
            slots[place].verifier = nil
            slots[place].memory = SequenceMemory()
            slots[place].lastUse = 0
            free.append(place)
        }
        places = places.filter { !gone.contains($0.value) }
        for index in recent.indices { recent[index] = nil }
        return gone.count
    }
}

extension IPAddress {
    /// 224.0.0.0/4 and ff00::/8.
    var isMulticast: Bool { isV6 ? high >> 56 == 0xff : low >> 28 == 0xe }
}
