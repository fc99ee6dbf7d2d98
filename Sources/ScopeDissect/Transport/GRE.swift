import ScopeWire

/// RFC 2784 with the key and sequence number of RFC 2890, the routing of RFC 1701, and version 1 (RFC 2637 section 4.1).
struct GREHeader: WireHeader {
    static let title = "GRE"
    var type: EtherType
    /// Version 1 says how long its payload is.
    var payloadLength: Int?

    private struct Flags {
        static let checksum: UInt16 = 0x8000
        static let routing: UInt16 = 0x4000
        static let key: UInt16 = 0x2000
        static let sequence: UInt16 = 0x1000
        static let acknowledgment: UInt16 = 0x0080
    }

    init(reading reader: inout ByteReader, _ bytes: RawSpan) throws(DecodeError) {
        let start = reader.at
        let flags = try reader.u16(bytes, "flags and version")
        type = try reader.code(bytes, "protocol type")
        switch flags & 7 {
        case 0:
            if flags & (Flags.checksum | Flags.routing) != 0 {
                _ = try reader.u16(bytes, "checksum")
                _ = try reader.u16(bytes, "offset")
            }
            if flags & Flags.key != 0 { _ = try reader.u32(bytes, "key") }
            if flags & Flags.sequence != 0 { _ = try reader.u32(bytes, "sequence number") }
            if flags & Flags.routing != 0 { try Self.skipRoutes(&reader, bytes) }
        case 1:
            payloadLength = Int(try reader.u16(bytes, "payload length"))
            _ = try reader.u16(bytes, "call ID")
            if flags & Flags.sequence != 0 { _ = try reader.u32(bytes, "sequence number") }
            if flags & Flags.acknowledgment != 0 { _ = try reader.u32(bytes, "acknowledgment number") }
        default:
            throw DecodeError(.unexpected(UInt64(flags & 7)), at: start, field: "version")
        }
    }

    /// Source route entries up to the empty one.
    private static func skipRoutes(_ reader: inout ByteReader, _ bytes: RawSpan) throws(DecodeError) {
        while true {
            let family = try reader.u16(bytes, "address family")
            _ = try reader.u8(bytes, "route offset")
            let length = Int(try reader.u8(bytes, "route length"))
            if family == 0, length == 0 { return }
            _ = try reader.bytes("route", count: length)
        }
    }
}

extension Dissection {
    mutating func gre(_ reader: ByteReader, _ bytes: RawSpan) -> Bool {
        tunnelled(reader) { dissection, reader throws(DecodeError) in
            dissection.layers.push(.gre)
            let header = try reader.header(bytes, as: GREHeader.self)
            if let length = header.payloadLength { reader.narrow(to: length) }
            return try dissection.etherType(header.type, &reader, bytes)
        }
    }
}
