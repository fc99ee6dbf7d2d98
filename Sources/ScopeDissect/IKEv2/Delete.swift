import ScopeWire

extension IKEv2 {
    /// A delete (RFC 7296 section 3.11): of the IKE SA that carries it, or of the child SAs that it names.
    ///
    ///     | Protocol ID   |   SPI Size    |          Num of SPIs          |  4
    ///     ~                             SPIs                              ~
    public struct Delete: SPIList, Hashable, Sendable {
        public var protocolID: ProtocolID
        /// Bytes of each SPI: 4 for ESP and AH, 0 for the IKE SA.
        public var spiSize: Int
        /// All SPIs behind each other, as they stand in the payload: there may be 60,000.
        public var spiBytes: [UInt8]

        public init(protocolID: ProtocolID, spiSize: Int, spiBytes: [UInt8]) {
            self.protocolID = protocolID
            self.spiSize = spiSize
            self.spiBytes = spiBytes
        }

        /// Reads the body; when count and bytes disagree, `problem` says so and the SPIs that are there are kept.
        init(reading reader: inout ByteReader, _ bytes: RawSpan, problem: inout DecodeError?) throws(DecodeError) {
            protocolID = try reader.code(bytes, "protocol ID")
            (spiSize, spiBytes) = try Self.readSPIs(&reader, bytes, problem: &problem)
        }
    }
}
