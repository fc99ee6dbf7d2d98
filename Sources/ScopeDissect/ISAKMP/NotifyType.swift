import ScopeWire

/// IKEv1 notify message types (RFC 2408 section 3.14.1, RFC 2407 section 4.6.3, RFC 3706 and vendors).
public struct NotifyType: CodePoint {
    public let rawValue: UInt16
    @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

    public static let invalidCookie = NotifyType(rawValue: 4)
    public static let invalidSPI = NotifyType(rawValue: 11)
    public static let noProposalChosen = NotifyType(rawValue: 14)
    public static let payloadMalformed = NotifyType(rawValue: 16)
    public static let invalidIDInformation = NotifyType(rawValue: 18)
    public static let invalidHashInformation = NotifyType(rawValue: 23)
    public static let authenticationFailed = NotifyType(rawValue: 24)
    public static let connected = NotifyType(rawValue: 16384)
    public static let responderLifetime = NotifyType(rawValue: 24576)
    public static let replayStatus = NotifyType(rawValue: 24577)
    public static let initialContact = NotifyType(rawValue: 24578)
    public static let rUThere = NotifyType(rawValue: 36136)
    public static let rUThereAck = NotifyType(rawValue: 36137)
    public static let unityLoadBalance = NotifyType(rawValue: 40501)
    public static let unityGroupHash = NotifyType(rawValue: 40503)

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
