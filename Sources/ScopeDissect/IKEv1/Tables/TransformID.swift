import ScopeWire

/// Transform ids: their meaning depends on the proposal's protocol (RFC 2407 sections 4.4.2 to 4.4.5 and later).
public enum TransformID {
    /// The registry's name of a transform of `protocolID`; nil for what no registry knows.
    public static func name(of id: UInt8, protocol protocolID: SecurityProtocol) -> String? {
        switch protocolID {
        case .isakmp: id == 1 ? "KEY_IKE" : nil
        case .ah: AHTransform(rawValue: id).name
        case .esp: ESPTransform(rawValue: id).name
        case .ipComp: IPCompTransform(rawValue: id).name
        default: nil
        }
    }
}

/// ESP transforms of IKEv1: 21 to 23 differ from IKEv2's numbers.
public struct ESPTransform: CodePoint {
    public let rawValue: UInt8
    @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

    @inlinable public static var des: ESPTransform { ESPTransform(rawValue: 2) }
    @inlinable public static var tripleDES: ESPTransform { ESPTransform(rawValue: 3) }
    @inlinable public static var cast: ESPTransform { ESPTransform(rawValue: 6) }
    @inlinable public static var blowfish: ESPTransform { ESPTransform(rawValue: 7) }
    @inlinable public static var null: ESPTransform { ESPTransform(rawValue: 11) }
    @inlinable public static var aesCBC: ESPTransform { ESPTransform(rawValue: 12) }
    @inlinable public static var aesCTR: ESPTransform { ESPTransform(rawValue: 13) }
    @inlinable public static var aesCCM8: ESPTransform { ESPTransform(rawValue: 14) }
    @inlinable public static var aesCCM12: ESPTransform { ESPTransform(rawValue: 15) }
    @inlinable public static var aesCCM16: ESPTransform { ESPTransform(rawValue: 16) }
    @inlinable public static var aesGCM8: ESPTransform { ESPTransform(rawValue: 18) }
    @inlinable public static var aesGCM12: ESPTransform { ESPTransform(rawValue: 19) }
    @inlinable public static var aesGCM16: ESPTransform { ESPTransform(rawValue: 20) }
    @inlinable public static var camellia: ESPTransform { ESPTransform(rawValue: 22) }
    @inlinable public static var nullAuthAESGMAC: ESPTransform { ESPTransform(rawValue: 23) }

    public static let names: [ESPTransform: String] = [
        ESPTransform(rawValue: 1): "DES_IV64", .des: "DES", .tripleDES: "3DES", ESPTransform(rawValue: 4): "RC5",
        ESPTransform(rawValue: 5): "IDEA", .cast: "CAST", .blowfish: "BLOWFISH",
        ESPTransform(rawValue: 8): "3IDEA", ESPTransform(rawValue: 9): "DES_IV32", ESPTransform(rawValue: 10): "RC4",
        .null: "NULL", .aesCBC: "AES-CBC", .aesCTR: "AES-CTR", .aesCCM8: "AES-CCM_8", .aesCCM12: "AES-CCM_12",
        .aesCCM16: "AES-CCM_16", .aesGCM8: "AES-GCM_8", .aesGCM12: "AES-GCM_12", .aesGCM16: "AES-GCM_16",
        ESPTransform(rawValue: 21): "SEED_CBC", .camellia: "CAMELLIA", .nullAuthAESGMAC: "NULL_AUTH_AES-GMAC",
        ESPTransform(rawValue: 252): "SERPENT", ESPTransform(rawValue: 253): "TWOFISH",
    ]
}

/// AH transforms of IKEv1.
public struct AHTransform: CodePoint {
    public let rawValue: UInt8
    @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let names: [AHTransform: String] = [
        AHTransform(rawValue: 2): "MD5", AHTransform(rawValue: 3): "SHA", AHTransform(rawValue: 4): "DES",
        AHTransform(rawValue: 5): "SHA2-256", AHTransform(rawValue: 6): "SHA2-384",
        AHTransform(rawValue: 7): "SHA2-512", AHTransform(rawValue: 8): "RIPEMD",
        AHTransform(rawValue: 9): "AES-XCBC-MAC", AHTransform(rawValue: 10): "RSA",
        AHTransform(rawValue: 11): "AES-128-GMAC", AHTransform(rawValue: 12): "AES-192-GMAC",
        AHTransform(rawValue: 13): "AES-256-GMAC",
    ]
}

/// IPComp transforms (RFC 2407 section 4.4.5, RFC 2394, RFC 2395, RFC 3051).
public struct IPCompTransform: CodePoint {
    public let rawValue: UInt8
    @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let names: [IPCompTransform: String] = [
        IPCompTransform(rawValue: 1): "OUI", IPCompTransform(rawValue: 2): "DEFLATE",
        IPCompTransform(rawValue: 3): "LZS", IPCompTransform(rawValue: 4): "LZJH",
    ]
}
