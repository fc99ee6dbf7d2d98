import ScopeWire

extension IKEv2 {
    /// Encryption algorithms; 21 to 23 differ from IKEv1's numbers (RFC 7296 section 3.3.2 and the IANA registry).
    public struct EncryptionTransform: CodePoint {
        public let rawValue: UInt16
        @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

        @inlinable public static var des: Self { Self(rawValue: 2) }
        @inlinable public static var tripleDES: Self { Self(rawValue: 3) }
        @inlinable public static var cast: Self { Self(rawValue: 6) }
        @inlinable public static var blowfish: Self { Self(rawValue: 7) }
        @inlinable public static var null: Self { Self(rawValue: 11) }
        @inlinable public static var aesCBC: Self { Self(rawValue: 12) }
        @inlinable public static var aesCTR: Self { Self(rawValue: 13) }
        @inlinable public static var aesCCM8: Self { Self(rawValue: 14) }
        @inlinable public static var aesCCM12: Self { Self(rawValue: 15) }
        @inlinable public static var aesCCM16: Self { Self(rawValue: 16) }
        @inlinable public static var aesGCM8: Self { Self(rawValue: 18) }
        @inlinable public static var aesGCM12: Self { Self(rawValue: 19) }
        @inlinable public static var aesGCM16: Self { Self(rawValue: 20) }
        @inlinable public static var nullAuthAESGMAC: Self { Self(rawValue: 21) }
        @inlinable public static var camelliaCBC: Self { Self(rawValue: 23) }
        @inlinable public static var camelliaCTR: Self { Self(rawValue: 24) }
        @inlinable public static var camelliaCCM8: Self { Self(rawValue: 25) }
        @inlinable public static var camelliaCCM12: Self { Self(rawValue: 26) }
        @inlinable public static var camelliaCCM16: Self { Self(rawValue: 27) }
        @inlinable public static var chacha20Poly1305: Self { Self(rawValue: 28) }
        @inlinable public static var aesCCM8IIV: Self { Self(rawValue: 29) }
        @inlinable public static var aesGCM16IIV: Self { Self(rawValue: 30) }
        @inlinable public static var chacha20Poly1305IIV: Self { Self(rawValue: 31) }

        public static let names: [Self: String] = [
            .des: "DES",
            .tripleDES: "3DES",
            .cast: "CAST",
            .blowfish: "BLOWFISH",
            .null: "NULL",
            .aesCBC: "AES_CBC",
            .aesCTR: "AES_CTR",
            .aesCCM8: "AES_CCM_8",
            .aesCCM12: "AES_CCM_12",
            .aesCCM16: "AES_CCM_16",
            .aesGCM8: "AES_GCM_8",
            .aesGCM12: "AES_GCM_12",
            .aesGCM16: "AES_GCM_16",
            .nullAuthAESGMAC: "NULL_AUTH_AES_GMAC",
            .camelliaCBC: "CAMELLIA_CBC",
            .camelliaCTR: "CAMELLIA_CTR",
            .camelliaCCM8: "CAMELLIA_CCM_8",
            .camelliaCCM12: "CAMELLIA_CCM_12",
            .camelliaCCM16: "CAMELLIA_CCM_16",
            .chacha20Poly1305: "CHACHA20_POLY1305",
            .aesCCM8IIV: "AES_CCM_8_IIV",
            .aesGCM16IIV: "AES_GCM_16_IIV",
            .chacha20Poly1305IIV: "CHACHA20_POLY1305_IIV",
            Self(rawValue: 1): "DES_IV64",
            Self(rawValue: 4): "RC5",
            Self(rawValue: 5): "IDEA",
            Self(rawValue: 8): "3IDEA",
            Self(rawValue: 9): "DES_IV32",
            Self(rawValue: 32): "KUZNYECHIK_MGM_KTREE",
            Self(rawValue: 33): "MAGMA_MGM_KTREE",
            Self(rawValue: 34): "KUZNYECHIK_MGM_MAC_KTREE",
            Self(rawValue: 35): "MAGMA_MGM_MAC_KTREE",
        ]
    }

    /// Pseudorandom functions (RFC 7296 section 3.3.2, RFC 4434, RFC 4615, RFC 4868, RFC 9385).
    public struct PRFTransform: CodePoint {
        public let rawValue: UInt16
        @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

        @inlinable public static var hmacMD5: Self { Self(rawValue: 1) }
        @inlinable public static var hmacSHA1: Self { Self(rawValue: 2) }
        @inlinable public static var aes128XCBC: Self { Self(rawValue: 4) }
        @inlinable public static var hmacSHA256: Self { Self(rawValue: 5) }
        @inlinable public static var hmacSHA384: Self { Self(rawValue: 6) }
        @inlinable public static var hmacSHA512: Self { Self(rawValue: 7) }
        @inlinable public static var aes128CMAC: Self { Self(rawValue: 8) }

        public static let names: [Self: String] = [
            .hmacMD5: "HMAC_MD5",
            .hmacSHA1: "HMAC_SHA1",
            .aes128XCBC: "AES128_XCBC",
            .hmacSHA256: "HMAC_SHA2_256",
            .hmacSHA384: "HMAC_SHA2_384",
            .hmacSHA512: "HMAC_SHA2_512",
            .aes128CMAC: "AES128_CMAC",
            Self(rawValue: 3): "HMAC_TIGER",
            Self(rawValue: 9): "HMAC_STREEBOG_512",
        ]
    }

    /// Integrity algorithms (RFC 7296 section 3.3.2, RFC 4494, RFC 4543, RFC 4595, RFC 4868).
    public struct IntegrityTransform: CodePoint {
        public let rawValue: UInt16
        @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

        @inlinable public static var none: Self { Self(rawValue: 0) }
        @inlinable public static var hmacMD5: Self { Self(rawValue: 1) }
        @inlinable public static var hmacSHA1: Self { Self(rawValue: 2) }
        @inlinable public static var aesXCBC: Self { Self(rawValue: 5) }
        @inlinable public static var hmacMD5Long: Self { Self(rawValue: 6) }
        @inlinable public static var hmacSHA1Long: Self { Self(rawValue: 7) }
        @inlinable public static var aesCMAC: Self { Self(rawValue: 8) }
        @inlinable public static var aes128GMAC: Self { Self(rawValue: 9) }
        @inlinable public static var aes192GMAC: Self { Self(rawValue: 10) }
        @inlinable public static var aes256GMAC: Self { Self(rawValue: 11) }
        @inlinable public static var hmacSHA256: Self { Self(rawValue: 12) }
        @inlinable public static var hmacSHA384: Self { Self(rawValue: 13) }
        @inlinable public static var hmacSHA512: Self { Self(rawValue: 14) }

        public static let names: [Self: String] = [
            .none: "NONE",
            .hmacMD5: "HMAC_MD5_96",
            .hmacSHA1: "HMAC_SHA1_96",
            .aesXCBC: "AES_XCBC_96",
            .hmacMD5Long: "HMAC_MD5_128",
            .hmacSHA1Long: "HMAC_SHA1_160",
            .aesCMAC: "AES_CMAC_96",
            .aes128GMAC: "AES_128_GMAC",
            .aes192GMAC: "AES_192_GMAC",
            .aes256GMAC: "AES_256_GMAC",
            .hmacSHA256: "HMAC_SHA2_256_128",
            .hmacSHA384: "HMAC_SHA2_384_192",
            .hmacSHA512: "HMAC_SHA2_512_256",
            Self(rawValue: 3): "DES_MAC",
            Self(rawValue: 4): "KPDK_MD5",
        ]
    }

    /// How sequence numbers are sent (RFC 7296 section 3.3.2, where it is ESN, and RFC 9827).
    public struct SequenceNumbersTransform: CodePoint {
        public let rawValue: UInt16
        @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

        @inlinable public static var short: Self { Self(rawValue: 0) }
        @inlinable public static var extended: Self { Self(rawValue: 1) }
        @inlinable public static var unspecified: Self { Self(rawValue: 2) }

        public static let names: [Self: String] = [
            .short: "32-bit sequential",
            .extended: "partially transmitted 64-bit",
            .unspecified: "32-bit unspecified",
        ]
    }

    /// Algorithms that wrap the keys of a group (RFC 9838).
    public struct KeyWrapTransform: CodePoint {
        public let rawValue: UInt16
        @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

        public static let names: [Self: String] = [
            Self(rawValue: 1): "KW_5649_128",
            Self(rawValue: 2): "KW_5649_192",
            Self(rawValue: 3): "KW_5649_256",
            Self(rawValue: 4): "KW_ARX",
        ]
    }

    /// How messages of a group are authenticated (RFC 9838).
    public struct GroupAuthenticationTransform: CodePoint {
        public let rawValue: UInt16
        @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

        public static let names: [Self: String] = [
            Self(rawValue: 1): "IMPLICIT",
            Self(rawValue: 2): "DIGITAL_SIGNATURE",
        ]
    }
}
