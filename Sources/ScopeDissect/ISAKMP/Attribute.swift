import ScopeWire

/// A data attribute (RFC 2408 section 3.3).
///
///     |1|       Attribute Type        |        Attribute Value        |  short form
///     |0|       Attribute Type        |       Attribute Length        |  long form, the value follows
public struct Attribute: Hashable, Sendable {
    /// Without the format bit.
    public var type: UInt16
    /// True for the short form (type and 2-byte value), false for type, length and value.
    public var isShort: Bool
    /// The bytes of a value of up to eight, which need no array of their own; 0xff for a longer one.
    private let count: UInt8
    private let small: UInt64
    private let large: [UInt8]?

    public init(type: UInt16, isShort: Bool, value: [UInt8]) {
        self.type = type
        self.isShort = isShort
        if value.count <= 8 {
            count = UInt8(value.count)
            small = UInt64(bytes: value)
            large = nil
        } else {
            (count, small, large) = (0xff, 0, value)
        }
    }

    public var value: [UInt8] {
        if let large { return large }
        return (0..<UInt64(count)).map { UInt8(truncatingIfNeeded: small >> (8 * (UInt64(count) - 1 - $0))) }
    }

    /// Bytes that it holds outside itself.
    public var largeByteCount: Int { large?.count ?? 0 }

    /// The value as a number when it has 1 to 8 bytes.
    public var number: UInt64? { (1...8).contains(count) ? small : nil }

    /// More attributes than this in one list are not kept: no well-meant transform or reply has so many.
    public static let most = 256

    /// Reads attributes up to the bound; the first that does not decode, or is one too many, ends the list and is noted
    /// in `problem`.
    static func list(
        reading reader: inout ByteReader, _ bytes: RawSpan, in context: AttributeContext,
        problem: inout DecodeError?
    ) -> [Attribute] {
        var attributes: [Attribute] = []
        while !reader.isAtEnd {
            guard attributes.count < most else {
                if problem == nil { problem = DecodeError(.limitExceeded(most), at: reader.at, field: "attributes") }
                _ = reader.remainder("not decoded")
                break
            }
            reader.recorder?.open("attribute", from: reader.at)
            do throws(DecodeError) {
                attributes.append(try Attribute(reading: &reader, bytes, in: context))
                reader.recorder?.close(at: reader.at)
            } catch {
                reader.recorder?.close(at: reader.at, error: error)
                if problem == nil { problem = error.enclosed(in: "attribute \(attributes.count + 1)") }
                _ = reader.remainder("not decoded")
            }
        }
        return attributes
    }

    private init(reading reader: inout ByteReader, _ bytes: RawSpan, in context: AttributeContext) throws(DecodeError) {
        let raw = try reader.u16(bytes, "type")
        type = raw & 0x7FFF
        isShort = context.hasShortForm && raw & 0x8000 != 0
        if let recorder = reader.recorder {
            recorder.interpret(.code(UInt64(type), context.name(ofAttribute: type)))
        }
        let count = isShort ? 2 : Int(try reader.u16(bytes, "length"))
        let isSecret = context.isSecret(attribute: type)
        let place = try reader.bytes(isSecret ? "secret" : "value", count: count)
        if count <= 8 {
            var number: UInt64 = 0
            for index in place {
                number = number << 8 | UInt64(bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self))
            }
            (self.count, small, large) = (UInt8(count), number, nil)
        } else {
            (self.count, small, large) = (0xff, 0, bytes.copy(place))
        }
        if let recorder = reader.recorder, count > 0 { recorder.interpret(meaning(in: context)) }
    }
}
