import ScopeWire

/// One entry of a label stack (RFC 3032 section 2.1).
struct MPLSLabel: WireHeader {
    static let title = "MPLS"
    var isLast: Bool

    init(reading reader: inout ByteReader, _ bytes: RawSpan) throws(DecodeError) {
        let entry = try reader.u32(bytes, "label stack entry")
        if let recorder = reader.recorder { recorder.interpret(note: "label \(entry >> 12), TTL \(entry & 0xff)") }
        isLast = entry & 0x100 != 0
    }
}

/// What may stand between the labels and an Ethernet frame (RFC 4385 section 3).
struct PseudowireControlWord: WireHeader {
    static let title = "Pseudowire"

    init(reading reader: inout ByteReader, _ bytes: RawSpan) throws(DecodeError) {
        _ = try reader.u32(bytes, "control word")
    }
}

extension Dissection {
    mutating func mpls(_ reader: inout ByteReader, _ bytes: RawSpan) throws(DecodeError) -> Bool {
        layers.push(.mpls)
        while try !reader.header(bytes, as: MPLSLabel.self).isLast {}
        // Nothing names what the labels carry: the first nibble of an IP packet is its version, and an Ethernet
        // frame is known by an EtherType that makes sense, with or without a control word before it.
        guard let first = reader.peek(bytes) else { return false }
        if first >> 4 == 4 || first >> 4 == 6 { return try ip(&reader, bytes) }
        if carriesIP(reader.peek16(bytes, ahead: 12)) { return try ethernet(&reader, bytes) }
        guard first >> 4 == 0, carriesIP(reader.peek16(bytes, ahead: 16)) else { return false }
        _ = try reader.header(bytes, as: PseudowireControlWord.self)
        return try ethernet(&reader, bytes)
    }

    private func carriesIP(_ type: UInt16?) -> Bool {
        switch type.map(EtherType.init(rawValue:)) {
        case .ipv4, .ipv6, .vlan, .serviceVLAN, .oldQinQ, .mpls, .pppoeSession: true
        default: false
        }
    }
}
