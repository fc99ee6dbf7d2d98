import ScopeDissect
import ScopeModel
import ScopeWire

/// The block that phase 1 prints of an identity, the device's own or the peer's.
enum IdentityLines {
    static func write(_ payload: Payload, _ identification: IdentificationPayload, to out: LineWriter) {
        let name: (title: StaticString, value: Part)? =
            switch identification.identity {
            case .address(let address): ("address      : ", .address(address))
            case .fqdn(let name): ("FQDN name    : ", .foreign(name))
            case .userFQDN(let name): ("USER FQDN    : ", .foreign(name))
            case .distinguishedName(let name): ("Dist. name   : ", .foreign(name))
            case .keyID(let bytes): ("group id     : ", .foreign(Wording.text(of: bytes)))
            case .subnet, .range, .other: nil
            }
        let protocolID = Part.number(identification.protocolID)
        out.line(.spaced, "ID payload ")
        out.indented("next-payload : ", .number(payload.next.rawValue))
        switch out.family {
        case .classic:
            out.indented("type         : ", .number(identification.type.rawValue), " ")
            if let name { out.indented(.literal(name.title), name.value, " ") }
            out.indented("protocol     : ", protocolID, " ")
        case .xe:
            // The middle of the block is two lines of their own.
            out.indented("type         : ", .number(identification.type.rawValue))
            if let name { out.line(.spaced, "   ", .literal(name.title), name.value) }
            out.line(.spaced, "   protocol     : ", protocolID, " ")
        }
        out.indented("port         : ", .number(identification.port), " ")
        out.indented("length       : ", .number(payload.range.count))
    }

    /// What the sender prints of its own identity, which is inside the message that it is about to send.
    static func own(_ chain: PayloadChain?, method: AuthenticationMethod?, to out: LineWriter) {
        let payload = chain?.first(.identification)
        var identification: IdentificationPayload?
        if case .identification(let content) = payload?.content { identification = content }
        // IOS XE breaks the line behind its first words.
        if out.family == .xe { out.line(.tight, "SA is doing ") }
        out.line(
            .tight, out.family == .classic ? "SA is doing " : "", .word(methodName(method)), " authentication",
            .literal(isXAUTH(method)), " using id type ",
            identification.map { .foreign($0.type.name ?? "?") } ?? .unknown)
        guard let payload, let identification else { return }
        write(payload, identification, to: out)
        out.line(.tight, "Total payload length: ", .number(payload.range.count))
    }

    private static func methodName(_ method: AuthenticationMethod?) -> StaticString? {
        guard let method, !method.isHybrid else { return nil }
        return switch method.credential {
        case .preSharedKey: "pre-shared key"
        case .rsaSignature: "RSA signature"
        default: nil
        }
    }

    private static func isXAUTH(_ method: AuthenticationMethod?) -> StaticString {
        method?.isXAUTH ?? false ? " plus XAUTH" : ""
    }
}
