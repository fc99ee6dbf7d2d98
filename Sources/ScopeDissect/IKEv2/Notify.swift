import ScopeWire

extension IKEv2 {
    /// A notification (RFC 7296 section 3.10).
    ///
    ///     |  Protocol ID  |   SPI Size    |      Notify Message Type      |  4
    ///     ~                  SPI, then Notification Data                  ~
    public struct Notify: Sendable {
        /// 0 where the notification is about no child SA.
        public var protocolID: ProtocolID
        public var spi: [UInt8]
        public var type: NotifyType
        /// Offsets of the notification data.
        public var data: Range<Int>
        /// What the data of a type with a format of its own says.
        public var content: NotifyContent

        public init(
            protocolID: ProtocolID, spi: [UInt8], type: NotifyType, data: Range<Int>, content: NotifyContent = .bytes
        ) {
            self.protocolID = protocolID
            self.spi = spi
            self.type = type
            self.data = data
            self.content = content
        }

        /// The SPI of a child SA as a number, as in REKEY_SA; nil when it has not four bytes.
        public var spiNumber: UInt32? { spi.count == 4 ? UInt32(bytes: spi) : nil }

        /// Reads the body; data that do not fit the type are kept as bytes, and `problem` says why.
        init(reading reader: inout ByteReader, _ bytes: RawSpan, problem: inout DecodeError?) throws(DecodeError) {
            protocolID = try reader.code(bytes, "protocol ID")
            let spiSize = Int(try reader.u8(bytes, "SPI size"))
            type = try reader.code(bytes, "notify type")
            spi = bytes.copy(try reader.bytes("SPI", count: spiSize))
            data = reader.rest
            content = .bytes
            do throws(DecodeError) {
                content = try NotifyContent(reading: &reader, bytes, type)
                if content != .bytes, !reader.isAtEnd {
                    problem = DecodeError(.badLength(data.count), at: data.lowerBound, field: "notification data")
                }
            } catch {
                problem = error
            }
            _ = reader.remainder("notification data")
        }
    }

    /// What the data of a notification say.
    public enum NotifyContent: Hashable, Sendable {
        /// No data, or such as only their sender reads: cookies, tokens, tickets, links.
        case bytes
        /// UNSUPPORTED_CRITICAL_PAYLOAD.
        case payloadType(PayloadType)
        /// INVALID_MESSAGE_ID.
        case messageID(UInt32)
        /// INVALID_SPI: of the packet that was received.
        case spi(UInt32)
        /// INVALID_KE_PAYLOAD: the group that is wanted.
        case group(DHGroup)
        /// SET_WINDOW_SIZE.
        case windowSize(UInt32)
        /// IPCOMP_SUPPORTED: the compression parameter index, and the algorithm.
        case ipComp(cpi: UInt16, transform: IPCompTransform)
        /// NAT_DETECTION_SOURCE_IP and NAT_DETECTION_DESTINATION_IP: the data are a SHA-1 hash.
        case addressHash
        /// SIGNATURE_HASH_ALGORITHMS.
        case hashAlgorithms([HashAlgorithm])
        /// Additional addresses of MOBIKE, and those of 3GPP's interworking function.
        case address(IPAddress)
        /// NAS_TCP_PORT.
        case port(UInt16)
        /// AUTH_LIFETIME.
        case seconds(UInt32)
        /// TICKET_LT_OPAQUE: how long the ticket is good, and its offsets.
        case ticket(seconds: UInt32, ticket: Range<Int>)
        /// REDIRECT and REDIRECTED_FROM; the nonce is that of IKE_SA_INIT, and empty elsewhere.
        case gateway(Gateway, nonce: Range<Int>)
        /// IKEV2_MESSAGE_ID_SYNC: the next request that the sender sends, and the next that it expects.
        case messageIDSync(send: UInt32, receive: UInt32)
        /// IPSEC_REPLAY_COUNTER_SYNC: by how much the outgoing counters are raised.
        case replayCounter(UInt64)
        /// SECURE_PASSWORD_METHODS.
        case passwordMethods([SecurePasswordMethod])
        /// ROHC_SUPPORTED.
        case attributes([Attribute])
        /// PUZZLE: the function to be used, and how many bits are to be zero.
        case puzzle(prf: PRFTransform, difficulty: UInt8)
        /// PPK_IDENTITY and PPK_IDENTITY_KEY, whose confirmation proves that the sender has the key.
        case ppk(PPKIdentity, confirmation: Range<Int>)
        /// SUPPORTED_AUTH_METHODS.
        case authenticationMethods([AuthenticationAnnouncement])
        /// USE_AGGFRAG: 1 no fragments, 2 congestion control.
        case flags(UInt8)
        /// DEVICE_IDENTITY of 3GPP: an IMEI or IMEISV in digits.
        case device(DeviceIdentityType, digits: String)
    }
}
