import ScopeDissect
import ScopeModel
import ScopeWire

/// How findings say numbers and names of the field.
enum Words {
    /// A clock that goes backwards makes none of them negative.
    static func seconds(_ value: Double) -> String {
        let tenths = Int((value.magnitude * 10).rounded())
        return tenths < 10 ? "\(Int((value.magnitude * 1000).rounded())) ms" : "\(tenths / 10).\(tenths % 10) s"
    }

    /// With one digit behind the point.
    static func tenths(_ value: Double) -> String {
        let tenths = Int((min(value.magnitude, 1e15) * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }

    static func seconds(from a: Instant, to b: Instant) -> String { seconds(Double(b.since(a)) / 1e9) }

    static func frames(_ frames: [Int]) -> String {
        let shown = frames.prefix(6).map(String.init).joined(separator: ", ")
        return (frames.count == 1 ? "frame " : "frames ") + shown + (frames.count > 6 ? " …" : "")
    }

    static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

    /// An identity of phase 1, or a proxy identity.
    static func identity(_ identification: IdentificationPayload?) -> String {
        guard let identification else { return "the peer itself" }
        if case .other = identification.identity { return IdentityText.text(identification.type) }
        return identity(identification.identity)
    }

    static func identity(_ identity: Identity) -> String { IdentityText.text(identity) }

    static func seq(_ parts: [String]) -> String { parts.joined(separator: ", ") }

    /// How a side proves itself: `shared key`, `RSA signature`.
    static func method(_ method: AuthenticationMethod) -> String {
        var suite = IKESuite()
        suite.authentication = method
        return SuiteText.text(.authentication, of: suite) ?? "another method"
    }

    /// Bytes, two digits each.
    static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0" + text : text
        }.joined()
    }

    static func hex(_ spi: UInt32) -> String {
        let text = String(spi, radix: 16)
        return "0x" + String(repeating: "0", count: 8 - text.count) + text
    }
}
