import ScopeDissect
import ScopeModel
import ScopeWire

/// A service that an access list or a group of services names: a protocol with its ports.
struct ServiceMatch: Hashable {
    /// 0 is any.
    var protocolID: UInt8 = 0
    var source = PortMatch.any
    var destination = PortMatch.any
}

/// `object`, `object-group`: names for addresses and services, of IOS and ASA.
///
/// A name may be used before its definition, and groups contain groups, so names are resolved at the end of the file.
struct ObjectGroups {
    enum Member {
        case addresses([AddressMatch])
        case service(ServiceMatch)
        /// Ports whose protocol is that of the group, or of the entry that names it.
        case ports(PortMatch)
        case group(String)
        /// A member that was not understood or cannot be resolved, such as a DNS name.
        case unknown
    }

    struct Group {
        var members: [Member] = []
        /// The protocols that `object-group service NAME tcp-udp` gives its ports.
        var protocols: [UInt8] = []
    }

    private(set) var groups: [String: Group] = [:]
    private var count = 0
    /// The most members of all groups together, and the most entries that one entry expands to.
    private static let most = 1 << 16
    private static let mostOfEntry = 1024
    private static let deepest = 16

    /// False when there are too many.
    mutating func begin(_ name: String, protocols: [UInt8] = []) -> Bool {
        guard groups[name] != nil || groups.count < Self.most else { return false }
        groups[name, default: Group()].protocols = protocols
        return true
    }

    mutating func add(_ member: Member, to name: String) {
        guard count < Self.most else { return }
        count += 1
        groups[name]?.members.append(member)
    }

    mutating func remove(_ name: String) { groups[name] = nil }

    /// The addresses that a name stands for; nil where that cannot be told.
    func addresses(_ name: String) -> [AddressMatch]? {
        gather(name) { member, _ in
            switch member {
            case .addresses(let list): list
            case .service, .ports, .group, .unknown: nil
            }
        }
    }

    /// The services that a name stands for; nil where that cannot be told.
    func services(_ name: String) -> [ServiceMatch]? {
        gather(name) { member, group in
            switch member {
            case .service(let service): [service]
            case .ports(let ports): group.protocols.map { ServiceMatch(protocolID: $0, destination: ports) }
            case .addresses, .group, .unknown: nil
            }
        }
    }

    /// The ports that a name stands for in the place of ports; nil where that cannot be told.
    func ports(_ name: String) -> [PortMatch]? {
        gather(name) { member, _ in
            switch member {
            case .ports(let ports): [ports]
            case .service(let service): [service.destination]
            case .addresses, .group, .unknown: nil
            }
        }
    }

    /// The values of a group; nil also where the group is absent, is empty, or contains itself.
    private func gather<Value>(_ name: String, _ values: (Member, Group) -> [Value]?) -> [Value]? {
        var result: [Value] = []
        /// Groups within groups count as well, because in a hostile file each may contain the next one twice.
        var steps = 0
        func go(_ name: String, _ depth: Int) -> Bool {
            guard depth < Self.deepest, let group = groups[name], !group.members.isEmpty else { return false }
            for member in group.members {
                steps += 1
                guard steps < 4 * Self.mostOfEntry else { return false }
                if case .group(let inner) = member {
                    guard go(inner, depth + 1) else { return false }
                } else {
                    guard let found = values(member, group) else { return false }
                    result += found
                    guard result.count <= Self.mostOfEntry else { return false }
                }
            }
            return true
        }
        return go(name, 0) ? result : nil
    }

    /// The entries that an entry with group names expands to, in the order of members; nil where it cannot be told.
    func expand(_ entry: AccessEntry) -> [AccessEntry]? {
        guard let sources = addresses(entry.source), let destinations = addresses(entry.destination),
            let services = services(entry)
        else { return nil }
        guard sources.count * destinations.count * services.count <= Self.mostOfEntry else { return nil }
        var result: [AccessEntry] = []
        for service in services {
            for source in sources {
                for destination in destinations {
                    var made = entry
                    (made.source, made.destination, made.groups) = (source, destination, AccessEntry.Groups())
                    made.protocolID = service.protocolID
                    (made.sourcePorts, made.destinationPorts) = (service.source, service.destination)
                    result.append(made)
                }
            }
        }
        return result
    }

    private func addresses(_ match: AddressMatch) -> [AddressMatch]? {
        if case .group(let name) = match { addresses(name) } else { [match] }
    }

    private func services(_ entry: AccessEntry) -> [ServiceMatch]? {
        if let name = entry.groups.service { return services(name) }
        let protocols: [UInt8]? =
            if let name = entry.groups.protocols { services(name).map { $0.map(\.protocolID) } } else {
                [entry.protocolID]
            }
        let sources = entry.groups.sourcePorts.map(ports) ?? [entry.sourcePorts]
        let destinations = entry.groups.destinationPorts.map(ports) ?? [entry.destinationPorts]
        guard let protocols, let sources, let destinations else { return nil }
        return protocols.flatMap { protocolID in
            sources.flatMap { source in
                destinations.map { ServiceMatch(protocolID: protocolID, source: source, destination: $0) }
            }
        }
    }
}
