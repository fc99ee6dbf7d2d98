import ScopeWire

/// A vendor's IKEv1 fragment (payload 132).
///
///     |          Fragment ID          |    Number     |  Flags, 1 last|  4
///     ~                       Fragment Data                           ~
public struct FragmentPayload: Sendable {
    public var identifier: UInt16
    /// From 1.
    public var number: UInt8
    public var isLast: Bool
    public var data: Range<Int>

    public init(identifier: UInt16, number: UInt8, isLast: Bool, data: Range<Int>) {
        self.identifier = identifier
        self.number = number
        self.isLast = isLast
        self.data = data
    }

    init(reading reader: inout ByteReader, _ bytes: RawSpan) throws(DecodeError) {
        identifier = try reader.u16(bytes, "fragment ID")
        number = try reader.u8(bytes, "fragment number")
        isLast = try reader.u8(bytes, "flags") & 1 != 0
        reader.recorder?.interpret(note: isLast ? "last" : "more follow")
        data = reader.remainder("fragment data")
    }
}
