import ScopeDissect
import ScopeModel
import ScopeWire

extension IOSConfig {
    /// Compares a peer's Quick Mode with all that is applied to interfaces, as the responder does.
    public func checkPhase2(_ request: Phase2Request) -> Phase2Check {
        var entries: [Phase2Check.Entry] = []
        var absence: Phase2Check.Absence?
        for interface in interfaces where isOutside(interface, request.local) {
            guard let name = interface.cryptoMap else { continue }
            guard let map = map(name), !map.entries.isEmpty else {
                absence = .emptyMap(name, interface: interface.name)
                continue
            }
            for entry in map.entries {
                entries += check(entry, of: map, on: interface, request)
                // A hostile file may apply a long map to many interfaces.
                if entries.count > 4096 { return Phase2Check(entries: entries, absence: nil) }
            }
        }
        for interface in interfaces {
            if let entry = check(tunnel: interface, request) { entries.append(entry) }
        }
        if entries.isEmpty, absence == nil {
            absence = .nothingApplied(interface: self.interface(owning: request.local)?.name)
        }
        return Phase2Check(entries: entries, absence: entries.isEmpty ? absence : nil)
    }

    /// Whether the map on this interface serves packets to `local`, which may be the address of `local-address`.
    ///
    /// An address that is not in the configuration may belong to any interface.
    private func isOutside(_ interface: ConfiguredInterface, _ local: IPAddress) -> Bool {
        guard let name = interface.cryptoMap else { return false }
        if let bound = map(name)?.localInterface { return isLocal(.interface(bound), local) ?? true }
        if self.interface(owning: local) == nil { return true }
        return addresses(of: interface).contains(local)
    }

    private func check(
        _ entry: CryptoMapEntry, of map: CryptoMap, on interface: ConfiguredInterface, _ request: Phase2Request
    ) -> [Phase2Check.Entry] {
        if case .dynamic(let name) = entry.kind {
            guard let dynamic = dynamicMap(name), !dynamic.entries.isEmpty else {
                let place = Phase2Check.Place.map(map.name, entry.number, interface: interface.name)
                return [
                    Phase2Check.Entry(
                        place: place, line: entry.line,
                        obstacles: [.incomplete("there is no crypto dynamic-map \(name)")])
                ]
            }
            return dynamic.entries.map { inner in
                let place = Phase2Check.Place.dynamicMap(
                    name, inner.number, map: map.name, interface: interface.name)
                return check(
                    inner, at: place, isDynamic: true, on: interface, outerProfile: entry.profile ?? map.profile,
                    request)
            }
        }
        let place = Phase2Check.Place.map(map.name, entry.number, interface: interface.name)
        return [check(entry, at: place, isDynamic: false, on: interface, outerProfile: map.profile, request)]
    }

    private func check(
        _ entry: CryptoMapEntry, at place: Phase2Check.Place, isDynamic: Bool,
        on interface: ConfiguredInterface, outerProfile: String?, _ request: Phase2Request
    ) -> Phase2Check.Entry {
        var made = Phase2Check.Entry(place: place, line: entry.line, obstacles: [])
        if interface.isShutDown { made.obstacles.append(.isShutDown) }
        switch entry.kind {
        case .manual: made.obstacles.append(.otherKeying("ipsec-manual"))
        case .gdoi: made.obstacles.append(.otherKeying("gdoi"))
        case .isakmp where entry.ikev2Profile != nil: made.obstacles.append(.otherKeying("IKEv2"))
        case .isakmp, .dynamic: break
        }
        if !isDynamic || !entry.peers.isEmpty {
            if !entry.peers.contains(where: { addresses(of: $0.text).contains(request.peer) }) {
                made.obstacles.append(entry.peers.isEmpty ? .incomplete("no set peer") : .peer(entry.peers.map(\.text)))
            }
        }
        if let name = entry.accessList {
            check(list: name, &made, request)
        } else if !isDynamic {
            made.obstacles.append(.incomplete("no match address"))
        }
        check(
            sets: entry.transformSets, entry.pfs, entry.profile ?? outerProfile,
            isTransport: request.flow.isBetween(request.local, request.peer), &made, request)
        return made
    }

    private func check(list name: String, _ made: inout Phase2Check.Entry, _ request: Phase2Request) {
        guard let list = accessList(name), !list.entries.isEmpty || list.hasUnreadEntries else {
            return made.obstacles.append(.accessListMissing(name))
        }
        let verdict = list.verdict(on: request.flow)
        made.accessList = verdict
        if !verdict.isAccepted { made.obstacles.append(.proxies(list: name, verdict)) }
    }

    private func check(
        sets names: [String], _ pfs: PFS, _ profileName: String?, isTransport: Bool,
        _ made: inout Phase2Check.Entry, _ request: Phase2Request
    ) {
        var sets: [TransformSet] = []
        for name in names {
            guard let set = transformSet(name), !set.transforms.isEmpty else {
                made.obstacles.append(.transformSetMissing(name))
                continue
            }
            sets.append(set)
        }
        if names.isEmpty {
            if transformSets.isEmpty, allowsDefaultTransformSets {
                sets = TransformSet.defaults
            } else {
                made.obstacles.append(.incomplete("no set transform-set"))
            }
        }
        let found = TransformSetCheck.find(sets, request.proposals, isTransport: isTransport)
        made.transformSet = found.accepted
        if found.accepted == nil, !found.differences.isEmpty { made.obstacles.append(.transforms(found.differences)) }
        if !pfs.accepts(request.pfs) { made.obstacles.append(.pfs(configured: pfs, offered: request.pfs)) }
        if let profileName {
            guard let profile = profile(profileName) else {
                return made.obstacles.append(.profileMissing(profileName))
            }
            if let identity = request.identity,
                profile.verdict(on: identity, vrf: interface(owning: request.local)?.vrf) == .refuses
            {
                made.obstacles.append(.profile(profileName, identity))
            }
        }
    }

    // MARK: Tunnels

    private func check(tunnel interface: ConfiguredInterface, _ request: Phase2Request) -> Phase2Check.Entry? {
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
        if profile.ikev2Profile != nil { made.obstacles.append(.otherKeying("IKEv2")) }
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
            sets: profile.transformSets, profile.pfs, profile.profile, isTransport: tunnel.mode != .ipsec, &made,
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
