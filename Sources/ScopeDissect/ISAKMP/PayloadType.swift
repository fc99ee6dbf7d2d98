import ScopeWire

/// Payload types of both versions (RFC 2408 section 3.1, RFC 7296 section 3.2, and what vendors added).
public struct PayloadType: CodePoint {
    public let rawValue: UInt8
    @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

    @inlinable public static var none: PayloadType { PayloadType(rawValue: 0) }
    @inlinable public static var sa: PayloadType { PayloadType(rawValue: 1) }
    @inlinable public static var proposal: PayloadType { PayloadType(rawValue: 2) }
    @inlinable public static var transform: PayloadType { PayloadType(rawValue: 3) }
    @inlinable public static var keyExchange: PayloadType { PayloadType(rawValue: 4) }
    @inlinable public static var identification: PayloadType { PayloadType(rawValue: 5) }
    @inlinable public static var certificate: PayloadType { PayloadType(rawValue: 6) }
    @inlinable public static var certificateRequest: PayloadType { PayloadType(rawValue: 7) }
    @inlinable public static var hash: PayloadType { PayloadType(rawValue: 8) }
    @inlinable public static var signature: PayloadType { PayloadType(rawValue: 9) }
    @inlinable public static var nonce: PayloadType { PayloadType(rawValue: 10) }
    @inlinable public static var notification: PayloadType { PayloadType(rawValue: 11) }
    @inlinable public static var delete: PayloadType { PayloadType(rawValue: 12) }
    @inlinable public static var vendorID: PayloadType { PayloadType(rawValue: 13) }
    @inlinable public static var attributes: PayloadType { PayloadType(rawValue: 14) }
    /// GDOI's SA KEK (RFC 6407), and NAT-D in drafts 04 to 08 of NAT traversal: `Payload.content` tells.
    @inlinable public static var saKEK: PayloadType { PayloadType(rawValue: 15) }
    /// GDOI's SA TEK (RFC 6407), and NAT-OA in drafts 04 to 08 of NAT traversal.
    @inlinable public static var saTEK: PayloadType { PayloadType(rawValue: 16) }
    @inlinable public static var keyDownload: PayloadType { PayloadType(rawValue: 17) }
    @inlinable public static var sequenceNumber: PayloadType { PayloadType(rawValue: 18) }
    @inlinable public static var proofOfPossession: PayloadType { PayloadType(rawValue: 19) }
    @inlinable public static var natDiscovery: PayloadType { PayloadType(rawValue: 20) }
    @inlinable public static var natOriginalAddress: PayloadType { PayloadType(rawValue: 21) }
    @inlinable public static var groupAssociatedPolicy: PayloadType { PayloadType(rawValue: 22) }
    @inlinable public static var natDiscoveryDraft: PayloadType { PayloadType(rawValue: 130) }
    @inlinable public static var natOriginalAddressDraft: PayloadType { PayloadType(rawValue: 131) }
    @inlinable public static var fragment: PayloadType { PayloadType(rawValue: 132) }

    @inlinable public static var securityAssociationV2: PayloadType { PayloadType(rawValue: 33) }
    @inlinable public static var keyExchangeV2: PayloadType { PayloadType(rawValue: 34) }
    @inlinable public static var identificationInitiator: PayloadType { PayloadType(rawValue: 35) }
    @inlinable public static var identificationResponder: PayloadType { PayloadType(rawValue: 36) }
    @inlinable public static var certificateV2: PayloadType { PayloadType(rawValue: 37) }
    @inlinable public static var certificateRequestV2: PayloadType { PayloadType(rawValue: 38) }
    @inlinable public static var authentication: PayloadType { PayloadType(rawValue: 39) }
    @inlinable public static var nonceV2: PayloadType { PayloadType(rawValue: 40) }
    @inlinable public static var notify: PayloadType { PayloadType(rawValue: 41) }
    @inlinable public static var deleteV2: PayloadType { PayloadType(rawValue: 42) }
    @inlinable public static var vendorIDV2: PayloadType { PayloadType(rawValue: 43) }
    @inlinable public static var trafficSelectorInitiator: PayloadType { PayloadType(rawValue: 44) }
    @inlinable public static var trafficSelectorResponder: PayloadType { PayloadType(rawValue: 45) }
    @inlinable public static var encrypted: PayloadType { PayloadType(rawValue: 46) }
    @inlinable public static var configuration: PayloadType { PayloadType(rawValue: 47) }
    @inlinable public static var eap: PayloadType { PayloadType(rawValue: 48) }
    /// Of a secure password method (RFC 6467).
    @inlinable public static var passwordMethod: PayloadType { PayloadType(rawValue: 49) }
    @inlinable public static var groupIdentification: PayloadType { PayloadType(rawValue: 50) }
    @inlinable public static var groupAssociation: PayloadType { PayloadType(rawValue: 51) }
    @inlinable public static var keyDownloadV2: PayloadType { PayloadType(rawValue: 52) }
    @inlinable public static var encryptedFragment: PayloadType { PayloadType(rawValue: 53) }
    @inlinable public static var puzzleSolution: PayloadType { PayloadType(rawValue: 54) }

    /// The registry's name: a place in a list, since each payload of each message is asked for it.
    public var name: String? { Self.nameList[Int(rawValue)] }
    private static let nameList = (UInt8.min...UInt8.max).map { names[PayloadType(rawValue: $0)] }

    /// The short names, of IKEv1 first, then of IKEv2.
    public static let names: [PayloadType: String] = [
        .none: "NONE", .sa: "SA", .proposal: "P", .transform: "T", .keyExchange: "KE", .identification: "ID",
        .certificate: "CERT", .certificateRequest: "CR", .hash: "HASH", .signature: "SIG", .nonce: "NONCE",
        .notification: "N", .delete: "D", .vendorID: "VID", .attributes: "CFG",
        .saKEK: "SAK", .saTEK: "SAT", .keyDownload: "KD", .sequenceNumber: "SEQ", .proofOfPossession: "POP",
        .natDiscovery: "NAT-D", .natOriginalAddress: "NAT-OA", .groupAssociatedPolicy: "GAP",
        .natDiscoveryDraft: "NAT-D", .natOriginalAddressDraft: "NAT-OA", .fragment: "FRAG",

        .securityAssociationV2: "SA", .keyExchangeV2: "KE", .identificationInitiator: "IDi",
        .identificationResponder: "IDr", .certificateV2: "CERT", .certificateRequestV2: "CERTREQ",
        .authentication: "AUTH", .nonceV2: "Nonce", .notify: "N", .deleteV2: "D", .vendorIDV2: "V",
        .trafficSelectorInitiator: "TSi", .trafficSelectorResponder: "TSr", .encrypted: "SK",
        .configuration: "CP", .eap: "EAP", .passwordMethod: "GSPM", .groupIdentification: "IDg",
        .groupAssociation: "GSA", .keyDownloadV2: "KD", .encryptedFragment: "SKF",
        .puzzleSolution: "PS",
    ]
}
