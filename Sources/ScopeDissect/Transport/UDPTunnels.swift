import ScopeWire

/// GTP-U (3GPP TS 29.281 section 5.1).
struct GTPUHeader: WireHeader {
    static let title = "GTP-U"
    /// True for a G-PDU, which carries a user's packet.
    var carriesPacket: Bool

    init(reading reader: inout ByteReader, _ bytes: RawSpan) throws(DecodeError) {
        let start = reader.at
        let flags = try reader.u8(bytes, "flags")
        guard flags & 0xf0 == 0x30 else {
            throw DecodeError(.unexpected(UInt64(flags >> 4)), at: start, field: "version and protocol type")
        }
        carriesPacket = try reader.u8(bytes, "message type") == 0xff
        // Counts what follows the first eight bytes.
        let length = Int(try reader.u16(bytes, "length"))
        _ = try reader.u32(bytes, "TEID")
        reader.narrow(to: length)
        guard flags & 7 != 0 else { return }
        _ = try reader.u16(bytes, "sequence number")
        _ = try reader.u8(bytes, "N-PDU number")
        var next = try reader.u8(bytes, "next extension header type")
        while next != 0 {
            let lengthAt = reader.at
            let length = Int(try reader.u8(bytes, "extension header length")) * 4
            guard length > 0 else {
                throw DecodeError(.badLength(length), at: lengthAt, field: "extension header length")
            }
            _ = try reader.bytes("extension header", count: length - 2)
            next = try reader.u8(bytes, "next extension header type")
        }
    }
}

/// VXLAN (RFC 7348 section 5).
struct VXLANHeader: WireHeader {
    static let title = "VXLAN"
    /// The flag that says the network identifier is valid, which every sender sets.
    var isValid: Bool

    init(reading reader: inout ByteReader, _ bytes: RawSpan) throws(DecodeError) {
        isValid = try reader.u8(bytes, "flags") & 0x08 != 0
        _ = try reader.bytes("reserved", count: 3)
        let identifier = try reader.u32(bytes, "network identifier")
        if let recorder = reader.recorder { recorder.interpret(note: "VNI \(identifier >> 8)") }
    }
}

extension Dissection {
    /// Goes into the packet inside GTP-U or VXLAN; false when these ports carry something else.
    mutating func udpTunnel(_ header: UDPHeader, _ reader: ByteReader, _ bytes: RawSpan) -> Bool {
        switch (header.sourcePort, header.destinationPort) {
        // A NAT may have picked any port for the other side of IKE.
        case (500, _), (4500, _), (_, 500), (_, 4500):
            false
        case (2152, _), (_, 2152):
            tunnelled(reader) { dissection, reader throws(DecodeError) in
                dissection.layers.push(.gtpU)
                guard try reader.header(bytes, as: GTPUHeader.self).carriesPacket else { return false }
                return try dissection.ip(&reader, bytes)
            }
        // 8472 is what Linux used before the number was assigned, and still does unless told otherwise.
        case (_, 4789), (_, 8472):
            tunnelled(reader) { dissection, reader throws(DecodeError) in
                dissection.layers.push(.vxlan)
                guard try reader.header(bytes, as: VXLANHeader.self).isValid else { return false }
                return try dissection.ethernet(&reader, bytes)
            }
        default:
            false
        }
    }
}
