import ScopeDissect
import ScopeModel
import ScopeWire

extension ProxyFlow {
    /// The entry of an access list that would be its very image; nil for what no entry can say.
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

    /// It is between the two devices alone: what transport mode is for.
    func isBetween(_ device: IPAddress, _ peer: IPAddress) -> Bool {
        AddressMatch(host: device).equals(local) && AddressMatch(host: peer).equals(remote)
    }
}

/// What an access list says of the traffic that a peer asks for.
public enum FlowVerdict: Hashable, Sendable {
    /// An entry that is its very image.
    case exact(AccessEntry)
    /// An entry that allows more: IOS takes this as the responder, and could not begin it.
    case within(AccessEntry)
    /// An entry that says deny, for all of it or a part.
    case denied(AccessEntry)
    /// No entry; one that has part of it may be near.
    case none(nearest: AccessEntry?)
    /// Entries were not understood, or the identities are names.
    case unknown

    public var isAccepted: Bool {
        switch self {
        case .exact, .within: true
        case .denied, .none, .unknown: false
        }
    }
}

extension AccessList {
    /// Looks at a flow with its local side as the source, as a crypto access list is written.
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

    /// An entry for everything is near to nothing.
    private static func nearness(_ match: AddressMatch, _ identity: Identity) -> Int {
        if match == .any { return 1 }
        return match.covers(identity) == true ? 4 : match.touches(identity) == true ? 2 : 0
    }

    private static func isExact(_ match: PortMatch, _ port: UInt16) -> Bool {
        port == 0 ? match == .any : match == .equal([port])
    }
}
