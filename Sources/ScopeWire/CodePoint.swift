/// A number from a protocol registry: the wire may carry any value, the known ones have names.
public protocol CodePoint: RawRepresentable, Hashable, Sendable, CustomStringConvertible
where RawValue: FixedWidthInteger & UnsignedInteger & Sendable {
    /// The registry's name of each known value.
    static var names: [Self: String] { get }
    init(rawValue: RawValue)
}

extension CodePoint {
    /// The registry's name, or nil for a value that no registry knows.
    public var name: String? { Self.names[self] }

    /// `NAME(7)`, so that a number is never lost behind its name; an unknown value is `UNKNOWN(7)`.
    public var description: String { "\(name ?? "UNKNOWN")(\(rawValue))" }
}
