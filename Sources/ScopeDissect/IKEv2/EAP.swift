import ScopeWire

extension IKEv2 {
    /// A message of the Extensible Authentication Protocol (RFC 7296 section 3.16, RFC 3748 section 4).
    ///
    ///     |     Code      |  Identifier   |            Length             |  4
    ///     |     Type      |  Type data, in requests and responses alone   ~
    public struct EAP: Sendable {
        public var code: EAPCode
        /// Ties a response to its request.
        public var identifier: UInt8
        /// Nil in Success and Failure.
        public var type: EAPType?
        /// Offsets of what follows the type.
        public var data: Range<Int>
        public var content: EAPContent

        /// Reads the body; what does not decode inside the method is kept as bytes, and `problem` says why.
        init(reading reader: inout ByteReader, _ bytes: RawSpan, problem: inout DecodeError?) throws(DecodeError) {
            let start = reader.at
            code = try reader.code(bytes, "code")
            identifier = try reader.u8(bytes, "identifier")
            let length = Int(try reader.u16(bytes, "length"))
            if length != reader.end - start {
                problem = DecodeError(.badLength(length), at: start + 2, field: "length")
            }
            var message = try reader.sub("message", count: min(max(0, length - 4), reader.remaining), limit: .payload)
            data = message.rest
            content = .bytes
            guard code == .request || code == .response, !message.isAtEnd else {
                _ = message.remainder("data")
                return
            }
            let type: EAPType = try message.code(bytes, "type")
            self.type = type
            data = message.rest
            do throws(DecodeError) {
                content = try EAPContent(reading: &message, bytes, type, isResponse: code == .response)
            } catch {
                if problem == nil { problem = error }
            }
            // What a method does not explain may be the answer of a user.
            _ = message.remainder(code == .response ? "secret" : "type data")
        }
    }

    /// What the type data of an EAP message say, as far as they are in the clear.
    public enum EAPContent: Hashable, Sendable {
        /// No data, or such as are not decoded.
        case bytes
        /// Who the peer says it is; empty in a request, or a text for the user. Text of a peer.
        case identity(String)
        /// A text for the user.
        case notification(String)
        /// The methods that the peer wants instead.
        case nak([EAPType])
        /// EAP-MD5 (RFC 3748 section 5.4): the name of the sender; challenge and response are in the bytes.
        case md5(name: String)
        /// A request of GTC or of a one-time password: the text for the user. What is answered is a secret.
        case prompt(String)
        /// The answer to a prompt, which is never decoded.
        case answer
        case mschapv2(MSCHAPv2)
        /// EAP-TLS, TTLS, PEAP, FAST and TEAP.
        case tls(TLS)
        /// EAP-SIM, AKA and AKA'.
        case aka(AKA)
        /// An expanded type (RFC 3748 section 5.7): of 3GPP (10415, 3) it is EAP-5G.
        case expanded(vendor: UInt32, type: UInt32)
    }

    /// EAP-MSCHAPv2 (draft-kamath-pppext-eap-mschapv2).
    public struct MSCHAPv2: Hashable, Sendable {
        public var operation: MSCHAPv2Operation
        /// The name of the sender in challenge and response, the message in success and failure.
        public var text: String

        public init(operation: MSCHAPv2Operation, text: String) {
            self.operation = operation
            self.text = text
        }
    }

    /// The head of a message of a method that carries TLS (RFC 5216 section 3.1), and what the records in it are.
    public struct TLS: Hashable, Sendable {
        /// 0x80 a length follows, 0x40 more pieces follow, 0x20 start; the low bits are the version of the method.
        public var flags: UInt8
        /// Of all pieces together; in the first of them alone.
        public var length: UInt32?
        /// The records that begin here: what they are, or their content type.
        public var records: [String]

        public init(flags: UInt8, length: UInt32?, records: [String]) {
            self.flags = flags
            self.length = length
            self.records = records
        }

        public var isStart: Bool { flags & 0x20 != 0 }
        public var hasMore: Bool { flags & 0x40 != 0 }
    }

    /// EAP-SIM (RFC 4186), EAP-AKA (RFC 4187) and EAP-AKA' (RFC 9048).
    public struct AKA: Hashable, Sendable {
        public var subtype: AKASubtype
        public var attributes: [AKAAttribute]
        /// The permanent, pseudonym or fast re-authentication identity that AT_IDENTITY carries.
        public var identity: String?

        public init(subtype: AKASubtype, attributes: [AKAAttribute], identity: String?) {
            self.subtype = subtype
            self.attributes = attributes
            self.identity = identity
        }
    }
}
