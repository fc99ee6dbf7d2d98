import ScopeDissect
import ScopeModel
import ScopeWire

/// The block that phase 1 prints of an identity, the device's own or the peer's.
enum IdentityLines {
    static func write(_ payload: Payload, _ identification: IdentificationPayload, to out: LineWriter) {
        out.line(.spaced, "ID payload ")
        out.continuation("\tnext-payload : ", .number(payload.next.rawValue))
        out.continuation("\ttype         : ", .number(identification.type.rawValue), " ")
        switch identification.identity {
        case .address(let address): out.continuation("\taddress      : ", .address(address), " ")
        case .fqdn(let name): out.continuation("\tFQDN name    : ", .foreign(name), " ")
        case .userFQDN(let name): out.continuation("\tUSER FQDN    : ", .foreign(name), " ")
        case .distinguishedName(let name): out.continuation("\tDist. name   : ", .foreign(name), " ")
        case .keyID(let bytes): out.continuation("\tgroup id     : ", .foreign(Wording.text(of: bytes)), " ")
        case .subnet, .range, .other: break
        }
        out.continuation("\tprotocol     : ", .number(identification.protocolID), " ")
        out.continuation("\tport         : ", .number(identification.port), " ")
        out.continuation("\tlength       : ", .number(payload.range.count))
    }

    /// What the sender prints of its own identity, which is inside the message that it is about to send.
    static func own(_ chain: PayloadChain?, method: UInt64?, to out: LineWriter) {
        let payload = chain?.first(.identification)
        var identification: IdentificationPayload?
        if case .identification(let content) = payload?.content { identification = content }
        out.line(
            .tight, "SA is doing ", .word(methodName(method)), " authentication", .literal(isXAUTH(method)),
            " using id type ", identification.map { .foreign($0.type.name ?? "?") } ?? .unknown)
        guard let payload, let identification else { return }
        write(payload, identification, to: out)
        out.line(.tight, "Total payload length: ", .number(payload.range.count))
    }

    private static func methodName(_ method: UInt64?) -> StaticString? {
        switch method {
        case 1, 65001, 65002: "pre-shared key"
        case 3, 65005, 65006: "RSA signature"
        default: nil
        }
    }

    private static func isXAUTH(_ method: UInt64?) -> StaticString {
        guard let method, (65001...65010).contains(method) else { return "" }
        return " plus XAUTH"
    }
}
