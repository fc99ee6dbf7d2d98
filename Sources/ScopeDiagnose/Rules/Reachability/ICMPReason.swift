import ScopeDissect
import ScopeModel
import ScopeWire

/// Why a host or router refuses a packet (RFC 792, RFC 1122 section 3.2.2.1, RFC 1812 section 5.2.7, RFC 4443 section 3).
enum ICMPReason {
    case noRoute, host, protocolUnknown, port, prohibited, sourceRoute, priority, sourcePolicy, hopLimit,
        reassembly, header, quench, redirect, other(isV6: Bool, type: UInt8, code: UInt8)

    init(_ error: ICMPError) {
        self =
            error.isV6
            ? Self.v6(error.type, error.code) ?? .other(isV6: true, type: error.type, code: error.code)
            : Self.v4(error.type, error.code) ?? .other(isV6: false, type: error.type, code: error.code)
    }

    private static func v4(_ type: UInt8, _ code: UInt8) -> ICMPReason? {
        switch (type, code) {
        case (3, 0), (3, 6), (3, 11): .noRoute
        case (3, 1), (3, 7), (3, 8), (3, 12): .host
        case (3, 2): .protocolUnknown
        case (3, 3): .port
        case (3, 5): .sourceRoute
        case (3, 9), (3, 10), (3, 13): .prohibited
        case (3, 14), (3, 15): .priority
        case (4, _): .quench
        case (5, _): .redirect
        case (11, 0): .hopLimit
        case (11, 1): .reassembly
        case (12, _): .header
        default: nil
        }
    }

    private static func v6(_ type: UInt8, _ code: UInt8) -> ICMPReason? {
        switch (type, code) {
        case (1, 0): .noRoute
        case (1, 1): .prohibited
        case (1, 2), (1, 3): .host
        case (1, 4): .port
        case (1, 5), (1, 6): .sourcePolicy
        case (1, 7): .sourceRoute
        case (3, 0): .hopLimit
        case (3, 1): .reassembly
        case (4, 1): .protocolUnknown
        case (4, _): .header
        default: nil
        }
    }

    /// The packet went on: this is advice for its sender.
    var isAdvice: Bool {
        switch self {
        case .quench, .redirect: true
        default: false
        }
    }

    /// - Parameter isHost: the packet's own destination says so, and no router before it.
    func words(ofHost isHost: Bool, _ what: ICMPNotice.QuotedProtocol) -> String {
        switch self {
        case .noRoute: "it has no route to the network"
        case .host: "the host cannot be reached"
        case .protocolUnknown: "it does not know \(Self.ipProtocol(what)) (protocol unreachable)"
        case .port: "nobody listens on this UDP port (port unreachable)"
        case .prohibited: "a filter forbids it (administratively prohibited)"
        case .sourceRoute: "the source route failed"
        case .priority: "the precedence is not allowed"
        case .sourcePolicy: "the source address, or the route, is refused by policy"
        case .hopLimit: "the hop limit ran out: a routing loop, or a TTL that is too small"
        case .reassembly: "fragments are missing: it could not put the packet together"
        case .header: "it does not understand the header"
        case .quench: "it asks to send more slowly (source quench)"
        case .redirect: "it knows a better next hop (redirect)"
        case .other(let isV6, let type, let code): "ICMP\(isV6 ? "v6" : "") type \(type) code \(code)"
        }
    }

    private static func ipProtocol(_ what: ICMPNotice.QuotedProtocol) -> String {
        switch what {
        case .esp: "ESP, IP protocol 50"
        case .ah: "AH, IP protocol 51"
        case .ike, .espInUDP, .ikeOrESPInUDP: "this protocol"
        }
    }

    private static func port(_ what: ICMPNotice.QuotedProtocol) -> String {
        switch what {
        case .espInUDP, .ikeOrESPInUDP: "4500"
        case .ike, .esp, .ah: "500 or 4500"
        }
    }

    private static func permit(_ what: ICMPNotice.QuotedProtocol) -> String {
        switch what {
        case .esp: "permit esp any any"
        case .ah: "permit ahp any any"
        case .ike: "permit udp any any eq isakmp"
        case .espInUDP, .ikeOrESPInUDP: "permit udp any any eq non500-isakmp"
        }
    }

    /// What to do about it.
    func advice(
        of what: ICMPNotice.QuotedProtocol, refusing destination: IPAddress, by device: IPAddress
    ) -> Finding.Advice {
        switch self {
        case .protocolUnknown:
            Finding.Advice(
                "enable IPsec there: the host has no \(what == .ah ? "AH" : "ESP") (no SA database, module or service for it)",
                on: device, ios: ["show crypto engine brief", "show crypto map"])
        case .port:
            Finding.Advice(
                "start IKE there, on UDP \(Self.port(what)); or send to the address that it listens on", on: device,
                ios: ["show crypto map", "show udp"])
        case .prohibited: Finding.Advice("permit it in the filter there", on: device, ios: [Self.permit(what)])
        case .noRoute, .sourceRoute:
            Finding.Advice("give it a route to \(destination)", on: device, ios: ["show ip route \(destination)"])
        case .host:
            Finding.Advice(
                "see whether \(destination) is up and has this address", on: device,
                ios: ["show ip arp \(destination)", "ping \(destination)"])
        case .hopLimit:
            Finding.Advice(
                "find the loop", on: device, ios: ["show ip route \(destination)", "traceroute \(destination)"])
        case .reassembly:
            Finding.Advice(
                "keep packets below the path MTU, or let all fragments pass", on: device, ios: ["show ip traffic"])
        case .sourcePolicy:
            Finding.Advice("see why this source or route is refused", on: device, ios: ["show ip interface"])
        case .quench, .redirect:
            Finding.Advice("nothing, unless traffic is lost", on: device)
        case .priority, .header, .other:
            Finding.Advice("see what it says of these packets", on: device, ios: ["show ip traffic"])
        }
    }
}

extension ICMPError {
    /// It says that the quoted packet is larger than the path takes, and refuses nothing else.
    var isTooBig: Bool { isV6 ? type == 2 : type == 3 && code == 4 }
}
