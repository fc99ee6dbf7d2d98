import ScopeDissect
import ScopeModel
import ScopeWire

/// A pair of IPsec SAs at the device whose lines are printed.
struct InstalledPair {
    var local: IPAddress
    var peer: IPAddress
    var suite: ChildSuite
    var inbound: UInt32?
    var outbound: UInt32?
    var localProxy: IPsecProxy
    var remoteProxy: IPsecProxy
}

/// The pairs that the device said it installed, and has not said yet that it deleted: what its lines need of them.
///
/// Whether a Delete names one is told by `SAChange`. They outlive the IKE SA that made them, so they are kept apart from
/// its memory. It is a reference, because the lines of each message change it where it lies.
final class InstalledSAs {
    private struct Key: Hashable {
        var local: IPAddress
        var peer: IPAddress
        var spi: UInt32
        var isInbound: Bool
    }

    private var pairs = RecentTable<Int, InstalledPair>(limit: 4096, bytes: 8 << 20)
    /// The latest pair under each SPI of each end.
    private var places: [Key: Int] = [:]
    private var added = 0

    func add(_ pair: InstalledPair) {
        added += 1
        for key in Self.keys(of: pair) { places[key] = added }
        for (id, gone) in pairs.insert(pair, for: added, cost: 512) { forget(gone, id) }
    }

    /// Takes the pair out whose SPI is `inbound` at the device, or `outbound` at the peer.
    func remove(local: IPAddress, peer: IPAddress, inbound: UInt32? = nil, outbound: UInt32? = nil)
        -> InstalledPair?
    {
        let found = [(inbound, true), (outbound, false)].compactMap { spi, isInbound in
            spi.flatMap { places[Key(local: local, peer: peer, spi: $0, isInbound: isInbound)] }
        }
        guard let id = found.max(), let pair = pairs.remove(id) else { return nil }
        forget(pair, id)
        return pair
    }

    private func forget(_ pair: InstalledPair, _ id: Int) {
        for key in Self.keys(of: pair) where places[key] == id { places[key] = nil }
    }

    private static func keys(of pair: InstalledPair) -> [Key] {
        [(pair.inbound, true), (pair.outbound, false)].compactMap { spi, isInbound in
            spi.map { Key(local: pair.local, peer: pair.peer, spi: $0, isInbound: isInbound) }
        }
    }
}

/// The SPIs of the pairs that the Delete payloads of one message name, both SPIs of each pair.
struct SPIsNamedByDelete {
    private struct Key: Hashable {
        var spi: UInt32
        var protocolID: SecurityProtocol
    }

    private var keys: Set<Key> = []

    mutating func add(_ change: SAChange) {
        guard let child = change.childNamedByDelete else { return }
        for case let spi? in [child.spiToInitiator, child.spiToResponder] {
            keys.insert(Key(spi: spi, protocolID: child.protocolID))
        }
    }

    func contains(_ spi: UInt32, of protocolID: SecurityProtocol) -> Bool {
        !keys.isEmpty && keys.contains(Key(spi: spi, protocolID: protocolID))
    }
}

extension DeviceLines {
    /// Takes out the pair that the message deletes, by the SPI under which the peer receives; nil when no SA is deleted, or
    /// the device did not say that it installed it.
    func takeOut(outbound spi: UInt32, of protocolID: SecurityProtocol) -> InstalledPair? {
        guard deleted.contains(spi, of: protocolID) else { return nil }
        return installed.remove(local: localEnd.address, peer: peer, outbound: spi)
    }

    /// The same by the SPI under which the device receives.
    func takeOut(inbound spi: UInt32, of protocolID: SecurityProtocol) -> InstalledPair? {
        guard deleted.contains(spi, of: protocolID) else { return nil }
        return installed.remove(local: localEnd.address, peer: peer, inbound: spi)
    }
}
