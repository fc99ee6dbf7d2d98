import ScopeWire

/// RFC 8200 section 3.
struct IPv6Header: WireHeader {
    static let title = "IPv6"
    static let length = 40

    /// Bytes behind this header; 0 in a jumbogram and where the network card was to fill it in.
    var payloadLength: Int
    var nextHeader: IPProtocol
    var hopLimit: UInt8
    var source: IPAddress
    var destination: IPAddress

    init(reading reader: inout ByteReader, _ bytes: RawSpan) throws(DecodeError) {
        let start = reader.at
        let first = try reader.u32(bytes, "version, traffic class and flow label")
        guard first >> 28 == 6 else { throw DecodeError(.unexpected(UInt64(first >> 28)), at: start, field: "version") }
        payloadLength = Int(try reader.u16(bytes, "payload length"))
        nextHeader = try reader.code(bytes, "next header")
        hopLimit = try reader.u8(bytes, "hop limit")
        source = try reader.ipv6(bytes, "source")
        destination = try reader.ipv6(bytes, "destination")
    }
}

/// Hop-by-hop options, routing and destination options: the headers that say their own length in 8-byte units
/// (RFC 8200 sections 4.3, 4.4, 4.6).
struct IPv6ExtensionHeader: WireHeader {
    static let title = "IPv6 extension header"
    var nextHeader: IPProtocol

    init(reading reader: inout ByteReader, _ bytes: RawSpan) throws(DecodeError) {
        nextHeader = try reader.code(bytes, "next header")
        let length = (Int(try reader.u8(bytes, "header length")) + 1) * 8
        _ = try reader.bytes("options", count: length - 2)
    }

    static func covers(_ type: IPProtocol) -> Bool {
        type == .hopByHop || type == .routing || type == .destinationOptions
    }
}

/// RFC 8200 section 4.5.
struct IPv6FragmentHeader: WireHeader {
    static let title = "IPv6 fragment"
    var nextHeader: IPProtocol
    /// In bytes.
    var offset: Int
    var moreFragments: Bool
    var identification: UInt32

    /// Both ends of the packet at once: RFC 6946.
    var isAtomic: Bool { offset == 0 && !moreFragments }

    init(reading reader: inout ByteReader, _ bytes: RawSpan) throws(DecodeError) {
        nextHeader = try reader.code(bytes, "next header")
        _ = try reader.u8(bytes, "reserved")
        let field = try reader.u16(bytes, "offset and flags")
        offset = Int(field & 0xfff8)
        moreFragments = field & 1 != 0
        if let recorder = reader.recorder {
            recorder.interpret(note: "\(moreFragments ? "more fragments, " : "")offset \(offset)")
        }
        identification = try reader.u32(bytes, "identification")
    }
}
