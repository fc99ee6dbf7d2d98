import ScopeWire

/// One packet of a capture file, its bytes given as offsets into the window it was read from.
///
/// It is plain numbers, so that making one allocates nothing.
@frozen public struct CaptureRecord: Sendable {
    /// Bytes of the whole record in the file: the next one begins behind them.
    public var length: Int
    public var data: Range<Int>
    public var time: Instant
    /// Index into the decoder's `interfaces`.
    public var interface: Int
    public var linkType: LinkType
    /// Bytes on the wire.
    public var originalLength: Int
    /// Whether the packet has comments: `CaptureDecoder.comment` holds them until the next step.
    public var isCommented = false
    /// Packets that the capturing system lost between this one and the one before.
    public var lost: UInt64 = 0
}

/// The item at a place of a capture file.
@frozen public enum CaptureStep: Sendable {
    /// So many bytes from the place must be in the window before the item can be read.
    case needs(Int)
    case packet(CaptureRecord)
    /// A record of so many bytes that is no packet.
    case passed(Int)
    /// A record of so many bytes that is no packet, but that Wireshark counts among the frames.
    case counted(Int)
    /// The file says that packets were lost, in a record of `length` bytes.
    case lost(UInt64, length: Int)
}
