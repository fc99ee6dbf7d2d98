import ScopeDissect
import ScopeModel
import ScopeWire

/// The request that the negotiation of a child makes of a device: Quick Mode, IKE_AUTH, or CREATE_CHILD_SA.
public struct Phase2Request: Sendable {
    /// The device's own address, as the capture shows it.
    public var local: IPAddress
    public var peer: IPAddress
    public var offers: [Offer]
    public var flow: ProxyFlow
    /// The group of the KE payload; nil without PFS.
    public var pfs: DHGroup?
    public var version = IKEVersion.v1
    /// It comes with the IKE SA, in IKE_AUTH, which has no KE payload for it (RFC 7296 section 1.2).
    public var isOfSetUp = false
    /// The peer's identity of phase 1, where it is known.
    public var identity: Identity?

    public init(
        local: IPAddress, peer: IPAddress, offers: [Offer], flow: ProxyFlow, pfs: DHGroup?,
        identity: Identity? = nil
    ) {
        self.local = local
        self.peer = peer
        self.offers = offers
        self.flow = flow
        self.pfs = pfs
        self.identity = identity
    }
}

/// All crypto map entries and protected tunnels that a Quick Mode could be for, each with what prevents it.
public struct Phase2Check: Sendable {
    public var entries: [Entry]
    /// The reason why there are none.
    public var absence: Absence?

    public enum Absence: Hashable, Sendable {
        /// No interface with the address, or no interface at all, has a crypto map or tunnel protection.
        case nothingApplied(interface: String?)
        /// The map on an interface does not exist, or has no entries.
        case emptyMap(String, interface: String)
    }

    public struct Entry: Sendable {
        public var place: Place
        /// The line of the configuration.
        public var line: Int
        /// Empty where the device would accept.
        public var obstacles: [Obstacle]
        /// The transform set that fits.
        public var transformSet: String?
        public var accessList: FlowVerdict?

        public var isForPeer: Bool { !obstacles.contains { if case .peer = $0 { true } else { false } } }
    }

    public enum Place: Hashable, Sendable {
        case map(String, Int, interface: String)
        /// The entry of a map that names a dynamic one, and the entry there.
        case dynamicMap(String, Int, map: String, interface: String)
        case tunnel(interface: String, profile: String)

        public var text: String {
            switch self {
            case .map(let name, let number, let interface): "crypto map \(name) \(number) on \(interface)"
            case .dynamicMap(let name, let number, let map, let interface):
                "crypto dynamic-map \(name) \(number), which crypto map \(map) on \(interface) names"
            case .tunnel(let interface, let profile): "interface \(interface), IPsec profile \(profile)"
            }
        }
    }

    public enum Obstacle: Hashable, Sendable {
        /// The entry is for these other peers.
        case peer([String])
        /// Something is missing, so that IOS does not use the entry.
        case incomplete(String)
        case isShutDown
        /// The entry takes IKEv2 alone, manual keys, or keys of GDOI.
        case otherKeying(String)
        case accessListMissing(String)
        case proxies(list: String?, FlowVerdict)
        case transformSetMissing(String)
        case transforms([TransformSetDifference])
        case pfs(configured: PFS, offered: DHGroup?)
        case profileMissing(String)
        case profile(String, Identity)
    }

    /// The first entry that would accept.
    public var accepted: Entry? { entries.first { $0.obstacles.isEmpty } }

    /// Entries for this peer, the nearest to acceptance first.
    public var forPeer: [Entry] {
        entries.filter(\.isForPeer).enumerated().sorted {
            (Self.distance($0.element), $0.offset) < (Self.distance($1.element), $1.offset)
        }.map(\.element)
    }

    /// An entry with the right traffic is nearer than any other.
    private static func distance(_ entry: Entry) -> Int {
        let isElsewhere = entry.obstacles.contains { obstacle in
            switch obstacle {
            case .proxies, .accessListMissing, .otherKeying: true
            default: false
            }
        }
        return (isElsewhere ? 100 : 0) + entry.obstacles.count
    }
}

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
        case .isakmp where request.version == .v1 && entry.ikev2Profile != nil:
            made.obstacles.append(.otherKeying("IKEv2"))
        case .isakmp where request.version == .v2 && isASA && entry.ikev2Proposals.isEmpty:
            made.obstacles.append(.otherKeying("IKEv1"))
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
        let isOfNewer = request.version == .v2
        check(
            sets: isOfNewer && isASA ? entry.ikev2Proposals : entry.transformSets, entry.pfs,
            isOfNewer ? entry.ikev2Profile : entry.profile ?? outerProfile,
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

    func check(
        sets names: [String], _ pfs: PFS, _ profileName: String?, isTransport: Bool,
        _ made: inout Phase2Check.Entry, _ request: Phase2Request
    ) {
        var sets: [TransformSet] = []
        for name in names {
            if request.version == .v2, let proposal = ipsecProposals.first(where: { $0.name == name }) {
                sets += proposal.transformSets
                continue
            }
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
        // In IKEv2 the mode is no part of a proposal, and a responder may pass over the wish for transport mode.
        let found = TransformSetCheck.find(
            sets, request.offers, isTransport: request.version == .v1 ? isTransport : nil)
        made.transformSet = found.accepted
        if found.accepted == nil, !found.differences.isEmpty { made.obstacles.append(.transforms(found.differences)) }
        if !request.isOfSetUp, !pfs.accepts(request.pfs) {
            made.obstacles.append(.pfs(configured: pfs, offered: request.pfs))
        }
        if request.version == .v2 { return check(ikev2Profile: profileName, &made, request) }
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

    private func check(ikev2Profile name: String?, _ made: inout Phase2Check.Entry, _ request: Phase2Request) {
        guard let name else { return }
        guard let profile = ikev2.profile(name) else { return made.obstacles.append(.profileMissing(name)) }
        if let identity = request.identity, profile.takes(identity) == false {
            made.obstacles.append(.profile(name, identity))
        }
    }
}
