import ScopeDissect
import ScopeModel
import ScopeWire

/// A transform and its proxies in the words of `debug crypto ipsec`.
enum IPsecTransform {
    /// `esp-aes 256 esp-sha-hmac `, as in a transform set, with the blank that IOS has behind it.
    static func name(_ transform: Transform, of proposal: SecurityProtocol) -> Part {
        guard let cipher = cipher(transform, of: proposal) else { return .unknown }
        let length: String =
            switch transform.value(6) {
            case .some(let bits) where bits != 128: " \(bits)"
            default: ""
            }
        guard proposal == .esp, let value = transform.value(5) else { return .text("\(cipher)\(length) ") }
        return .text("\(cipher)\(length) \(integrity(value).map { "esp-\($0)-hmac" } ?? "?") ")
    }

    /// `Tunnel`, also where NAT had the peers carry it in UDP: a request knows the configuration alone.
    static func configuredMode(_ transform: Transform) -> StaticString? {
        switch transform.value(4) {
        case 1, 3, 61443: "Tunnel"
        case 2, 4, 61444: "Transport"
        default: nil
        }
    }

    static func lifetime(_ transform: Transform, type: UInt64) -> Part {
        TransformText.lifetimes(transform).first { $0.type == type }.map { .number($0.value) } ?? .unknown
    }

    private static func cipher(_ transform: Transform, of proposal: SecurityProtocol) -> String? {
        switch (proposal, transform.id) {
        case (.esp, 2): "esp-des"
        case (.esp, 3): "esp-3des"
        case (.esp, 11): "esp-null"
        case (.esp, 12): "esp-aes"
        case (.esp, 20): "esp-gcm"
        case (.ah, 2): "ah-md5-hmac"
        case (.ah, 3): "ah-sha-hmac"
        case (.ah, 5): "ah-sha256-hmac"
        case (.ah, 6): "ah-sha384-hmac"
        case (.ah, 7): "ah-sha512-hmac"
        default: nil
        }
    }

    private static func integrity(_ value: UInt64) -> String? {
        switch value {
        case 1: "md5"
        case 2: "sha"
        case 5: "sha256"
        case 6: "sha384"
        case 7: "sha512"
        default: nil
        }
    }
}

/// One end of the traffic that a Quick Mode is about.
struct IPsecProxy {
    var net: IPAddress?
    /// Dotted for IPv4, a length for IPv6.
    var mask: String?
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
        protocolID = identification?.protocolID ?? 0
        port = identification?.port ?? 0
        switch identification?.identity {
        case nil: (net, mask, type) = (peer, Self.host(peer), 1)
        case .address(let address): (net, mask, type) = (address, Self.host(address), 1)
        case .subnet(let address, let mask):
            (net, self.mask, type) = (address, address.isV6 ? Wording.prefix(mask) : mask.description, 4)
        case .range: type = 7
        case .some: break
        }
    }

    private static func host(_ address: IPAddress) -> String { address.isV6 ? "128" : "255.255.255.255" }

    var address: Part { net.map { .address($0) } ?? .unknown }

    /// `<net>/<mask>/<protocol>/<port>`; IOS XE says 256 for any protocol, the classic family tells the kind instead.
    func parts(in family: LineFamily) -> [Part] {
        let common: [Part] = [
            address, "/", mask.map { .text($0) } ?? .unknown, "/", protocolNumber(any: family == .xe ? 256 : 0), "/",
            port.map { .number($0) } ?? .unknown,
        ]
        guard family == .classic else { return common }
        return common + [" (type=", type.map { .number($0) } ?? .unknown, ")"]
    }

    func protocolNumber(any: Int) -> Part {
        protocolID.map { $0 == 0 ? .number(any) : .number($0) } ?? .unknown
    }
}
