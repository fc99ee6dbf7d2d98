import ScopeWire

/// A Transform payload (RFC 2408 section 3.6): attributes in wire order.
///
///     |  0 (last) / 3 |   RESERVED    |       Transform Length        |  4
///     |  Transform #  |  Transform-Id |           RESERVED2           |  4
///     ~                          Attributes                           ~
public struct Transform: Hashable, Sendable {
    public var number: UInt8
    /// What it means depends on the proposal's protocol: `TransformID.name(of:protocol:)`.
    public var id: UInt8
    public var attributes: [Attribute]

    public init(number: UInt8, id: UInt8, attributes: [Attribute]) {
        self.number = number
        self.id = id
        self.attributes = attributes
    }

    /// The value of the first attribute of `type`, when it fits 64 bits.
    public func value(_ type: UInt16) -> UInt64? { attributes.first { $0.type == type }?.number }

    static func list(
        reading reader: inout ByteReader, _ bytes: RawSpan, protocolID: SecurityProtocol, problem: inout DecodeError?
    ) -> [Transform] {
        NestedPayloads.read(&reader, bytes, kind: .transform, problem: &problem) {
            (inner, bytes, problem) throws(DecodeError) in
            let number = try inner.u8(bytes, "number")
            let id = try inner.u8(bytes, "transform ID")
            inner.recorder?.interpret(.code(UInt64(id), TransformID.name(of: id, protocol: protocolID)))
            _ = try inner.u16(bytes, "reserved")
            let start = inner.at
            let context: AttributeContext = protocolID == .isakmp ? .phase1 : .phase2
            let attributes = Attribute.list(reading: &inner, bytes, in: context, problem: &problem)
            if problem == nil, hasStrayDuration(attributes, protocolID) {
                problem = DecodeError(.outOfPlace, at: start, field: "Life-Duration")
            }
            return Transform(number: number, id: id, attributes: attributes)
        }
    }

    /// A duration counts in the unit of the life type before it (RFC 2409 appendix A, RFC 2407 section 4.5).
    private static func hasStrayDuration(_ attributes: [Attribute], _ protocolID: SecurityProtocol) -> Bool {
        let (type, duration): (UInt16, UInt16) = protocolID == .isakmp ? (11, 12) : (1, 2)
        var hasType = false
        for attribute in attributes {
            if attribute.type == type { hasType = true }
            guard attribute.type == duration else { continue }
            if !hasType { return true }
            hasType = false
        }
        return false
    }
}

/// Payloads inside an SA payload: proposals, and transforms inside them, each saying whether another follows.
enum NestedPayloads {
    /// More of one kind than this are not kept: their numbers and counts have one byte.
    static let most = 256

    /// Reads up to the bound.
    ///
    /// A last mark or a length that contradicts the bytes is noted once, in `problem`; what still decodes is kept.
    static func read<Value>(
        _ reader: inout ByteReader, _ bytes: RawSpan, kind: PayloadType, problem: inout DecodeError?,
        _ body: (inout ByteReader, RawSpan, inout DecodeError?) throws(DecodeError) -> Value
    ) -> [Value] {
        let word: StaticString = kind == .proposal ? "proposal" : "transform"
        var values: [Value] = []
        while !reader.isAtEnd {
            guard values.count < most else {
                if problem == nil { problem = DecodeError(.limitExceeded(most), at: reader.at, field: word) }
                _ = reader.remainder("not decoded")
                break
            }
            let start = reader.at
            var inner: DecodeError?
            reader.recorder?.open("\(word)", from: start)
            do throws(DecodeError) {
                let next: PayloadType = try reader.code(bytes, "next payload")
                _ = try reader.u8(bytes, "reserved")
                let length = Int(try reader.u16(bytes, "length"))
                guard length >= 8 else { throw DecodeError(.badLength(length), at: start + 2, field: "length") }
                if length - 4 > reader.remaining {
                    inner = DecodeError(
                        .truncated(needed: length - 4, available: reader.remaining, limit: .payload),
                        at: start + 2, field: "length")
                }
                var nested = try reader.sub("body", count: min(length - 4, reader.remaining), limit: .payload)
                // Where the body does not decode to its end, the rest is still shown.
                defer { _ = nested.remainder("not decoded") }
                values.append(try body(&nested, bytes, &inner))
                if inner == nil, (next == kind) == reader.isAtEnd {
                    inner = DecodeError(.unexpected(UInt64(next.rawValue)), at: start, field: "next payload")
                }
                reader.recorder?.close(at: reader.at, error: inner)
            } catch {
                inner = inner ?? error
                reader.recorder?.close(at: reader.at, error: error)
                _ = reader.remainder("not decoded")
            }
            if problem == nil { problem = inner?.enclosed(in: "\(word) \(values.count)") }
        }
        return values
    }
}
