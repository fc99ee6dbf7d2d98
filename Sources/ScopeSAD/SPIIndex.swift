import ScopeModel
import ScopeWire

/// Where the SA of a packet is, by its SPI together with whatever else identifies it.
struct SPIIndex: Sendable {
    /// An SPI is its receiver's choice, but one end may be hidden behind a NAT, or have moved.
    private enum Companion: Hashable, Sendable {
        case to(IPAddress)
        case from(IPAddress)
        case ikeSA(Int)
    }

    private struct Key: Hashable {
        var spi: UInt32
        var isAH: Bool
        var companion: Companion
    }

    /// The newest one under each.
    private var newest: [Key: Int] = [:]
    /// Whoever its ends are: for a Delete, which names nothing else.
    private var bySPI = SPILists()

    private let findsPackets: Bool

    /// - Parameter findsPackets: `find` is asked as well, not `all` alone.
    init(findsPackets: Bool) { self.findsPackets = findsPackets }

    /// - Parameter isClaimed: it takes nobody's place.
    mutating func add(_ record: ChildRecord, isClaimed: Bool) {
        for key in keys(of: record) where !isClaimed || newest[key] == nil { newest[key] = record.id }
        bySPI.add(record.id, under: record.spiToInitiator, record.spiToResponder, isAH: record.isAH)
    }

    mutating func remove(_ record: ChildRecord) {
        for key in keys(of: record) where newest[key] == record.id { newest[key] = nil }
        bySPI.remove(record.id, under: record.spiToInitiator, record.spiToResponder, isAH: record.isAH)
    }

    /// The newest SA that a packet may belong to.
    func find(_ spi: UInt32, isAH: Bool, from source: IPAddress, to destination: IPAddress, ikeSA: Int?) -> Int? {
        func id(_ companion: Companion) -> Int { newest[Key(spi: spi, isAH: isAH, companion: companion)] ?? 0 }
        let (receiver, sender) = (id(.to(destination)), id(.from(source)))
        // Of two SAs with one SPI and one end in common, the newer one hides the other under that end alone.
        let ends = receiver > 0 && sender > 0 ? min(receiver, sender) : max(receiver, sender)
        let found = max(ends, ikeSA.map { id(.ikeSA($0)) } ?? 0)
        return found > 0 ? found : nil
    }

    /// The latest SAs under an SPI.
    func all(_ spi: UInt32, isAH: Bool) -> [Int] { bySPI.all(spi, isAH: isAH) }

    private func keys(of record: ChildRecord) -> [Key] {
        var keys: [Key] = []
        guard findsPackets else { return keys }
        for role in [Role.initiator, .responder] {
            guard let spi = record.spi(to: role) else { continue }
            keys.append(Key(spi: spi, isAH: record.isAH, companion: .to(record.end(role).address)))
            keys.append(Key(spi: spi, isAH: record.isAH, companion: .from(record.end(role.other).address)))
            if let id = record.pair?.ikeSA { keys.append(Key(spi: spi, isAH: record.isAH, companion: .ikeSA(id))) }
        }
        return keys
    }
}

/// The latest SAs under an SPI, by their numbers, whoever their ends are.
struct SPILists: Sendable {
    private struct Key: Hashable {
        var spi: UInt32
        var isAH: Bool
    }

    private var lists: [Key: [Int]] = [:]
    /// Of one SPI; a flood with made-up addresses must not cost more and more.
    private static let most = 64

    /// Adds an SA that has these two SPIs, which may be one.
    mutating func add(_ id: Int, under first: UInt32?, _ second: UInt32?, isAH: Bool) {
        forEach(first, second, isAH) { ids in
            if ids.count >= Self.most { ids.removeFirst() }
            ids.append(id)
        }
    }

    mutating func remove(_ id: Int, under first: UInt32?, _ second: UInt32?, isAH: Bool) {
        forEach(first, second, isAH) { ids in ids.removeAll { $0 == id } }
    }

    func all(_ spi: UInt32, isAH: Bool) -> [Int] { lists[Key(spi: spi, isAH: isAH)] ?? [] }

    private mutating func forEach(_ first: UInt32?, _ second: UInt32?, _ isAH: Bool, _ change: (inout [Int]) -> Void) {
        for spi in [first, first == second ? nil : second] {
            guard let spi else { continue }
            let key = Key(spi: spi, isAH: isAH)
            // Taken out first, so that the list is not copied.
            var ids = lists.removeValue(forKey: key) ?? []
            change(&ids)
            if !ids.isEmpty { lists[key] = ids }
        }
    }
}
