import ScopeWire

/// Payload types of both versions (RFC 2408 section 3.1, RFC 7296 section 3.2, and what vendors added).
public struct PayloadType: CodePoint {
    public let rawValue: UInt8
    @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let none = PayloadType(rawValue: 0)
    public static let sa = PayloadType(rawValue: 1)
    public static let proposal = PayloadType(rawValue: 2)
    public static let transform = PayloadType(rawValue: 3)
    public static let keyExchange = PayloadType(rawValue: 4)
    public static let identification = PayloadType(rawValue: 5)
    public static let certificate = PayloadType(rawValue: 6)
    public static let certificateRequest = PayloadType(rawValue: 7)
    public static let hash = PayloadType(rawValue: 8)
    public static let signature = PayloadType(rawValue: 9)
    public static let nonce = PayloadType(rawValue: 10)
    public static let notification = PayloadType(rawValue: 11)
    public static let delete = PayloadType(rawValue: 12)
    public static let vendorID = PayloadType(rawValue: 13)
    public static let attributes = PayloadType(rawValue: 14)
    /// GDOI's SA KEK (RFC 6407), and NAT-D in drafts 04 to 08 of NAT traversal: `Payload.content` tells.
    public static let saKEK = PayloadType(rawValue: 15)
    /// GDOI's SA TEK (RFC 6407), and NAT-OA in drafts 04 to 08 of NAT traversal.
    public static let saTEK = PayloadType(rawValue: 16)
    public static let keyDownload = PayloadType(rawValue: 17)
    public static let sequenceNumber = PayloadType(rawValue: 18)
    public static let proofOfPossession = PayloadType(rawValue: 19)
    public static let natDiscovery = PayloadType(rawValue: 20)
    public static let natOriginalAddress = PayloadType(rawValue: 21)
    public static let groupAssociatedPolicy = PayloadType(rawValue: 22)
    public static let natDiscoveryDraft = PayloadType(rawValue: 130)
    public static let natOriginalAddressDraft = PayloadType(rawValue: 131)
    public static let fragment = PayloadType(rawValue: 132)

    public static let securityAssociationV2 = PayloadType(rawValue: 33)
    public static let keyExchangeV2 = PayloadType(rawValue: 34)
    public static let identificationInitiator = PayloadType(rawValue: 35)
    public static let identificationResponder = PayloadType(rawValue: 36)
    public static let certificateV2 = PayloadType(rawValue: 37)
    public static let certificateRequestV2 = PayloadType(rawValue: 38)
    public static let authentication = PayloadType(rawValue: 39)
    public static let nonceV2 = PayloadType(rawValue: 40)
    public static let notify = PayloadType(rawValue: 41)
    public static let deleteV2 = PayloadType(rawValue: 42)
    public static let vendorIDV2 = PayloadType(rawValue: 43)
    public static let trafficSelectorInitiator = PayloadType(rawValue: 44)
    public static let trafficSelectorResponder = PayloadType(rawValue: 45)
    public static let encrypted = PayloadType(rawValue: 46)
    public static let configuration = PayloadType(rawValue: 47)
    public static let eap = PayloadType(rawValue: 48)
    public static let encryptedFragment = PayloadType(rawValue: 53)

    /// The short names of product.md, IKEv1 then IKEv2.
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
        .configuration: "CP", .eap: "EAP", PayloadType(rawValue: 49): "GSPM", PayloadType(rawValue: 50): "IDg",
        PayloadType(rawValue: 51): "GSA", PayloadType(rawValue: 52): "KD", .encryptedFragment: "SKF",
        PayloadType(rawValue: 54): "PS",
    ]
}
