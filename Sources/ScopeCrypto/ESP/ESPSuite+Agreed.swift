import ScopeDissect
import ScopeModel

/// Why the algorithms of a suite cannot be used, in words.
package struct UnsupportedSuite: Error, Hashable {
    package var problem: String
}

extension ESPSuite {
    /// The algorithms that an ESP or AH SA agreed on, and the bytes of the cipher's key, salt included.
    ///
    /// - Parameter user: what encrypts with them, in the words of a refusal.
    package static func agreed(
        _ child: ChildSuite, for user: String = "ESP"
    ) throws(UnsupportedSuite) -> (suite: ESPSuite, keyLength: Int) {
        if child.protocolID == .ah {
            return (ESPSuite(encryption: .null, integrity: try authentication(child), usesESN: child.hasESN), 0)
        }
        let integrity = try integrity(child.integrity)
        let (encryption, usual) = try encryption(child.cipher, for: user)
        var bare = usual
        if let bits = child.keyLength {
            guard bits % 8 == 0, bits <= 4096 else {
                throw UnsupportedSuite(problem: "\(encryption.name) with a key of \(bits) bits is not supported")
            }
            bare = Int(bits) / 8
        }
        let length = bare + encryption.saltLength
        guard encryption.problem(keyLength: length) == nil else {
            throw UnsupportedSuite(problem: "\(encryption.name) with a key of \(bare * 8) bits is not supported")
        }
        // An algorithm that authenticates by itself has no other (RFC 4106 section 8.2).
        let own = encryption.tagLength == nil ? integrity : .none
        var suite = ESPSuite(encryption: encryption, integrity: own, usesESN: child.hasESN)
        suite.usesImplicitIV = child.cipher?.hasImplicitIV ?? false
        return (suite, length)
    }

    /// With the usual key length in bytes, salt not counted.
    private static func encryption(
        _ cipher: Cipher?, for user: String
    ) throws(UnsupportedSuite) -> (ESPEncryption, Int) {
        switch cipher {
        case .des: return (.cbc(.des), 8)
        case .tripleDES: return (.cbc(.tripleDES), 24)
        case .cast: return (.cbc(.cast), 16)
        case .blowfish: return (.cbc(.blowfish), 16)
        case .null: return (.null, 0)
        case .aesCBC: return (.cbc(.aes), 16)
        case .aesCTR: return (.aesCTR, 16)
        case .aesCCM8: return (.aesCCM(8), 16)
        case .aesCCM12: return (.aesCCM(12), 16)
        case .aesCCM16: return (.aesCCM(16), 16)
        case .aesGCM8: return (.aesGCM(8), 16)
        case .aesGCM12: return (.aesGCM(12), 16)
        case .aesGCM16: return (.aesGCM(16), 16)
        case .camelliaCBC: return (.cbc(.camellia), 16)
        case .nullWithGMAC: return (.aesGMAC, 16)
        case .chaCha20Poly1305, .chaCha20Poly1305ImplicitIV: return (.chaCha20Poly1305, 32)
        case .aesGCM16ImplicitIV: return (.aesGCM(16), 16)
        case .aesCCM8ImplicitIV: return (.aesCCM(8), 16)
        case .camelliaCTR: return (.camelliaCTR, 16)
        default: throw UnsupportedSuite(problem: "\(user) with \(name(cipher)) is not supported")
        }
    }

    private static func name(_ cipher: Cipher?) -> String {
        switch cipher {
        case .desIV64: "DES_IV64"
        case .rc5: "RC5"
        case .idea: "IDEA"
        case .tripleIDEA: "3IDEA"
        case .desIV32: "DES_IV32"
        case .rc4: "RC4"
        case .seed: "SEED-CBC"
        case .serpent: "Serpent"
        case .twofish: "Twofish"
        case .camelliaCCM8, .camelliaCCM12, .camelliaCCM16: "Camellia-CCM"
        default: "transform \(cipher?.esp ?? cipher?.ikev2 ?? 0)"
        }
    }

    /// By the attribute of AH's transform, else by the transform itself (RFC 2407 section 4.4.3).
    private static func authentication(_ child: ChildSuite) throws(UnsupportedSuite) -> ESPIntegrity {
        if let attribute = child.integrity, attribute != .none {
            if let known = gmac(attribute) { return known }
            return try integrity(attribute)
        }
        let transform = child.transformOfAH ?? .none
        if let known = gmac(transform) ?? plain(transform) { return known }
        let name: String =
            switch transform {
            case .desMAC: "DES-MAC"
            case .hmacRIPEMD: "HMAC-RIPEMD"
            case .rsa: "RSA signatures"
            default: "transform \(transform.ah ?? 0)"
            }
        throw UnsupportedSuite(problem: "AH with \(name) is not supported")
    }

    /// AES-GMAC of AH (RFC 4543 section 9).
    private static func gmac(_ integrity: Integrity) -> ESPIntegrity? {
        switch integrity {
        case .aes128GMAC: .aesGMAC(keyLength: 20)
        case .aes192GMAC: .aesGMAC(keyLength: 28)
        case .aes256GMAC: .aesGMAC(keyLength: 36)
        default: nil
        }
    }

    private static func plain(_ integrity: Integrity) -> ESPIntegrity? {
        switch integrity {
        case .hmacMD5: .hmac(.md5, length: 12)
        case .hmacSHA1: .hmac(.sha1, length: 12)
        case .hmacSHA256: .hmac(.sha256, length: 16)
        case .hmacSHA384: .hmac(.sha384, length: 24)
        case .hmacSHA512: .hmac(.sha512, length: 32)
        case .aesXCBC: .aesXCBC
        case .aesCMAC: .aesCMAC
        case .hmacMD5Whole: .hmac(.md5, length: 16)
        case .hmacSHA1Whole: .hmac(.sha1, length: 20)
        default: nil
        }
    }

    private static func integrity(_ integrity: Integrity?) throws(UnsupportedSuite) -> ESPIntegrity {
        guard let integrity, integrity != .none else { return .none }
        if let known = plain(integrity) { return known }
        let name: String =
            switch integrity {
            case .desMAC: "DES-MAC"
            case .kpdk: "KPDK"
            case .hmacRIPEMD: "HMAC-RIPEMD"
            case .rsa: "RSA signatures"
            case .aes128GMAC: "AES-128-GMAC"
            case .aes192GMAC: "AES-192-GMAC"
            case .aes256GMAC: "AES-256-GMAC"
            default: "algorithm \(integrity.ikev1 ?? 0)"
            }
        throw UnsupportedSuite(problem: "authentication with \(name) is not supported")
    }
}

extension Cipher {
    /// Its IV is the sequence number (RFC 8750).
    fileprivate var hasImplicitIV: Bool {
        self == .aesGCM16ImplicitIV || self == .aesCCM8ImplicitIV || self == .chaCha20Poly1305ImplicitIV
    }
}
