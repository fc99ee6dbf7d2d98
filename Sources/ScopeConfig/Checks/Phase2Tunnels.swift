import ScopeDissect
import ScopeModel
import ScopeWire

/// Quick Modes for tunnel interfaces, whose traffic follows from the kind of tunnel.
extension IOSConfig {
    func check(tunnel interface: ConfiguredInterface, _ request: Phase2Request) -> Phase2Check.Entry? {
        let tunnel = interface.tunnel
        guard let name = tunnel.protection ?? tunnel.policy else { return nil }
        let isTemplate = interface.name.lowercased().hasPrefix("virtual-template")
        if let source = tunnel.source, isLocal(source, request.local) == false,
            self.interface(owning: request.local) != nil
        {
            return nil
        }
        let place = Phase2Check.Place.tunnel(interface: interface.name, profile: name)
        guard let profile = ipsecProfile(name) else {
            return Phase2Check.Entry(
                place: place, line: interface.line, obstacles: [.incomplete("there is no crypto ipsec profile \(name)")]
            )
        }
        var made = Phase2Check.Entry(place: place, line: interface.line, obstacles: [])
        if interface.isShutDown { made.obstacles.append(.isShutDown) }
        if request.version == .v1, profile.ikev2Profile != nil { made.obstacles.append(.otherKeying("IKEv2")) }
        let isOpen = isTemplate || tunnel.mode == .multipointGRE
        if !isOpen {
            switch tunnel.destination {
            case nil: made.obstacles.append(.incomplete("no tunnel destination"))
            case "dynamic": break
            case let text?:
                if !addresses(of: text).contains(request.peer) { made.obstacles.append(.peer([text])) }
            }
        }
        if tunnel.source == nil, !isTemplate { made.obstacles.append(.incomplete("no tunnel source")) }
        let verdict = flowVerdict(tunnel.mode, isOpen: isOpen, isTemplate: isTemplate, request)
        made.accessList = verdict
        if !verdict.isAccepted { made.obstacles.append(.proxies(list: nil, verdict)) }
        // GRE runs between the ends of the tunnel, even where NAT shows other addresses for them.
        check(
            sets: profile.transformSets, profile.pfs,
            request.version == .v2 ? profile.ikev2Profile : profile.profile, isTransport: tunnel.mode != .ipsec, &made,
            request)
        return made
    }

    /// Compares the traffic with the proxies of the tunnel's kind: GRE between its ends, or everything.
    private func flowVerdict(
        _ mode: ConfiguredInterface.Tunnel.Mode, isOpen: Bool, isTemplate: Bool, _ request: Phase2Request
    ) -> FlowVerdict {
        var entry = AccessEntry(sequence: 0, permits: true, line: 0)
        switch mode {
        case .ipsec: break
        case .gre, .multipointGRE, .ipip:
            entry.protocolID = mode == .ipip ? 4 : 47
            // The peer names the outside address of a device behind NAT.
            let isKnown = self.interface(owning: request.local) != nil
            entry.source = isKnown ? AddressMatch(host: request.local) : .any
            // A peer behind NAT names its own, inside address.
            entry.destination = isOpen ? .any : AddressMatch(host: request.peer)
        case .other: return .unknown
        }
        let list = AccessList(name: "", isExtended: true, entries: [entry], line: 0)
        let verdict = list.verdict(on: request.flow)
        // A virtual tunnel asks for one SA for everything; a template takes what the peer asks for.
        if mode == .ipsec, !isTemplate, case .within = verdict { return .none(nearest: entry) }
        return verdict
    }
}

extension PFS {
    /// Whether IOS accepts the group as the responder.
    ///
    /// Without `set pfs` it accepts any offer, and with a group it accepts that one alone. Where `set pfs` names no
    /// group, it accepts groups 1, 2 and 5.
    public func accepts(_ offered: DHGroup?) -> Bool {
        switch self {
        case .none: true
        case .unnamed: offered.map { [.modp768, .modp1024, .modp1536].contains($0) } ?? false
        case .group(let group): offered == group
        }
    }
}
