import ScopeDissect
import ScopeModel
import ScopeWire

extension IOSConfig {
    /// What this device would ask `peer` for in Quick Mode: one request for each entry of its crypto access lists, as
    /// the peer sees it.
    ///
    /// Static maps only; `most` at most.
    public func requests(from local: IPAddress, to peer: IPAddress, most: Int = 64) -> [Phase2Request] {
        var list: [Phase2Request] = []
        for map in maps {
            for entry in map.entries where entry.peers.contains(where: { addresses(of: $0.text).contains(peer) }) {
                let sets = entry.transformSets.compactMap { transformSet($0) }
                for line in entry.accessList.flatMap({ accessList($0) })?.entries ?? [] where line.permits {
                    guard list.count < most else { return list }
                    guard let mine = Self.identity(line.source), let theirs = Self.identity(line.destination) else {
                        continue
                    }
                    let flow = ProxyFlow(
                        local: theirs, remote: mine, protocolID: line.protocolID,
                        localPort: Self.port(line.destinationPorts), remotePort: Self.port(line.sourcePorts))
                    let isTransport = flow.isBetween(peer, local)
                    let proposals = sets.enumerated().flatMap { index, set in
                        Self.proposals(set, number: UInt8(truncatingIfNeeded: index + 1), isTransport: isTransport)
                    }
                    list.append(
                        Phase2Request(local: peer, peer: local, proposals: proposals, flow: flow, pfs: entry.pfs.offer))
                }
            }
        }
        return list
    }

    /// A proposal for each protocol of the set, under one number: they belong together.
    private static func proposals(_ set: TransformSet, number: UInt8, isTransport: Bool) -> [Proposal] {
        let mode: UInt16 =
            switch set.mode {
            case .tunnel: 1
            case .transport: isTransport ? 2 : 1
            case .transportOnly: 2
            }
        return [SecurityProtocol.ah, .esp, .ipComp].compactMap { protocolID in
            let words = set.transforms.filter { $0.protocolID == protocolID }
            guard let id = words.compactMap(\.id).first else { return nil }
            var values: [(Phase2Attribute, UInt16)] = [(.encapsulationMode, mode)]
            if let bits = words.compactMap(\.keyLength).first {
                values.append((.keyLength, UInt16(truncatingIfNeeded: bits)))
            }
            if let integrity = words.compactMap(\.integrity).first {
                values.append((.authenticationAlgorithm, integrity.rawValue))
            }
            let attributes = values.map { type, value in
                Attribute(
                    type: type.rawValue, isShort: true,
                    value: [UInt8(truncatingIfNeeded: value >> 8), UInt8(truncatingIfNeeded: value)])
            }
            return Proposal(
                number: number, protocolID: protocolID, spi: [],
                transforms: [Transform(number: 1, id: id, attributes: attributes)])
        }
    }

    /// A contiguous wildcard as a subnet; nil for what no proxy identity can say.
    private static func identity(_ match: AddressMatch) -> Identity? {
        switch match {
        case .any: .subnet(IPAddress(v4: 0), mask: IPAddress(v4: 0))
        case .wildcard(let address, 0): .address(IPAddress(v4: address))
        case .wildcard(let address, let wildcard) where wildcard & (wildcard &+ 1) == 0:
            .subnet(IPAddress(v4: address), mask: IPAddress(v4: ~wildcard))
        case .wildcard, .prefix, .group: nil
        }
    }

    private static func port(_ match: PortMatch) -> UInt16 {
        if case .equal(let ports) = match, ports.count == 1 { return ports[0] }
        return 0
    }
}

extension PFS {
    /// The group that is asked for when this side begins.
    var offer: DHGroup? {
        switch self {
        case .none: nil
        case .unnamed: .modp768
        case .group(let group): group
        }
    }
}
