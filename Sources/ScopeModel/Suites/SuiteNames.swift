/// The names of single algorithms; nil for those that are told by their number.
extension SuiteText {
    /// As a cipher of IKE is called, which names its block mode always.
    static func ikeName(_ cipher: Cipher) -> StaticString? {
        switch cipher {
        case .idea: "IDEA-CBC"
        case .blowfish: "BLOWFISH-CBC"
        case .rc5: "RC5-CBC"
        case .cast: "CAST-CBC"
        default: name(cipher)
        }
    }

    static func name(_ cipher: Cipher) -> StaticString? {
        switch cipher {
        case .des: "DES-CBC"
        case .tripleDES: "3DES-CBC"
        case .rc5: "RC5"
        case .idea: "IDEA"
        case .cast: "CAST"
        case .blowfish: "BLOWFISH"
        case .null: "NULL"
        case .nullWithGMAC: "NULL with AES-GMAC"
        case .aesCBC: "AES-CBC"
        case .aesCTR: "AES-CTR"
        case .aesCCM8: "AES-CCM-8"
        case .aesCCM12: "AES-CCM-12"
        case .aesCCM16: "AES-CCM-16"
        case .aesGCM8: "AES-GCM-8"
        case .aesGCM12: "AES-GCM-12"
        case .aesGCM16: "AES-GCM-16"
        case .camelliaCBC: "CAMELLIA-CBC"
        case .camelliaCTR: "CAMELLIA-CTR"
        case .camelliaCCM8: "CAMELLIA-CCM-8"
        case .camelliaCCM12: "CAMELLIA-CCM-12"
        case .camelliaCCM16: "CAMELLIA-CCM-16"
        case .chaCha20Poly1305: "ChaCha20-Poly1305"
        case .aesCCM8ImplicitIV: "AES-CCM-8 with implicit IV"
        case .aesGCM16ImplicitIV: "AES-GCM-16 with implicit IV"
        case .chaCha20Poly1305ImplicitIV: "ChaCha20-Poly1305 with implicit IV"
        case .desIV64, .tripleIDEA, .desIV32, .rc4, .seed, .sm1, .sm4, .serpent, .twofish, .seal, .other: nil
        }
    }

    static func name(_ integrity: Integrity) -> StaticString? {
        switch integrity {
        case .hmacMD5: "HMAC-MD5"
        case .hmacSHA1: "HMAC-SHA"
        case .desMAC: "DES-MAC"
        case .kpdk: "KPDK"
        case .hmacSHA256: "HMAC-SHA2-256"
        case .hmacSHA384: "HMAC-SHA2-384"
        case .hmacSHA512: "HMAC-SHA2-512"
        case .aesXCBC: "AES-XCBC-MAC"
        case .aesCMAC: "AES-CMAC"
        case .none, .hmacRIPEMD, .hmacMD5Whole, .hmacSHA1Whole, .rsa, .aes128GMAC, .aes192GMAC, .aes256GMAC, .other:
            nil
        }
    }

    /// As the transform of AH is called.
    static func nameOfAH(_ integrity: Integrity) -> StaticString? {
        switch integrity {
        case .hmacMD5: "MD5"
        case .hmacSHA1: "SHA"
        case .hmacSHA256: "SHA2-256"
        case .hmacSHA384: "SHA2-384"
        case .hmacSHA512: "SHA2-512"
        case .aesXCBC: "AES-XCBC"
        default: nil
        }
    }

    static func name(_ hash: Hash) -> StaticString? {
        switch hash {
        case .md5: "MD5"
        case .sha1: "SHA"
        case .tiger: "TIGER"
        case .sha256: "SHA2-256"
        case .sha384: "SHA2-384"
        case .sha512: "SHA2-512"
        case .sm3, .identity, .other: nil
        }
    }

    static func name(_ mode: Encapsulation) -> StaticString? {
        switch mode {
        case .tunnel: "tunnel"
        case .transport: "transport"
        case .tunnelInUDP: "tunnel in UDP"
        case .transportInUDP: "transport in UDP"
        case .tunnelInUDPDraft: "tunnel in UDP (draft)"
        case .transportInUDPDraft: "transport in UDP (draft)"
        case .other: nil
        }
    }

    static func name(_ method: AuthenticationMethod) -> StaticString? {
        switch (method.user?.way, method.credential, method.user?.side) {
        case (nil, .preSharedKey, _): "pre-share"
        case (nil, .dssSignature, _): "DSS signatures"
        case (nil, .rsaSignature, _): "RSA signatures"
        case (nil, .rsaEncryption, _): "RSA encryption"
        case (nil, .revisedRSAEncryption, _): "revised RSA encryption"
        case (nil, .ecdsa256, _): "ECDSA P-256"
        case (nil, .ecdsa384, _): "ECDSA P-384"
        case (nil, .ecdsa521, _): "ECDSA P-521"
        case (.hybrid, .rsaSignature, .initiator): "hybrid RSA (initiator)"
        case (.hybrid, .rsaSignature, .responder): "hybrid RSA (responder)"
        case (.xauth, .preSharedKey, .initiator): "XAUTH and pre-share (initiator)"
        case (.xauth, .preSharedKey, .responder): "XAUTH and pre-share (responder)"
        case (.xauth, .rsaSignature, .initiator): "XAUTH and RSA signatures (initiator)"
        case (.xauth, .rsaSignature, .responder): "XAUTH and RSA signatures (responder)"
        default: nil
        }
    }

    /// For the narrow columns of tables, where the name is long.
    static func shortName(_ method: AuthenticationMethod) -> StaticString? {
        switch (method.user?.way, method.credential, method.user?.side) {
        case (.hybrid, .rsaSignature, .initiator): "hybrid RSA (I)"
        case (.hybrid, .rsaSignature, .responder): "hybrid RSA (R)"
        case (.xauth, .preSharedKey, .initiator): "XAUTH pre-share (I)"
        case (.xauth, .preSharedKey, .responder): "XAUTH pre-share (R)"
        case (.xauth, .rsaSignature, .initiator): "XAUTH RSA (I)"
        case (.xauth, .rsaSignature, .responder): "XAUTH RSA (R)"
        default: nil
        }
    }
}

extension SuiteText {
    /// `HMAC-SHA2-256`, `AES-XCBC`, or the number of a PRF that has no name.
    static func name(_ prf: PRF) -> String {
        switch prf {
        case .hmac(let hash): name(hash).map { "HMAC-\($0)" } ?? "PRF \(prf.ikev2 ?? 0)"
        case .aesXCBC: "AES-XCBC"
        case .aesCMAC: "AES-CMAC"
        case .other(let number): "PRF \(number)"
        }
    }
}
