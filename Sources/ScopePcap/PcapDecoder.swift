import ScopeWire

/// The classic pcap format (draft-ietf-opsawg-pcap): a header of 24 bytes, then records.
///
///     | magic | major minor | zone | accuracy | snaplen | FCS bits, link type |
///     | seconds | fraction | captured length | original length | (8 bytes more when "modified") | data |
public struct PcapDecoder: Sendable {
    public static let headerLength = 24

    public let order: ByteOrder
    public let isNanosecond: Bool
    public let linkType: LinkType
    /// Bytes kept of each packet, as the header says; records may be longer.
    public let snapLength: Int
    private let recordHeaderLength: Int
    private let swapped: SwappedLengths

    /// Writers before version 2.4 put the original length first (2.3 only some of them).
    private enum SwappedLengths { case never, whenLarger, always }

    /// Reads the file header at the start of `window`, which must hold `headerLength` bytes.
    public init(header window: RawSpan) throws(FormatError) {
        guard window.byteCount >= Self.headerLength, let magic = Magic(window) else {
            throw FormatError(.notACapture, at: 0)
        }
        order = magic.order
        isNanosecond = magic.isNanosecond
        recordHeaderLength = magic.isModified ? 24 : 16
        let major = order.u16(window, 4)
        let minor = order.u16(window, 6)
        switch (major, minor) {
        case (2, 0...2), (543, _): swapped = .always
        case (2, 3): swapped = .whenLarger
        case (2, _): swapped = .never
        default: throw FormatError(.unsupportedVersion(major: major, minor: minor), at: 0)
        }
        snapLength = Int(order.u32(window, 16))
        linkType = LinkType(fileField: order.u32(window, 20))
    }

    /// The record at `at`; `offset` is that place in the file.
    public func step(_ window: RawSpan, at: Int, offset: UInt64) throws(FormatError) -> CaptureStep {
        let available = window.byteCount - at
        if available < recordHeaderLength { return .needs(recordHeaderLength) }
        var captured = order.u32(window, at + 8)
        var original = order.u32(window, at + 12)
        if swapped != .never, swapped == .always || captured > original { swap(&captured, &original) }
        if captured > UInt32(CaptureDecoder.longestRecord) {
            throw FormatError(.tooLong(UInt64(captured)), at: offset)
        }
        let length = recordHeaderLength + Int(captured)
        if available < length { return .needs(length) }
        // Two 32-bit fields: neither product nor sum can leave 64 bits.
        let fraction = Int64(order.u32(window, at + 4)) * (isNanosecond ? 1 : 1000)
        let time = Instant(nanoseconds: Int64(order.u32(window, at)) * 1_000_000_000 + fraction)
        let start = at + recordHeaderLength
        return .packet(
            CaptureRecord(
                length: length, data: start..<(at + length), time: time, interface: 0, linkType: linkType,
                originalLength: Int(original)))
    }

    /// The four magic numbers, each in two byte orders.
    struct Magic {
        let order: ByteOrder
        let isNanosecond: Bool
        let isModified: Bool

        init?(_ window: RawSpan) {
            switch ByteOrder.little.u32(window, 0) {
            case 0xa1b2_c3d4: (order, isNanosecond, isModified) = (.little, false, false)
            case 0xd4c3_b2a1: (order, isNanosecond, isModified) = (.big, false, false)
            case 0xa1b2_3c4d: (order, isNanosecond, isModified) = (.little, true, false)
            case 0x4d3c_b2a1: (order, isNanosecond, isModified) = (.big, true, false)
            case 0xa1b2_cd34: (order, isNanosecond, isModified) = (.little, false, true)
            case 0x34cd_b2a1: (order, isNanosecond, isModified) = (.big, false, true)
            default: return nil
            }
        }
    }
}

extension LinkType {
    /// From the 32-bit field of a pcap header, whose upper half tells of frame check sequences; 12 and 14 are
    /// raw IP in files by systems that wrote their own number for it.
    init(fileField field: UInt32) {
        let number = UInt16(truncatingIfNeeded: field)
        self = number == 12 || number == 14 ? .raw : LinkType(rawValue: number)
    }
}
