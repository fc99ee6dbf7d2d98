import ScopeDissect
import ScopeModel
import ScopeWire

extension ProxyFlow {
    /// The access list entry that selects exactly this traffic; nil where no entry can.
    public var entry: AccessEntry? {
        guard let source = Self.match(local), let destination = Self.match(remote) else { return nil }
        var entry = AccessEntry(sequence: 10, permits: true, line: 0)
        (entry.source, entry.destination, entry.protocolID) = (source, destination, protocolID)
        if localPort != 0 { entry.sourcePorts = .equal([localPort]) }
        if remotePort != 0 { entry.destinationPorts = .equal([remotePort]) }
        return entry
    }

    private static func match(_ identity: Identity) -> AddressMatch? {
        guard let blocks = AddressBlocks(identity) else { return nil }
        if blocks.isV6 { return blocks.v6.count == 1 ? AddressMatch(blocks.v6[0]) : nil }
        guard blocks.v4.count == 1 else { return nil }
        return AddressMatch(blocks.v4[0].address, wildcard: blocks.v4[0].wildcard)
    }

    /// Whether the traffic is between the two devices alone, as transport mode needs it.
    func isBetween(_ device: IPAddress, _ peer: IPAddress) -> Bool {
        AddressMatch(host: device).equals(local) && AddressMatch(host: peer).equals(remote)
    }
}

/// The verdict of an access list on the traffic that a peer asks for.
public enum FlowVerdict: Hashable, Sendable {
    /// An entry selects exactly this traffic.
    case exact(AccessEntry)
    /// An entry selects more than this: IOS accepts it as the responder, and would not propose it as the initiator.
    case within(AccessEntry)
    /// An entry denies all or a part of the traffic.
    case denied(AccessEntry)
    /// No entry selects it; the nearest one selects a part.
    case none(nearest: AccessEntry?)
    /// It cannot be told, because entries were not understood or the identities are names.
    case unknown

    public var isAccepted: Bool {
        switch self {
        case .exact, .within: true
        case .denied, .none, .unknown: false
        }
    }
}

extension AccessList {
    /// Judges a flow whose local side is the source, as a crypto access list is written.
    public func verdict(on flow: ProxyFlow) -> FlowVerdict {
        var nearest: (entry: AccessEntry, score: Int)?
        for entry in entries {
            let ends =
                isExtended
                ? (entry.source.covers(flow.local), entry.destination.covers(flow.remote))
                : (entry.source.covers(flow.local), true)
            guard let source = ends.0, let destination = ends.1 else { return .unknown }
            let isProtocol = entry.protocolID == 0 || entry.protocolID == flow.protocolID
            let isPorts = entry.sourcePorts.covers(flow.localPort) && entry.destinationPorts.covers(flow.remotePort)
            if source, destination, isProtocol, isPorts {
                guard entry.permits else { return .denied(entry) }
                let isExact =
                    entry.source.equals(flow.local) && (!isExtended || entry.destination.equals(flow.remote))
                    && entry.protocolID == flow.protocolID && Self.isExact(entry.sourcePorts, flow.localPort)
                    && Self.isExact(entry.destinationPorts, flow.remotePort)
                return isExact ? .exact(entry) : .within(entry)
            }
            guard entry.permits else { continue }
            let score =
                Self.nearness(entry.source, flow.local) + Self.nearness(entry.destination, flow.remote)
                + (isProtocol ? 1 : 0)
            if score >= 3, score > nearest?.score ?? 0 { nearest = (entry, score) }
        }
        return hasUnreadEntries ? .unknown : .none(nearest: nearest?.entry)
    }

    /// An entry for everything is not near to any traffic.
    private static func nearness(_ match: AddressMatch, _ identity: Identity) -> Int {
        if match == .any { return 1 }
        return match.covers(identity) == true ? 4 : match.touches(identity) == true ? 2 : 0
    }

    private static func isExact(_ match: PortMatch, _ port: UInt16) -> Bool {
        port == 0 ? match == .any : match == .equal([port])
    }
}
