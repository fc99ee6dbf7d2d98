/// The debug commands whose lines a transcript holds.
public struct DebugCommands: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// `debug crypto isakmp`.
    public static let isakmp = DebugCommands(rawValue: 1)
    /// `debug crypto ipsec`.
    public static let ipsec = DebugCommands(rawValue: 2)
    /// `debug crypto ikev2`.
    public static let ikev2 = DebugCommands(rawValue: 4)

    public static let all: DebugCommands = [.isakmp, .ipsec, .ikev2]
}

/// What `debug crypto ikev2` is told to print beside its plain lines and its errors, which it prints by itself.
public struct IKEv2Details: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// `debug crypto ikev2 packet`: each payload of each message.
    public static let packet = IKEv2Details(rawValue: 1)
    /// `debug crypto ikev2 internal`: the states of each exchange.
    public static let `internal` = IKEv2Details(rawValue: 2)
}
