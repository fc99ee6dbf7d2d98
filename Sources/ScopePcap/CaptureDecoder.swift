import ScopeWire

/// Reads a capture file of either format, a record at a time, from whatever part of it is at hand.
///
/// It does no input: `step` looks at a window of bytes and returns the item at a place in it, or the number of bytes
/// that it needs. The caller moves on by the length of the item.
public struct CaptureDecoder: Sendable {
    /// The longest record or block, in bytes; a greater length is damage, not a packet.
    public static let longestRecord = 16 << 20

    private enum Format { case unknown, pcap(PcapDecoder), pcapng }
    private var format = Format.unknown
    private var pcapInterfaces: [CaptureInterface] = []
    private var pcapng = PcapngDecoder()

    public init() {}

    /// The interfaces described so far.
    public var interfaces: [CaptureInterface] { isPcapng ? pcapng.interfaces : pcapInterfaces }
    /// Comments of pcapng sections.
    public var sectionComments: [String] { pcapng.sectionComments }
    /// All comments of the packet that was returned last, a line each; valid when its record says that it has any.
    public var comment: String { pcapng.comment }
    public var isPcapng: Bool { if case .pcapng = format { true } else { false } }

    /// Returns the item at `at` in `window`, which is byte `offset` of the file.
    public mutating func step(_ window: RawSpan, at: Int, offset: UInt64) throws(FormatError) -> CaptureStep {
        switch format {
        case .pcap(let pcap): return try pcap.step(window, at: at, offset: offset)
        case .pcapng: return try pcapng.step(window, at: at, offset: offset)
        case .unknown: return try begin(window, at: at, offset: offset)
        }
    }

    /// Whether a capture file may begin with `prefix`, which has fewer than four bytes.
    public static func mayBegin(with prefix: RawSpan) -> Bool {
        magics.contains { magic in
            (0..<prefix.byteCount).allSatisfy { $0 < 4 && magic[$0] == byte(prefix, $0) }
        }
    }

    private mutating func begin(_ window: RawSpan, at: Int, offset: UInt64) throws(FormatError) -> CaptureStep {
        let available = window.byteCount - at
        if available < 4 { return .needs(4) }
        let head = window.extracting(at..<window.byteCount)
        if ByteOrder.little.u32(head, 0) == BlockType.section {
            if available < 12 { return .needs(12) }
            format = .pcapng
            return try pcapng.step(window, at: at, offset: offset)
        }
        guard PcapDecoder.Magic(head) != nil else { throw FormatError(.notACapture, at: offset) }
        if available < PcapDecoder.headerLength { return .needs(PcapDecoder.headerLength) }
        let pcap = try PcapDecoder(header: head)
        pcapInterfaces = [CaptureInterface(linkType: pcap.linkType, snapLength: pcap.snapLength)]
        format = .pcap(pcap)
        return .passed(PcapDecoder.headerLength)
    }

    private static func byte(_ bytes: RawSpan, _ at: Int) -> UInt8 {
        bytes.unsafeLoad(fromByteOffset: at, as: UInt8.self)
    }

    private static let magics: [[UInt8]] = [
        [0x0a, 0x0d, 0x0d, 0x0a], [0xa1, 0xb2, 0xc3, 0xd4], [0xd4, 0xc3, 0xb2, 0xa1], [0xa1, 0xb2, 0x3c, 0x4d],
        [0x4d, 0x3c, 0xb2, 0xa1], [0xa1, 0xb2, 0xcd, 0x34], [0x34, 0xcd, 0xb2, 0xa1],
    ]
}
