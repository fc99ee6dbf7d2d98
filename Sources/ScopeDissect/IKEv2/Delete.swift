import ScopeWire

extension IKEv2 {
    /// A delete (RFC 7296 section 3.11): of the IKE SA that carries it, or of the child SAs that it names.
    ///
    ///     | Protocol ID   |   SPI Size    |          Num of SPIs          |  4
    ///     ~                             SPIs                              ~
    public struct Delete: Hashable, Sendable {
        public var protocolID: ProtocolID
        /// Bytes of each SPI: 4 for ESP and AH, 0 for the IKE SA.
        public var spiSize: Int
        /// All SPIs behind each other, as they stand in the payload: there may be 16,000.
        public var spiBytes: [UInt8]

        /// More SPIs than this are counted and not looked at: no device deletes so many in one message.
        public static let mostSPIs = 1024

        public init(protocolID: ProtocolID, spiSize: Int, spiBytes: [UInt8]) {
            self.protocolID = protocolID
            self.spiSize = spiSize
            self.spiBytes = spiBytes
        }

        /// How many SPIs the payload holds.
        public var count: Int { spiSize > 0 ? spiBytes.count / spiSize : 0 }

        /// The SPIs, the first `mostSPIs` of them.
        public var spis: [[UInt8]] {
            (0..<min(count, Self.mostSPIs)).map { Array(spiBytes[$0 * spiSize..<($0 + 1) * spiSize]) }
        }

        /// The SPIs of ESP or AH as numbers, the first `mostSPIs` of them; those of another size are left out.
        public var spiNumbers: [UInt32] { spiSize == 4 ? spis.map { UInt32(bytes: $0) } : [] }

        /// Reads the body; when count and bytes disagree, `problem` says so and the SPIs that are there are kept.
        init(reading reader: inout ByteReader, _ bytes: RawSpan, problem: inout DecodeError?) throws(DecodeError) {
            protocolID = try reader.code(bytes, "protocol ID")
            spiSize = Int(try reader.u8(bytes, "SPI size"))
            let countOffset = reader.at
            let count = Int(try reader.u16(bytes, "SPI count"))
            let present = spiSize > 0 ? min(count, reader.remaining / spiSize) : 0
            let start = reader.at
            for _ in 0..<min(present, Self.mostSPIs) { _ = try reader.bytes("SPI", count: spiSize) }
            if present > Self.mostSPIs {
                _ = try reader.bytes("more SPIs", count: (present - Self.mostSPIs) * spiSize)
            }
            spiBytes = bytes.copy(start..<reader.at)
            if present != count {
                problem = DecodeError(.unexpected(UInt64(count)), at: countOffset, field: "SPI count")
            } else if !reader.isAtEnd {
                problem = DecodeError(.trailingBytes(reader.remaining), at: reader.at, field: "end")
            }
            _ = reader.remainder("not decoded")
        }
    }
}
