import ScopeDissect
import ScopeModel
import ScopeWire

/// The request that a Quick Mode makes of a device.
public struct Phase2Request: Sendable {
    /// The device's own address, as the capture shows it.
    public var local: IPAddress
    public var peer: IPAddress
    public var proposals: [Proposal]
    public var flow: ProxyFlow
    /// The group of the KE payload; nil without PFS.
    public var pfs: DHGroup?
    /// The peer's identity of phase 1, where it is known.
    public var identity: Identity?

    public init(
        local: IPAddress, peer: IPAddress, proposals: [Proposal], flow: ProxyFlow, pfs: DHGroup?,
        identity: Identity? = nil
    ) {
        self.local = local
        self.peer = peer
        self.proposals = proposals
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
