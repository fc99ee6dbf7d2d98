import ScopeDissect
import ScopeModel
import ScopeWire

extension Attempt {
    /// An EAP message that could be read (RFC 7296 section 3.16), without what is secret in it.
    struct EAPSeen {
        let code: IKEv2.EAPCode
        /// The method; nil in Success and Failure.
        let type: IKEv2.EAPType?
        /// Who the peer says it is, in a response.
        private(set) var user: String?
        /// The text of a failure of EAP-MSCHAPv2: `E=691 R=1 C=…`.
        private(set) var failure: String?
        /// The number of a TLS alert in the clear (RFC 5246 section 7.2).
        private(set) var alert: UInt8?

        init(_ message: IKEv2.EAP, _ chain: PayloadChain) {
            code = message.code
            type = message.type
            switch message.content {
            case .identity(let name) where message.code == .response && !name.isEmpty: user = Trim.text(name)
            case .mschapv2(let content) where content.operation == .failure: failure = Trim.text(content.text)
            case .mschapv2(let content) where content.operation == .response: user = Trim.text(content.text)
            case .tls: alert = Self.alert(chain.slice(message.data))
            default: break
            }
        }

        /// It is about a method, and not about who the peer is.
        var isOfMethod: Bool {
            guard let type else { return false }
            return type != .identity && type != .notification && type != .nak
        }

        /// The method as the registry calls it.
        var methodName: String? { type.map { $0.name ?? "EAP type \($0.rawValue)" } }

        /// An alert is a record of two bytes (RFC 5246 section 6.2); behind the flags, and a length where there is one.
        private static func alert(_ data: ArraySlice<UInt8>) -> UInt8? {
            guard let flags = data.first else { return nil }
            var rest = data.dropFirst(flags & 0x80 != 0 ? 5 : 1)
            // One message has a handful of records.
            for _ in 0..<8 {
                let head = Array(rest.prefix(7))
                guard head.count >= 5, (20...23).contains(head[0]), head[1] == 3 else { return nil }
                let length = Int(head[3]) << 8 | Int(head[4])
                if head[0] == 21, length == 2, head.count == 7 { return head[6] }
                rest = rest.dropFirst(5 + length)
            }
            return nil
        }

        /// `unknown_ca`, as RFC 5246 and RFC 8446 call it.
        var alertName: String? {
            alert.map { number in
                switch number {
                case 0: "close_notify"
                case 10: "unexpected_message"
                case 20: "bad_record_mac"
                case 40: "handshake_failure"
                case 42: "bad_certificate"
                case 43: "unsupported_certificate"
                case 44: "certificate_revoked"
                case 45: "certificate_expired"
                case 46: "certificate_unknown"
                case 47: "illegal_parameter"
                case 48: "unknown_ca"
                case 49: "access_denied"
                case 50: "decode_error"
                case 51: "decrypt_error"
                case 70: "protocol_version"
                case 71: "insufficient_security"
                case 80: "internal_error"
                case 116: "certificate_required"
                default: "alert \(number)"
                }
            }
        }

        /// The error number of a failure of EAP-MSCHAPv2 (RFC 2759 section 6).
        var errorNumber: Int? {
            guard let failure else { return nil }
            for word in failure.split(separator: " ") where word.hasPrefix("E=") {
                return Int(word.dropFirst(2).prefix(5))
            }
            return nil
        }

        /// What that number says.
        var errorWords: String? {
            switch errorNumber {
            case 646: "logon hours are restricted"
            case 647: "the account is disabled"
            case 648: "the password has expired"
            case 649: "the account may not dial in"
            case 691: "the user name or the password is wrong"
            case 709: "the password could not be changed"
            default: nil
            }
        }
    }
}
