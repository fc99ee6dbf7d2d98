import ScopeDissect
import ScopeModel
import ScopeWire

extension IOSConfig {
    /// The requests that this device would make of `peer` in Quick Mode, as the peer sees them.
    ///
    /// There is one for each entry of the crypto access lists of static maps, and no more than `most`.
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
                    let offers = sets.enumerated().flatMap { index, set in
                        set.suites(isTransport: isTransport).map { suite in
                            Offer(
                                number: UInt8(truncatingIfNeeded: index + 1), transform: 1,
                                protocolID: suite.protocolID,
                                choice: .child(suite))
                        }
                    }
                    list.append(
                        Phase2Request(local: peer, peer: local, offers: offers, flow: flow, pfs: entry.pfs.offer))
                }
            }
        }
        return list
    }

    /// The request that this device's IPsec makes of ISAKMP for `peer`; nil unless exactly one entry of the maps on its
    /// interfaces names the peer.
    public func request(from local: IPAddress, to peer: IPAddress) -> IPsecRequest? {
        let applied = Set(interfaces.compactMap(\.cryptoMap))
        let entries = maps.filter { applied.contains($0.name) }.flatMap(\.entries).filter { entry in
            entry.kind == .isakmp && entry.peers.contains { addresses(of: $0.text).contains(peer) }
        }
        guard entries.count == 1, let entry = entries.first,
            let set = entry.transformSets.lazy.compactMap({ transformSet($0) }).first,
            let list = entry.accessList.flatMap({ accessList($0) })
        else { return nil }
        let permits = list.entries.filter(\.permits)
        var flow: IPsecRequest.Flow?
        if permits.count == 1, !list.hasUnreadEntries, let mine = Self.identity(permits[0].source),
            let theirs = Self.identity(permits[0].destination)
        {
            flow = IPsecRequest.Flow(
                local: mine, remote: theirs, protocolID: permits[0].protocolID,
                localPort: Self.port(permits[0].sourcePorts), remotePort: Self.port(permits[0].destinationPorts))
        }
        let isTransport = flow.map { ProxyFlow(local: $0.local, remote: $0.remote).isBetween(local, peer) } ?? false
        // ESP before AH, as its cipher is what names the set.
        let suites = set.suites(isTransport: isTransport)
        guard var suite = suites.first(where: { $0.protocolID == .esp }) ?? suites.first else { return nil }
        let seconds = entry.lifetime.seconds ?? lifetime.seconds ?? SALifetime.defaultSeconds
        let isEndless = entry.lifetime.isWithoutKilobytes || lifetime.isWithoutKilobytes
        let kilobytes =
            entry.lifetime.kilobytes ?? (isEndless ? 0 : lifetime.kilobytes ?? SALifetime.defaultKilobytes)
        suite.lifetime = Lifetime(seconds: seconds, kilobytes: kilobytes)
        return IPsecRequest(suite: suite, flow: flow)
    }

    /// The match as a proxy identity, a contiguous wildcard as a subnet; nil where no identity can express it.
    private static func identity(_ match: AddressMatch) -> Identity? {
        switch match {
        case .any: .subnet(IPAddress(v4: 0), mask: IPAddress(v4: 0))
        case .wildcard(let address, 0): .address(IPAddress(v4: address))
        case .wildcard(let address, let wildcard) where wildcard & (wildcard &+ 1) == 0:
            .subnet(IPAddress(v4: address), mask: IPAddress(v4: ~wildcard))
        case .prefix(let prefix) where prefix.length == 128: .address(prefix.address)
        case .prefix(let prefix):
            .subnet(
                prefix.address,
                mask: IPAddress(
                    v6high: prefix.length == 0 ? 0 : UInt64.max << UInt64(64 - min(prefix.length, 64)),
                    low: prefix.length <= 64 ? 0 : UInt64.max << UInt64(128 - prefix.length)))
        case .wildcard, .group: nil
        }
    }

    private static func port(_ match: PortMatch) -> UInt16 {
        if case .equal(let ports) = match, ports.count == 1 { return ports[0] }
        return 0
    }
}

extension TransformSet {
    /// What it asks for; `isTransport` says that the traffic is between the peers themselves.
    fileprivate func suites(isTransport: Bool) -> [ChildSuite] {
        switch mode {
        case .tunnel: suites(encapsulation: .tunnel)
        case .transport: suites(encapsulation: isTransport ? .transport : .tunnel)
        case .transportOnly: suites(encapsulation: .transport)
        }
    }
}

extension PFS {
    /// The group that this side offers as the initiator.
    var offer: DHGroup? {
        switch self {
        case .none: nil
        case .unnamed: .modp768
        case .group(let group): group
        }
    }
}
