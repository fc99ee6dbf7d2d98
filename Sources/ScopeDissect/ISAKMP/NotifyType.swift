import ScopeWire

/// IKEv1 notify message types (RFC 2408 section 3.14.1, RFC 2407 section 4.6.3, RFC 3706 and vendors).
public struct NotifyType: CodePoint {
    public let rawValue: UInt16
    @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

    public static let noProposalChosen = NotifyType(rawValue: 14)
    public static let payloadMalformed = NotifyType(rawValue: 16)
    public static let invalidIDInformation = NotifyType(rawValue: 18)
    public static let authenticationFailed = NotifyType(rawValue: 24)
    public static let responderLifetime = NotifyType(rawValue: 24576)
    public static let initialContact = NotifyType(rawValue: 24578)
    public static let rUThere = NotifyType(rawValue: 36136)
    public static let rUThereAck = NotifyType(rawValue: 36137)

    public static let names: [NotifyType: String] = [
        .noProposalChosen: "NO-PROPOSAL-CHOSEN", .payloadMalformed: "PAYLOAD-MALFORMED",
        .invalidIDInformation: "INVALID-ID-INFORMATION", .authenticationFailed: "AUTHENTICATION-FAILED",
        .responderLifetime: "RESPONDER-LIFETIME", .initialContact: "INITIAL-CONTACT",
        .rUThere: "R-U-THERE", .rUThereAck: "R-U-THERE-ACK",
    ]
}
