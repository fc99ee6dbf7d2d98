import ScopeWire

/// A notification (RFC 2408 section 3.14).
///
///     |                 Domain of Interpretation                      |  4
///     |  Protocol-ID  |   SPI Size    |      Notify Message Type      |  4
///     ~                  SPI, then Notification Data                  ~
public struct NotificationPayload: Sendable {
    public var doi: UInt32
    public var protocolID: SecurityProtocol
    public var spi: [UInt8]
    public var type: NotifyType
    public var data: Range<Int>
    /// The data of a RESPONDER-LIFETIME (RFC 2407 section 4.6.3.1).
    public var attributes: [Attribute]
    /// The data of R-U-THERE and its answer (RFC 3706 section 5.3).
    public var sequenceNumber: UInt32?

    public init(
        doi: UInt32, protocolID: SecurityProtocol, spi: [UInt8], type: NotifyType, data: Range<Int>,
        attributes: [Attribute] = [], sequenceNumber: UInt32? = nil
    ) {
        self.doi = doi
        self.protocolID = protocolID
        self.spi = spi
        self.type = type
        self.data = data
        self.attributes = attributes
        self.sequenceNumber = sequenceNumber
    }

    init(reading reader: inout ByteReader, _ bytes: RawSpan, problem: inout DecodeError?) throws(DecodeError) {
        doi = try reader.code(bytes, "DOI", as: DomainOfInterpretation.self).rawValue
        protocolID = try reader.code(bytes, "protocol ID")
        let spiSize = Int(try reader.u8(bytes, "SPI size"))
        type = try reader.code(bytes, "notify type")
        spi = bytes.copy(try reader.bytes("SPI", count: spiSize))
        data = reader.rest
        attributes = []
        switch type {
        case .responderLifetime:
            let context: AttributeContext = protocolID == .isakmp ? .phase1 : .phase2
            attributes = Attribute.list(reading: &reader, bytes, in: context, problem: &problem)
        case .rUThere, .rUThereAck:
            guard reader.remaining == 4 else {
                problem = DecodeError(.badLength(reader.remaining), at: reader.at, field: "sequence number")
                break
            }
            sequenceNumber = try reader.u32(bytes, "sequence number")
        case .unityLoadBalance where reader.remaining == 4:
            _ = try reader.ipv4(bytes, "address")
        default: break
        }
        _ = reader.remainder("notification data")
    }
}

extension NotificationPayload {
    /// The sequence number of R-U-THERE and R-U-THERE-ACK (RFC 3706 section 5.3); nil for any other notification, or
    /// when its data are not 4 bytes.
    public func dpdSequence(in chain: PayloadChain) -> UInt32? {
        guard type == .rUThere || type == .rUThereAck else { return nil }
        let data = chain.slice(data)
        return data.count == 4 ? data.reduce(0) { $0 << 8 | UInt32($1) } : nil
    }
}
