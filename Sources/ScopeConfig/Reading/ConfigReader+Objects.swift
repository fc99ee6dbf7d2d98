import ScopeDissect
import ScopeModel
import ScopeWire

/// `object` and `object-group`, of IOS and of ASA.
extension ConfigReader {
    /// `object {network|service} NAME`, `object-group {network|service|protocol|…} NAME [tcp|udp|tcp-udp]`.
    mutating func beginObject(_ line: ConfigLine, isNo: Bool) -> Outcome {
        guard line.count > 2 else { return .taken }
        let name = line[2].text
        if isNo {
            objects.remove(name)
            return .taken
        }
        switch line[1].lowercased {
        case "network", "service", "protocol", "v6-network", "v6-service": break
        default:
            // A group of ICMP types, users or security tags: an entry that names it is not understood.
            block = .other
            return .taken
        }
        let protocols: [UInt8] =
            switch line[3].lowercased {
            case "tcp": [6]
            case "udp": [17]
            case "tcp-udp": [6, 17]
            default: []
            }
        guard objects.begin(name, protocols: protocols) else { return .refused("is one object too many") }
        block = .object(name)
        return .taken
    }

    mutating func objectLine(_ line: ConfigLine, _ name: String) -> Outcome {
        let member: ObjectGroups.Member?
        switch line[0].lowercased {
        case "description", "nat", "no", "default": return .taken
        // ASA begins a member with these words; IOS writes the member alone.
        case "network-object", "subnet": member = Self.networkMember(line.dropFirst(1))
        case "host", "range": member = Self.networkMember(line)
        case "fqdn": member = .unknown
        case "group-object": member = line.count > 1 ? .group(line[1].text) : nil
        case "service-object" where line.has(1, "object"), "service" where line.has(1, "object"):
            member = line.count > 2 ? .group(line[2].text) : nil
        case "service-object", "service": member = Self.serviceMember(line.dropFirst(1))
        case "port-object":
            var words = EntryWords(line.dropFirst(1))
            member = words.ports().map { .ports($0) }
        case "protocol-object":
            member = Self.protocolID(line[1]).map { .service(ServiceMatch(protocolID: $0)) }
        default: member = Self.networkMember(line) ?? Self.serviceMember(line)
        }
        objects.add(member ?? .unknown, to: name)
        return .taken
    }

    /// `host A`, `range A B`, `object NAME`, `A MASK`, `A/LENGTH`, `A`, `any`: masks are those of subnets, not wildcards.
    private static func networkMember(_ line: ConfigLine) -> ObjectGroups.Member? {
        if line.has(0, "any") { return .addresses([.any]) }
        if line.has(0, "object") || line.has(0, "group-object") {
            return line.count > 1 ? .group(line[1].text) : nil
        }
        if line.has(0, "host") { return line[1].address.map { .addresses([AddressMatch(host: $0)]) } }
        if line.has(0, "range") {
            guard let first = line[1].address, let last = line[2].address,
                let blocks = AddressBlocks(.range(first, last))
            else { return nil }
            return .addresses(
                blocks.v4.map { AddressMatch($0.address, wildcard: $0.wildcard) } + blocks.v6.map { .prefix($0) })
        }
        if line[0].bytes.first == UInt8(ascii: "/") { return nil }
        if line[0].bytes.contains(UInt8(ascii: "/")) {
            guard let prefix = line[0].prefix else { return nil }
            return .addresses([AddressMatch(prefix)])
        }
        guard let address = line[0].v4 else { return nil }
        if let mask = line[1].v4 { return .addresses([AddressMatch(address, wildcard: ~mask)]) }
        // `10.0.0.0 /8` of IOS.
        if line[1].bytes.first == UInt8(ascii: "/"),
            let length = ConfigWord(bytes: line[1].bytes.dropFirst()).count, length <= 32
        {
            return .addresses([
                AddressMatch(address, wildcard: length == 0 ? .max : ~(UInt32.max << UInt32(32 - length)))
            ])
        }
        return .addresses([AddressMatch(address, wildcard: 0)])
    }

    /// `tcp [source PORTS] [destination] [PORTS]`, `tcp-udp eq domain`, `icmp`, `esp`.
    private static func serviceMember(_ line: ConfigLine) -> ObjectGroups.Member? {
        if line.has(0, "object") { return line.count > 1 ? .group(line[1].text) : nil }
        if line.has(0, "tcp-udp") {
            var words = EntryWords(line.dropFirst(line.has(1, "destination") ? 2 : 1))
            // Both protocols, because the group has none of its own.
            return words.ports().flatMap { $0 == .any ? nil : .ports($0) }
        }
        guard let protocolID = protocolID(line[0]) else { return nil }
        var service = ServiceMatch(protocolID: protocolID)
        guard [6, 17, 132].contains(protocolID) else { return .service(service) }
        var words = EntryWords(line.dropFirst(1))
        if words.skip("source") {
            guard let ports = words.ports() else { return nil }
            service.source = ports
        }
        _ = words.skip("destination")
        guard let ports = words.ports() else { return nil }
        service.destination = ports
        return .service(service)
    }

    static func protocolID(_ word: ConfigWord) -> UInt8? {
        IOSNames.protocols[word.lowercased] ?? word.number.flatMap(UInt8.init(exactly:))
    }

    /// Replaces the names of groups by their members, in all access lists.
    mutating func resolveObjects() {
        for place in config.accessLists.indices {
            let entries = config.accessLists[place].entries
            guard entries.contains(where: { $0.namesGroups && $0.sequence != Self.removed }) else { continue }
            var made: [AccessEntry] = []
            for entry in entries {
                guard entry.namesGroups, entry.sequence != Self.removed else {
                    made.append(entry)
                    continue
                }
                guard let expanded = objects.expand(entry), made.count + expanded.count <= Self.most else {
                    config.accessLists[place].hasUnreadEntries = true
                    refuseEntry(entry, inList: place)
                    continue
                }
                made += expanded
            }
            config.accessLists[place].entries = made
        }
    }
}
