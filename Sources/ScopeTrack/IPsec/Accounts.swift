import ScopeModel
import ScopeWire

/// The accounts of all SPIs seen, one for each direction of an SA; a packet's place in `slots` is looked up first.
///
/// The same SPI with another sender or receiver is another SA, unless something shows that it is the same one at another
/// point of the capture, or after a move: the tracker says so (`IPsecTracker.settle`). Bounded: those go first that were
/// used longest ago.
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
        var selectors: DirectedTraffic?
        var memory = SequenceMemory()
        /// As it stood in the last packet that counted.
        var lastSequence: UInt32 = 0
        var lastPorts = PortPair()
        var null = NullDetector()
        /// The place and the number of the account whose sequence numbers it shares; -1 where it counts for itself.
        var leader: (place: Int32, number: Int) = (-1, 0)
        /// How often a packet with other addresses was tried under keys of its own.
        var splits: UInt8 = 0
        /// How often it was looked for.
        var looks: UInt8 = 0
        /// The other addresses that packets of this account have, as far as they are remembered.
        fileprivate var aliases: [Key] = []
        fileprivate var links = UseLinks()
        /// Of the last use that moved it in the order of use.
        fileprivate var lastUse: UInt64 = 0
        /// The changes of keys that it has heard of.
        fileprivate var keyChange: UInt64 = 0
    }

    fileprivate struct Key: Hashable {
        var spi: UInt32
        var isAH: Bool
        var source: IPAddress
        var destination: IPAddress

        func hash(into hasher: inout Hasher) {
            hasher.combine(UInt64(spi) << 1 | (isAH ? 1 : 0))
            hasher.combine(source)
            hasher.combine(destination)
        }
    }

    /// One end of an SA.
    private struct End: Hashable {
        var spi: UInt32
        var isAH: Bool
        var isReceiver: Bool
        var address: IPAddress

        func hash(into hasher: inout Hasher) {
            hasher.combine(UInt64(spi) << 2 | (isAH ? 2 : 0) | (isReceiver ? 1 : 0))
            hasher.combine(address)
        }
    }

    var slots: [Slot] = []
    private var places: [Key: Int32] = [:]
    /// The first account of each sender and of each receiver of an SPI, groups of receivers left out.
    private var ends: [End: Int32] = [:]
    /// The account of each sender of an SPI that sends to a group.
    private var groups: [End: Int32] = [:]
    /// How many accounts an SPI has.
    private var counts: [UInt32: Int32] = [:]
    private var order = UseOrder()
    private var free: [Int32] = []
    private var live = 0
    private var made = 0
    private var uses: UInt64 = 0
    private let limit: Int
    private var changes = KeyChanges()
    /// Where the last packets' accounts are, by the low bits of their SPI: most packets need no look-up.
    private var recent: [(key: Key, place: Int)?]
    private static let recentMask: UInt32 = 63
    /// More other addresses of an account than these are looked up anew each time.
    private static let mostAliases = 8

    init(limit: Int) {
        self.limit = min(max(limit, 16), Int(Int32.max) - 1)
        recent = Array(repeating: nil, count: Int(Self.recentMask) + 1)
    }

    func knows(spi: UInt32) -> Bool { counts[spi] != nil }

    /// The place of the account of a packet's addresses; nil where they are new under its SPI.
    @inline(__always)
    mutating func known(_ packet: borrowing Packet, spi: UInt32, isAH: Bool) -> Int? {
        let key = Key(spi: spi, isAH: isAH, source: packet.source.address, destination: packet.destination.address)
        let index = Int(spi & Self.recentMask)
        uses &+= 1
        if let last = recent[index], last.key == key {
            use(last.place)
            return last.place
        }
        guard let place = places[key].map(Int.init) else { return nil }
        recent[index] = (key, place)
        use(place)
        return place
    }

    /// The place of the account of these addresses; looking changes nothing.
    func peek(spi: UInt32, isAH: Bool, _ source: IPAddress, _ destination: IPAddress) -> Int? {
        places[Key(spi: spi, isAH: isAH, source: source, destination: destination)].map(Int.init)
    }

    /// What opens packets of this SPI and these addresses ahead of their turn; looking changes nothing.
    func lane(spi: UInt32, source: IPAddress, destination: IPAddress) -> Unmanaged<OpeningLane>? {
        guard let last = recent[Int(spi & Self.recentMask)], last.key.spi == spi, !last.key.isAH,
            last.key.source == source, last.key.destination == destination
        else { return nil }
        // Keys that changed may open its packets otherwise.
        return slots[last.place].keyChange == changes.last ? slots[last.place].laneReference : nil
    }

    /// The keys of `spi` changed: its accounts look for them again, each when its next packet comes.
    mutating func lookAgain(spi: UInt32) { changes.note(spi) }

    /// The places of all of them, in the order of first sight.
    var all: [Int] {
        let unused = Set(free)
        return slots.indices.filter { !unused.contains(Int32($0)) }
            .sorted { slots[$0].account.number < slots[$1].account.number }
    }

    // MARK: -

    /// Notes that a packet of the account came.
    ///
    /// An account moves in the order of use when the sixteenth of them, or 64, could have been used since it moved last:
    /// who is let go is not decided more finely than that, and a busy account moves seldom.
    @inline(__always)
    private mutating func use(_ place: Int) {
        if slots[place].keyChange != changes.last { hear(place) }
        guard uses &- slots[place].lastUse > max(64, UInt64(truncatingIfNeeded: live >> 4)) else { return }
        slots[place].lastUse = uses
        order.renew(place, &slots)
    }

    private mutating func hear(_ place: Int) {
        if changes.concern(slots[place].account.spi, since: slots[place].keyChange) {
            slots[place].hasLooked = false
            slots[place].looks = 0
        }
        slots[place].keyChange = changes.last
    }

    /// An account with the SPI of a packet and one of its ends, its receiver's first; packets to groups have none.
    func relative(of packet: Packet, spi: UInt32, isAH: Bool) -> Int? {
        let key = Self.key(packet, spi, isAH)
        guard !key.destination.isMulticast else { return nil }
        return (ends[Self.receiver(key)] ?? ends[Self.sender(key)]).map(Int.init)
    }

    /// The account whose sequence numbers a packet shares: one sender has one counter for a group and for its members,
    /// whose SPI and keys are set by hand (RFC 4552 section 5).
    func leader(of packet: Packet, spi: UInt32, isAH: Bool) -> Int? {
        let key = Self.key(packet, spi, isAH)
        let place = groups[Self.sender(key)] ?? (key.destination.isMulticast ? ends[Self.sender(key)] : nil)
        return place.map(Int.init)
    }

    /// Has the addresses of `packet` belong to the account at `place`.
    mutating func join(_ packet: Packet, spi: UInt32, isAH: Bool, to place: Int) {
        let key = Self.key(packet, spi, isAH)
        if slots[place].aliases.count < Self.mostAliases {
            slots[place].aliases.append(key)
            places[key] = Int32(place)
        }
        recent[Int(spi & Self.recentMask)] = (key, place)
        use(place)
    }

    private static func key(_ packet: borrowing Packet, _ spi: UInt32, _ isAH: Bool) -> Key {
        Key(spi: spi, isAH: isAH, source: packet.source.address, destination: packet.destination.address)
    }

    /// Lets `body` count a packet of the account at `place`, with the sequence numbers of the one that it shares them with.
    @inline(__always)
    mutating func counting<Result>(_ place: Int, _ body: (inout Slot) -> Result) -> Result {
        guard slots[place].leader.place >= 0, exchange(place) else { return body(&slots[place]) }
        defer { _ = exchange(place) }
        return body(&slots[place])
    }

    /// Exchanges the counts of an account with its leader's; false where that is gone.
    private mutating func exchange(_ place: Int) -> Bool {
        let (leader, number) = (Int(slots[place].leader.place), slots[place].leader.number)
        guard leader != place, slots.indices.contains(leader), slots[leader].account.number == number else {
            slots[place].leader.place = -1
            return false
        }
        var own = slots[place].memory
        slots[place].memory = SequenceMemory()
        swap(&own, &slots[leader].memory)
        slots[place].memory = own
        (slots[place].account.sequence, slots[leader].account.sequence) =
            (slots[leader].account.sequence, slots[place].account.sequence)
        (slots[place].lastSequence, slots[leader].lastSequence) =
            (slots[leader].lastSequence, slots[place].lastSequence)
        return true
    }

    private static func receiver(_ key: Key) -> End {
        End(spi: key.spi, isAH: key.isAH, isReceiver: true, address: key.destination)
    }

    private static func sender(_ key: Key) -> End {
        End(spi: key.spi, isAH: key.isAH, isReceiver: false, address: key.source)
    }

    /// Opens an account for the addresses of `packet`.
    mutating func open(_ packet: Packet, spi: UInt32, isAH: Bool, evicted: inout Int) -> Int {
        let key = Self.key(packet, spi, isAH)
        let place = open(key, packet, &evicted)
        recent[Int(spi & Self.recentMask)] = (key, place)
        slots[place].lastUse = uses
        return place
    }

    private mutating func open(
        _ key: Key, _ packet: Packet, _ evicted: inout Int
    ) -> Int {
        if live >= limit { evicted += shrink() }
        made += 1
        var account = IPsecAccount(
            number: made, isAH: key.isAH, source: key.source, destination: key.destination, spi: key.spi,
            frame: packet.frame, keys: .none, ikeSA: nil)
        account.enclosure = packet.enclosure
        account.ports = PortPair(packet.source.port, packet.destination.port)
        var slot = Slot(account: account)
        slot.keyChange = changes.last
        slot.lastPorts = account.ports
        let place: Int
        if let reused = free.popLast() {
            place = Int(reused)
            slots[place] = slot
        } else {
            place = slots.count
            slots.append(slot)
        }
        live += 1
        places[key] = Int32(place)
        counts[key.spi, default: 0] += 1
        if !key.destination.isMulticast {
            for end in [Self.receiver(key), Self.sender(key)] where ends[end] == nil { ends[end] = Int32(place) }
        } else if groups[Self.sender(key)] == nil {
            groups[Self.sender(key)] = ends[Self.sender(key)] ?? Int32(place)
        }
        order.append(place, &slots)
        return place
    }

    /// Lets the sixteenth go that was not used for longest: said as one event, not as thousands.
    private mutating func shrink() -> Int {
        let most = max(1, limit / 16)
        var count = 0
        while count < most, let place = order.oldest {
            count += 1
            order.remove(place, &slots)
            let account = slots[place].account
            let own = Key(
                spi: account.spi, isAH: account.isAH, source: account.source, destination: account.destination)
            // An account that was split off may have taken over an address that was remembered as another's.
            for key in slots[place].aliases + [own] where places[key] == Int32(place) { places[key] = nil }
            for end in [Self.receiver(own), Self.sender(own)] where ends[end] == Int32(place) { ends[end] = nil }
            if groups[Self.sender(own)] == Int32(place) { groups[Self.sender(own)] = nil }
            let left = (counts[account.spi] ?? 1) - 1
            counts[account.spi] = left > 0 ? left : nil
            slots[place] = Slot(account: account)
            free.append(Int32(place))
        }
        live -= count
        for index in recent.indices { recent[index] = nil }
        return count
    }
}

/// The places of a slot's neighbours in the order of use; -1: none.
private struct UseLinks {
    var older: Int32 = -1
    var newer: Int32 = -1
}

/// The order in which slots were used, linked through the slots themselves: they are at hand when a packet comes.
private struct UseOrder {
    private var first: Int32 = -1
    private var last: Int32 = -1

    var oldest: Int? { first < 0 ? nil : Int(first) }

    mutating func append(_ place: Int, _ slots: inout [Accounts.Slot]) {
        slots[place].links = UseLinks(older: last)
        if last < 0 { first = Int32(place) } else { slots[Int(last)].links.newer = Int32(place) }
        last = Int32(place)
    }

    mutating func remove(_ place: Int, _ slots: inout [Accounts.Slot]) {
        let links = slots[place].links
        if links.older < 0 { first = links.newer } else { slots[Int(links.older)].links.newer = links.newer }
        if links.newer < 0 { last = links.older } else { slots[Int(links.newer)].links.older = links.older }
    }

    @inline(__always)
    mutating func renew(_ place: Int, _ slots: inout [Accounts.Slot]) {
        guard last != Int32(place) else { return }
        remove(place, &slots)
        append(place, &slots)
    }
}

/// Which SPIs got new keys, counted, so that their accounts need not be visited: each asks when its next packet comes.
private struct KeyChanges {
    /// The number of the last change.
    private(set) var last: UInt64 = 0
    private var bySPI = RecentTable<UInt32, UInt64>(limit: 1 << 16)
    /// Changes up to this one may have been forgotten.
    private var forgotten: UInt64 = 0

    mutating func note(_ spi: UInt32) {
        last += 1
        // Removed first, so that it counts as new.
        bySPI.remove(spi)
        for gone in bySPI.insert(last, for: spi) { forgotten = max(forgotten, gone.value) }
    }

    func concern(_ spi: UInt32, since change: UInt64) -> Bool {
        change < forgotten || (bySPI[spi] ?? 0) > change
    }
}
