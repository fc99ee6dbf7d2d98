import ScopeWire

struct EthernetHeader: WireHeader {
    static let title = "Ethernet"
    /// An EtherType, or the frame's length when it is below 0x600 (IEEE 802.3).
    var type: EtherType

    init(reading reader: inout ByteReader, _ bytes: RawSpan) throws(DecodeError) {
        _ = try reader.bytes("destination", count: 6)
        _ = try reader.bytes("source", count: 6)
        type = try reader.code(bytes, "type")
    }
}

/// An IEEE 802.1Q tag, from the tag control information on.
struct VLANTag: WireHeader {
    static let title = "VLAN"
    var type: EtherType

    init(reading reader: inout ByteReader, _ bytes: RawSpan) throws(DecodeError) {
        let control = try reader.u16(bytes, "tag control")
        if let recorder = reader.recorder {
            recorder.interpret(note: "VLAN \(control & 0x0fff), priority \(control >> 13)")
        }
        type = try reader.code(bytes, "type")
    }
}

/// IEEE 802.2 LLC, with SNAP (RFC 1042) behind it when both access points say so.
struct LLCHeader: WireHeader {
    static let title = "LLC"
    /// Nil when it carries nothing that has an EtherType.
    var type: EtherType?

    init(reading reader: inout ByteReader, _ bytes: RawSpan) throws(DecodeError) {
        let destination = try reader.u8(bytes, "DSAP")
        let source = try reader.u8(bytes, "SSAP")
        // Only unnumbered information frames carry packets.
        guard try reader.u8(bytes, "control") == 3 else { return }
        switch (destination, source) {
        case (0x06, 0x06):
            type = .ipv4
        case (0xaa, 0xaa):
            _ = try reader.bytes("organization", count: 3)
            type = try reader.code(bytes, "type", as: EtherType.self)
        default:
            break
        }
    }
}

extension Dissection {
    mutating func ethernet(_ reader: inout ByteReader, _ bytes: RawSpan) throws(DecodeError) -> Bool {
        layers.push(.ethernet)
        let type = try reader.header(bytes, as: EthernetHeader.self).type
        if type.rawValue < EtherType.smallest { return try llc(length: type.rawValue, &reader, bytes) }
        return try etherType(type, &reader, bytes)
    }

    /// An 802.3 payload; `length` is what the length field says, nil when there is none.
    mutating func llc(
        length: UInt16?, _ reader: inout ByteReader, _ bytes: RawSpan
    ) throws(DecodeError) -> Bool {
        if let length { reader.narrow(to: Int(length)) }
        // Novell's raw 802.3 has no LLC header: IPX follows at once, with a checksum of all ones.
        guard reader.remaining >= 3, reader.peek16(bytes) != 0xffff else { return false }
        guard let type = try reader.header(bytes, as: LLCHeader.self).type else { return false }
        return try etherType(type, &reader, bytes)
    }
}
