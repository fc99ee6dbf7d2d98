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

    private struct SPIKey: Hashable {
        var spi: UInt32
        var isAH: Bool
    }

    /// The newest one under each.
    private var newest: [Key: Int] = [:]
    /// The latest under an SPI, whoever its ends are: for a Delete, which names nothing else.
    private var bySPI: [SPIKey: [Int]] = [:]
    /// Of one SPI; a flood with made-up addresses must not cost more and more.
    private static let mostOfOneSPI = 64

    private let findsPackets: Bool

    /// - Parameter findsPackets: `find` is asked as well, not `all` alone.
    init(findsPackets: Bool) { self.findsPackets = findsPackets }

    /// - Parameter isClaimed: it takes nobody's place.
    mutating func add(_ record: ChildRecord, isClaimed: Bool) {
        for key in keys(of: record) where !isClaimed || newest[key] == nil { newest[key] = record.id }
        for spi in Self.spis(of: record) {
            var ids = bySPI.removeValue(forKey: SPIKey(spi: spi, isAH: record.isAH)) ?? []
            if ids.count >= Self.mostOfOneSPI { ids.removeFirst() }
            ids.append(record.id)
            bySPI[SPIKey(spi: spi, isAH: record.isAH)] = ids
        }
    }

    mutating func remove(_ record: ChildRecord) {
        for key in keys(of: record) where newest[key] == record.id { newest[key] = nil }
        for spi in Self.spis(of: record) {
            let key = SPIKey(spi: spi, isAH: record.isAH)
            guard var ids = bySPI.removeValue(forKey: key) else { continue }
            ids.removeAll { $0 == record.id }
            if !ids.isEmpty { bySPI[key] = ids }
        }
    }

    /// The newest SA that a packet may belong to.
    func find(_ spi: UInt32, isAH: Bool, from source: IPAddress, to destination: IPAddress, ikeSA: Int?) -> Int? {
        func id(_ companion: Companion) -> Int { newest[Key(spi: spi, isAH: isAH, companion: companion)] ?? 0 }
        let found = max(id(.to(destination)), id(.from(source)), ikeSA.map { id(.ikeSA($0)) } ?? 0)
        return found > 0 ? found : nil
    }

    /// The latest SAs under an SPI.
    func all(_ spi: UInt32, isAH: Bool) -> [Int] { bySPI[SPIKey(spi: spi, isAH: isAH)] ?? [] }

    private static func spis(of record: ChildRecord) -> [UInt32] {
        switch (record.spiToInitiator, record.spiToResponder) {
        case (let a?, let b?): a == b ? [a] : [a, b]
        case (let a?, nil), (nil, let a?): [a]
        case (nil, nil): []
        }
    }

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
