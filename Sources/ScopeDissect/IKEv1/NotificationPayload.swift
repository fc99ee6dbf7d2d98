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
    /// The SPI as a number; nil when it has not 1 to 4 bytes, as where cookies name an IKE SA.
    public var spiNumber: UInt32? { (1...4).contains(spi.count) ? UInt32(bytes: spi) : nil }

    /// The seconds that a RESPONDER-LIFETIME grants (RFC 2407 section 4.6.3.1).
    ///
    /// Phase 1 numbers type and duration 11 and 12 (RFC 2409 appendix A), the IPsec DOI 1 and 2.
    public var lifetimeSeconds: UInt64? {
        var isSeconds = false
        for attribute in attributes {
            switch attribute.type {
            case Phase1Attribute.lifeType.rawValue, Phase2Attribute.lifeType.rawValue: isSeconds = attribute.number == 1
            case Phase1Attribute.lifeDuration.rawValue, Phase2Attribute.lifeDuration.rawValue:
                if isSeconds { return attribute.number }
            default: break
            }
        }
        return nil
    }
}
