import ScopeConfig
import ScopeModel
import ScopeWire

/// Nobody answers, and the device that ought to has another address.
struct ConfiguredPeerAddress: ConfiguredRule {
    let ids: Set<FindingID> = [.noResponse]

    func refine(_ finding: Finding, _ attempt: Attempt, _ devices: Devices) -> Finding {
        let (initiator, responder) = (attempt.initiator, attempt.responder)
        guard devices.isGuess(responder), let config = devices[responder] else { return finding }
        let outside = config.outsideAddresses
        // A device whose address is not written down may well have this one.
        guard !outside.isEmpty else { return finding }
        var finding = finding
        let addresses = outside.prefix(4).map { "\($0)" }.joined(separator: ", ")
        finding.id = .wrongPeerAddress
        finding.certainty = .likely
        finding.summary = "\(initiator) sends to \(responder), but the peer that expects it has \(addresses)"
        finding.evidence.append(
            "\(config.place()) has \(initiator) as its peer; its interfaces with a crypto map or a tunnel's source have \(addresses)"
        )
        let key = attempt.ios.key(for: outside[0])
        var lines = ["set peer \(outside[0])"] + key
        if let own = devices[initiator] {
            let places = own.maps.flatMap { map in
                map.entries.filter { $0.peers.contains { own.addresses(of: $0.text).contains(responder) } }
                    .map { (map.name, $0) }
            }
            if let (name, entry) = places.first {
                finding.evidence.append(
                    "\(own.place(entry.line)): crypto map \(name) \(entry.number) has the peer \(responder)")
                lines =
                    [
                        "crypto map \(name) \(entry.number) ipsec-isakmp", " no set peer \(responder)",
                        " set peer \(outside[0])",
                    ] + key
            }
        }
        finding.advice.insert(Finding.Advice("use the address of the peer itself", on: initiator, ios: lines), at: 0)
        finding.lookAlikes.append("a NAT that should translate \(responder) to \(outside[0])")
        return finding
    }
}

extension IOSConfig {
    /// The addresses of interfaces that peers call.
    fileprivate var outsideAddresses: [IPAddress] {
        var list: [IPAddress] = []
        for interface in interfaces where interface.cryptoMap != nil {
            let bound = interface.cryptoMap.flatMap { map($0)?.localInterface }.flatMap { self.interface($0) }
            list += (bound ?? interface).addresses
        }
        for interface in interfaces where interface.tunnel.protection != nil {
            switch interface.tunnel.source {
            case .address(let address): list.append(address)
            case .interface(let name): list += self.interface(name)?.addresses ?? []
            case nil: break
            }
        }
        return list
    }
}
