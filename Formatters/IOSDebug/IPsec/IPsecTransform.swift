import ScopeDissect
import ScopeModel
import ScopeWire

/// A suite and its proxies in the words of `debug crypto ipsec`.
enum IPsecTransform {
    /// `Tunnel`, also where NAT had the peers carry it in UDP: a request knows the configuration alone.
    static func configuredMode(_ suite: ChildSuite) -> StaticString? {
        suite.encapsulation.flatMap { $0.isTunnel ? "Tunnel" : $0.isTransport ? "Transport" : nil }
    }

    static func lifetime(_ suite: ChildSuite?, _ unit: Lifetime.Unit) -> Part {
        suite?.lifetime.value(unit).map { .number($0) } ?? .unknown
    }
}

/// One end of the traffic that a Quick Mode is about.
struct IPsecProxy {
    var net: IPAddress?
    /// Dotted for IPv4, a length for IPv6.
    var mask = Part.unknown
    /// Nil where it is not known, 0 for any.
    var protocolID: UInt8?
    var port: UInt16?
    /// 1 a host, 4 a subnet, 7 a range.
    var type: UInt8?

    /// Not known at all: Quick Mode will tell.
    static let unknown = IPsecProxy()

    private init() {}

    /// Without an identity it is the peer itself.
    init(_ identification: IdentificationPayload?, of peer: IPAddress) {
        self.init(
            identification?.identity ?? .address(peer), identification?.protocolID ?? 0, identification?.port ?? 0)
    }

    init(_ identity: Identity, _ protocolID: UInt8, _ port: UInt16) {
        self.protocolID = protocolID
        self.port = port
        switch identity {
        case .address(let address): (net, mask, type) = (address, Self.host(address), 1)
        case .subnet(let address, let mask):
            (net, self.mask, type) = (address, address.isV6 ? Wording.prefixPart(mask) : .address(mask), 4)
        case .range: type = 7
        case .fqdn, .userFQDN, .distinguishedName, .keyID, .other: break
        }
    }

    private static func host(_ address: IPAddress) -> Part { address.isV6 ? "128" : "255.255.255.255" }

    var address: Part { net.map { .address($0) } ?? .unknown }

    /// `<net>/<mask>/<protocol>/<port>`; IOS XE says 256 for any protocol, the classic family tells the kind instead.
    func write(_ title: StaticString, to out: LineWriter, isLast: Bool) {
        let port = port.map { Part.number($0) } ?? .unknown
        let end: Part = isLast ? "" : ","
        switch out.family {
        case .classic:
            out.ipsecContinuation(
                .literal(title), address, "/", mask, "/", protocolNumber(any: 0), "/", port, " (type=",
                type.map { .number($0) } ?? .unknown, ")", end)
        case .xe:
            out.ipsecContinuation(
                .literal(title), address, "/", mask, "/", protocolNumber(any: 256), "/", port, end)
        }
    }

    func protocolNumber(any: Int) -> Part {
        protocolID.map { $0 == 0 ? .number(any) : .number($0) } ?? .unknown
    }
}
