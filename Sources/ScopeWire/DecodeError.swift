/// The reason why a structure could not be decoded, and the exact place.
public struct DecodeError: Error, Hashable, Sendable {
    public enum Reason: Hashable, Sendable {
        /// A field needs more bytes than are left before the bound that `limit` set.
        case truncated(needed: Int, available: Int, limit: LengthSource)
        /// A length field that contradicts the structure it stands in.
        case badLength(Int)
        /// Bytes left over inside a structure whose length field promised none.
        case trailingBytes(Int)
        /// More elements or nesting than a well-meant packet can have; the number is the limit.
        case limitExceeded(Int)
        /// A field that must have one value (a version, a magic number) has another.
        case unexpected(UInt64)
        /// A range whose end lies before its beginning.
        case reversedRange
        /// A required part is absent.
        case missing
        /// A value without a meaning, because something that has to come before it is absent.
        case outOfPlace
    }

    public var reason: Reason
    /// Bytes from the start of the buffer that was read: the frame, the message, or the plaintext once decrypted.
    public var offset: Int
    /// Outermost first: `["SA", "proposal 1", "transform count"]`.
    public private(set) var path: [String]

    public init(_ reason: Reason, at offset: Int, field: StaticString) {
        self.reason = reason
        self.offset = offset
        path = ["\(field)"]
    }

    /// The capture ends here, and the packet does not: nothing is wrong with it.
    public var isOfCapture: Bool {
        if case .truncated(_, _, .capture) = reason { true } else { false }
    }

    /// The same error with the name of the surrounding structure before its path.
    public func enclosed(in structure: String) -> DecodeError {
        var outer = self
        outer.path.insert(structure, at: 0)
        return outer
    }
}

/// The kind of bound that a reader ran into.
public enum LengthSource: String, Hashable, Sendable {
    case file, capture, link, ip, udp, tcp, message, payload, plaintext
}

extension DecodeError: CustomStringConvertible {
    /// One line: path, what is wrong, offset.
    public var description: String {
        let what =
            switch reason {
            case .truncated(let needed, let available, let limit):
                "needs \(needed) bytes, \(available) left in the \(limit.rawValue)"
            case .badLength(let length): "bad length \(length)"
            case .trailingBytes(let count): "\(count) bytes left over"
            case .limitExceeded(let limit): "more than \(limit)"
            case .unexpected(let value): "unexpected value \(value)"
            case .reversedRange: "the range ends before it begins"
            case .missing: "is missing"
            case .outOfPlace: "comes before what gives it a meaning"
            }
        return "\(path.joined(separator: ", ")): \(what) (offset \(offset))"
    }
}
