import ScopeDissect
import ScopeWire

/// A packet of which the capture holds too little to follow it: what is there is told, and that it was there.
public struct CutPacket: Sendable {
    /// ISAKMP, ESP or AH; UDP where nothing tells what it, or TCP, carried; IP where not even the addresses are there.
    public var layer: PacketLayer
    /// Ports are zero where they are not known.
    public var source: Endpoint
    public var destination: Endpoint
    public var carrier: Carrier
    /// Of ESP or AH, where it was captured.
    public var spi: UInt32?
    /// Of an IKE message, as many fields as were captured, in the order of the wire.
    public var header: PartialHeader?

    public init(
        layer: PacketLayer, source: Endpoint, destination: Endpoint, carrier: Carrier, spi: UInt32? = nil,
        header: PartialHeader? = nil
    ) {
        self.layer = layer
        self.source = source
        self.destination = destination
        self.carrier = carrier
        self.spi = spi
        self.header = header
    }

    /// The beginning of an ISAKMP header (RFC 2408 section 3.1); what follows a field that is missing is missing too.
    public struct PartialHeader: Hashable, Sendable {
        public var initiatorSPI: UInt64?
        public var responderSPI: UInt64?
        public var nextPayload: PayloadType?
        /// High nibble major, low nibble minor.
        public var version: UInt8?
        public var exchange: ExchangeType?
        public var flags: ISAKMPFlags?

        /// Reads what stands between the reader's place and its end.
        public init(reading reader: inout ByteReader, _ bytes: RawSpan) {
            initiatorSPI = try? reader.u64(bytes, "initiator SPI")
            guard initiatorSPI != nil else { return }
            responderSPI = try? reader.u64(bytes, "responder SPI")
            guard responderSPI != nil else { return }
            nextPayload = try? reader.code(bytes, "next payload")
            version = try? reader.u8(bytes, "version")
            exchange = try? reader.code(bytes, "exchange type")
            flags = (try? reader.u8(bytes, "flags")).map { ISAKMPFlags(rawValue: $0) }
        }
    }
}
