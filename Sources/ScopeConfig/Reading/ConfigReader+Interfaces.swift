import ScopeModel
import ScopeWire

extension ConfigReader {
    /// `GigabitEthernet0/0`, also with a blank before the number; a type may follow.
    static func interfaceName(_ line: ConfigLine) -> String {
        let first = line[0].text
        guard line.count > 1, line[1].bytes.first.map({ (48...57).contains($0) }) == true,
            first.last.map({ !$0.isNumber }) == true
        else { return first }
        return first + line[1].text
    }

    mutating func beginInterface(_ line: ConfigLine) -> Outcome {
        guard line.count > 1 else { return .refused("has no name") }
        // A range of interfaces has no addresses.
        if line.has(1, "range") {
            block = .other
            return .taken
        }
        let name = Self.interfaceName(line.dropFirst(1))
        if let place = interfacePlaces[name] {
            block = .interface(place)
            return .taken
        }
        guard config.interfaces.count < Self.most else { return .refused("is one interface too many") }
        config.interfaces.append(ConfiguredInterface(name: name, line: line.number))
        interfacePlaces[name] = config.interfaces.count - 1
        block = .interface(config.interfaces.count - 1)
        return .taken
    }

    static func interfaceLine(_ line: ConfigLine, _ interface: inout ConfiguredInterface) -> Outcome {
        let isNo = line.has(0, "no")
        let words = isNo ? line.dropFirst(1) : line
        switch words[0].lowercased {
        case "ip": return isNo ? noAddress(words, &interface) : ip(words.dropFirst(1), &interface)
        case "ipv6":
            if !isNo, words.has(1, "address"), let prefix = words[2].bytes.split(separator: UInt8(ascii: "/")).first,
                let address = ConfigWord(bytes: prefix).address
            {
                add(address, to: &interface)
            }
        case "nameif": interface.alias = isNo || words.count < 2 ? nil : words[1].text
        case "shutdown": interface.isShutDown = !isNo
        case "vrf" where words.has(1, "forwarding") && words.count > 2: interface.vrf = isNo ? nil : words[2].text
        case "standby", "vrrp":
            // `standby [N] ip A`, `vrrp N ip A`: peers may use the address that two routers share.
            if !isNo, let at = words.first("ip"), let address = words[at + 1].address { add(address, to: &interface) }
        case "crypto", "cry":
            guard words.has(1, "map") else { break }
            let at = words.has(2, "ipv6") && words.count > 3 ? 3 : 2
            if isNo { interface.cryptoMap = nil } else if words.count > at { interface.cryptoMap = words[at].text }
        case "tunnel": return isNo ? .taken : tunnelLine(words.dropFirst(1), &interface.tunnel)
        default: return .unknown
        }
        return .taken
    }

    private static func noAddress(_ line: ConfigLine, _ interface: inout ConfiguredInterface) -> Outcome {
        if line.has(1, "address"), line.count == 2 { interface.addresses.removeAll { !$0.isV6 } }
        return .taken
    }

    private static func add(_ address: IPAddress, to interface: inout ConfiguredInterface) {
        if interface.addresses.count < 256, !interface.addresses.contains(address) {
            interface.addresses.append(address)
        }
    }

    /// `ip address A MASK [secondary]`, `ip address dhcp`, `ip unnumbered IF`, `ip vrf forwarding NAME`.
    private static func ip(_ line: ConfigLine, _ interface: inout ConfiguredInterface) -> Outcome {
        if line.has(0, "address") {
            if let address = line[1].bytes.split(separator: UInt8(ascii: "/")).first
                .flatMap({ ConfigWord(bytes: $0).address })
            {
                add(address, to: &interface)
            } else if ["dhcp", "negotiated", "pool"].contains(line[1].lowercased) {
                interface.isDynamic = true
            } else {
                return .refused("names no address")
            }
        } else if line.has(0, "unnumbered"), line.count > 1 {
            interface.unnumbered = interfaceName(line.dropFirst(1))
        } else if line.has(0, "vrf"), line.has(1, "forwarding"), line.count > 2 {
            interface.vrf = line[2].text
        }
        return .taken
    }

    private static func tunnelLine(_ line: ConfigLine, _ tunnel: inout ConfiguredInterface.Tunnel) -> Outcome {
        switch line[0].lowercased {
        case "source":
            guard let source = localAddress(line.dropFirst(1)) else { return .refused("names no source") }
            tunnel.source = source
        case "destination":
            guard line.count > 1 else { return .refused("names no destination") }
            tunnel.destination = line[1].lowercased
        case "vrf": tunnel.vrf = line.count > 1 ? line[1].text : nil
        case "mode":
            switch (line[1].lowercased, line[2].lowercased) {
            case ("gre", "multipoint"): tunnel.mode = .multipointGRE
            case ("gre", _): tunnel.mode = .gre
            case ("ipsec", _): tunnel.mode = .ipsec
            case ("ipip", _): tunnel.mode = .ipip
            default: tunnel.mode = .other(line.words(from: 1).prefix(3).map(\.text).joined(separator: " "))
            }
        case "protection":
            if line.has(1, "ipsec"), line.has(2, "profile"), line.count > 3 {
                tunnel.protection = line[3].text
            } else if line.has(1, "ipsec"), line.has(2, "policy"), line.count > 4 {
                tunnel.policy = line[4].text
            } else {
                return .refused("names no IPsec profile")
            }
        default: break
        }
        return .taken
    }
}
