import ScopeWire

/// The address family before a packet on a BSD loopback, in the byte order of the machine that captured it
/// (LINKTYPE_NULL), or big-endian (LINKTYPE_LOOP).
struct LoopbackHeader: WireHeader {
    static let title = "Loopback"
    /// True for AF_INET, and for AF_INET6 of Linux, NetBSD and OpenBSD, FreeBSD, and Darwin.
    var isIP: Bool

    init(reading reader: inout ByteReader, _ bytes: RawSpan) throws(DecodeError) {
        let family = try reader.u32(bytes, "address family")
        let value = family & 0xffff_0000 != 0 ? family.byteSwapped : family
        if let recorder = reader.recorder { recorder.interpret(.number(UInt64(value))) }
        switch value {
        case 2, 10, 24, 28, 30: isIP = true
        default: isIP = false
        }
    }
}
