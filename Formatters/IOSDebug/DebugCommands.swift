/// The debug commands whose lines a transcript holds.
public struct DebugCommands: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// `debug crypto isakmp`.
    public static let isakmp = DebugCommands(rawValue: 1)
    /// `debug crypto ipsec`.
    public static let ipsec = DebugCommands(rawValue: 2)
}
