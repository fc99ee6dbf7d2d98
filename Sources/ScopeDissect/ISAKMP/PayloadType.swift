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
    public static let natDiscovery = PayloadType(rawValue: 20)
    public static let natOriginalAddress = PayloadType(rawValue: 21)
    public static let natDiscoveryDraft = PayloadType(rawValue: 130)
    public static let natOriginalAddressDraft = PayloadType(rawValue: 131)
    public static let fragment = PayloadType(rawValue: 132)

    /// The short names of product.md, IKEv1 then IKEv2.
    public static let names: [PayloadType: String] = [
        .none: "NONE", .sa: "SA", .proposal: "P", .transform: "T", .keyExchange: "KE", .identification: "ID",
        .certificate: "CERT", .certificateRequest: "CR", .hash: "HASH", .signature: "SIG", .nonce: "NONCE",
        .notification: "N", .delete: "D", .vendorID: "VID", .attributes: "CFG",
        .natDiscovery: "NAT-D", .natOriginalAddress: "NAT-OA",
        .natDiscoveryDraft: "NAT-D", .natOriginalAddressDraft: "NAT-OA", .fragment: "FRAG",
    ]
}
