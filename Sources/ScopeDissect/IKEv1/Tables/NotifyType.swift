import ScopeWire

/// IKEv1 notify message types (RFC 2408 section 3.14.1, RFC 2407 section 4.6.3, RFC 3706 and vendors).
public struct NotifyType: CodePoint {
    public let rawValue: UInt16
    @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

    @inlinable public static var invalidCookie: NotifyType { NotifyType(rawValue: 4) }
    @inlinable public static var invalidSPI: NotifyType { NotifyType(rawValue: 11) }
    @inlinable public static var noProposalChosen: NotifyType { NotifyType(rawValue: 14) }
    @inlinable public static var payloadMalformed: NotifyType { NotifyType(rawValue: 16) }
    @inlinable public static var invalidIDInformation: NotifyType { NotifyType(rawValue: 18) }
    @inlinable public static var invalidHashInformation: NotifyType { NotifyType(rawValue: 23) }
    @inlinable public static var authenticationFailed: NotifyType { NotifyType(rawValue: 24) }
    @inlinable public static var connected: NotifyType { NotifyType(rawValue: 16384) }
    @inlinable public static var responderLifetime: NotifyType { NotifyType(rawValue: 24576) }
    @inlinable public static var replayStatus: NotifyType { NotifyType(rawValue: 24577) }
    @inlinable public static var initialContact: NotifyType { NotifyType(rawValue: 24578) }
    @inlinable public static var rUThere: NotifyType { NotifyType(rawValue: 36136) }
    @inlinable public static var rUThereAck: NotifyType { NotifyType(rawValue: 36137) }
    @inlinable public static var unityLoadBalance: NotifyType { NotifyType(rawValue: 40501) }
    @inlinable public static var unityGroupHash: NotifyType { NotifyType(rawValue: 40503) }

    /// Errors stand below 16384 (RFC 2408 section 3.14.1), status types above.
    public var isError: Bool { rawValue < 16384 }

    public static let names: [NotifyType: String] = [
        NotifyType(rawValue: 1): "INVALID-PAYLOAD-TYPE", NotifyType(rawValue: 2): "DOI-NOT-SUPPORTED",
        NotifyType(rawValue: 3): "SITUATION-NOT-SUPPORTED", .invalidCookie: "INVALID-COOKIE",
        NotifyType(rawValue: 5): "INVALID-MAJOR-VERSION", NotifyType(rawValue: 6): "INVALID-MINOR-VERSION",
        NotifyType(rawValue: 7): "INVALID-EXCHANGE-TYPE", NotifyType(rawValue: 8): "INVALID-FLAGS",
        NotifyType(rawValue: 9): "INVALID-MESSAGE-ID", NotifyType(rawValue: 10): "INVALID-PROTOCOL-ID",
        .invalidSPI: "INVALID-SPI", NotifyType(rawValue: 12): "INVALID-TRANSFORM-ID",
        NotifyType(rawValue: 13): "ATTRIBUTES-NOT-SUPPORTED", .noProposalChosen: "NO-PROPOSAL-CHOSEN",
        NotifyType(rawValue: 15): "BAD-PROPOSAL-SYNTAX", .payloadMalformed: "PAYLOAD-MALFORMED",
        NotifyType(rawValue: 17): "INVALID-KEY-INFORMATION", .invalidIDInformation: "INVALID-ID-INFORMATION",
        NotifyType(rawValue: 19): "INVALID-CERT-ENCODING", NotifyType(rawValue: 20): "INVALID-CERTIFICATE",
        NotifyType(rawValue: 21): "CERT-TYPE-UNSUPPORTED", NotifyType(rawValue: 22): "INVALID-CERT-AUTHORITY",
        .invalidHashInformation: "INVALID-HASH-INFORMATION", .authenticationFailed: "AUTHENTICATION-FAILED",
        NotifyType(rawValue: 25): "INVALID-SIGNATURE", NotifyType(rawValue: 26): "ADDRESS-NOTIFICATION",
        NotifyType(rawValue: 27): "NOTIFY-SA-LIFETIME", NotifyType(rawValue: 28): "CERTIFICATE-UNAVAILABLE",
        NotifyType(rawValue: 29): "UNSUPPORTED-EXCHANGE-TYPE", NotifyType(rawValue: 30): "UNEQUAL-PAYLOAD-LENGTHS",
        NotifyType(rawValue: 12345): "MS-STATUS",

        .connected: "CONNECTED", .responderLifetime: "RESPONDER-LIFETIME", .replayStatus: "REPLAY-STATUS",
        .initialContact: "INITIAL-CONTACT", NotifyType(rawValue: 30000): "CISCO_HELLO",
        NotifyType(rawValue: 30001): "CISCO_WWTEBR", NotifyType(rawValue: 30002): "CISCO_SHUT_UP",
        NotifyType(rawValue: 32768): "IOS_KEEP_ALIVE_REQ", NotifyType(rawValue: 32769): "IOS_KEEP_ALIVE_ACK",
        .rUThere: "R-U-THERE", .rUThereAck: "R-U-THERE-ACK", NotifyType(rawValue: 40001): "NETSCREEN_NHTB_INFORM",
        .unityLoadBalance: "UNITY-LOAD-BALANCE", .unityGroupHash: "UNITY-GROUP-HASH",
    ]
}
