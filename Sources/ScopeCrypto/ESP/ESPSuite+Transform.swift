import ScopeDissect

/// Why the algorithms of a transform cannot be used, in words.
package struct UnsupportedSuite: Error, Hashable {
    package var problem: String
}

extension ESPSuite {
    /// The suite that an ESP or AH transform of Quick Mode agrees on (RFC 2407 sections 4.4.3 to 4.5).
    package static func agreed(
        _ transform: Transform, isAH: Bool
    ) throws(UnsupportedSuite) -> (suite: ESPSuite, keyLength: Int) {
        let usesESN = transform.value(11) == 1
        if isAH {
            let integrity = try authentication(transform.id, transform.value(5))
            return (ESPSuite(encryption: .null, integrity: integrity, usesESN: usesESN), 0)
        }
        let integrity = try integrity(transform.value(5))
        let (encryption, usual) = try encryption(transform.id)
        var bare = usual
        if let bits = transform.value(6) {
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
        return (ESPSuite(encryption: encryption, integrity: own, usesESN: usesESN), length)
    }

    /// By the ESP transform ids of the IPsec DOI, with the usual key length in bytes, salt not counted.
    private static func encryption(_ id: UInt8) throws(UnsupportedSuite) -> (ESPEncryption, Int) {
        switch id {
        case 2: return (.cbc(.des), 8)
        case 3: return (.cbc(.tripleDES), 24)
        case 6: return (.cbc(.cast), 16)
        case 7: return (.cbc(.blowfish), 16)
        case 11: return (.null, 0)
        case 12: return (.cbc(.aes), 16)
        case 13: return (.aesCTR, 16)
        case 14: return (.aesCCM(8), 16)
        case 15: return (.aesCCM(12), 16)
        case 16: return (.aesCCM(16), 16)
        case 18: return (.aesGCM(8), 16)
        case 19: return (.aesGCM(12), 16)
        case 20: return (.aesGCM(16), 16)
        case 22: return (.cbc(.camellia), 16)
        case 23: return (.aesGMAC, 16)
        default: throw UnsupportedSuite(problem: "ESP with \(names[id] ?? "transform \(id)") is not supported")
        }
    }

    private static let names: [UInt8: String] = [
        1: "DES_IV64", 4: "RC5", 5: "IDEA", 8: "3IDEA", 9: "DES_IV32", 10: "RC4", 21: "SEED-CBC", 252: "Serpent",
        253: "Twofish",
    ]

    /// By the AH transform id, and the attribute that goes with it (RFC 2407 section 4.4.3).
    private static func authentication(_ id: UInt8, _ attribute: UInt64?) throws(UnsupportedSuite) -> ESPIntegrity {
        if let attribute, attribute != 0 {
            if let gmac = gmac(attribute) { return gmac }
            return try integrity(attribute)
        }
        if let gmac = gmac(UInt64(id)) { return gmac }
        switch id {
        case 2: return .hmac(.md5, length: 12)
        case 3: return .hmac(.sha1, length: 12)
        case 5: return .hmac(.sha256, length: 16)
        case 6: return .hmac(.sha384, length: 24)
        case 7: return .hmac(.sha512, length: 32)
        case 9: return .aesXCBC
        default:
            let names: [UInt8: String] = [
                4: "DES-MAC", 8: "HMAC-RIPEMD", 10: "RSA signatures",
            ]
            throw UnsupportedSuite(problem: "AH with \(names[id] ?? "transform \(id)") is not supported")
        }
    }

    /// AES-GMAC of AH, which has the same number as a transform and as an attribute (RFC 4543 section 9).
    private static func gmac(_ number: UInt64) -> ESPIntegrity? {
        switch number {
        case 11: .aesGMAC(keyLength: 20)
        case 12: .aesGMAC(keyLength: 28)
        case 13: .aesGMAC(keyLength: 36)
        default: nil
        }
    }

    /// By the Authentication-Algorithm attribute.
    private static func integrity(_ value: UInt64?) throws(UnsupportedSuite) -> ESPIntegrity {
        switch value {
        case nil, 0: return .none
        case 1: return .hmac(.md5, length: 12)
        case 2: return .hmac(.sha1, length: 12)
        case 5: return .hmac(.sha256, length: 16)
        case 6: return .hmac(.sha384, length: 24)
        case 7: return .hmac(.sha512, length: 32)
        case 9: return .aesXCBC
        case let value?:
            let known: [UInt64: String] = [
                3: "DES-MAC", 4: "KPDK", 8: "HMAC-RIPEMD", 10: "RSA signatures", 11: "AES-128-GMAC", 12: "AES-192-GMAC",
                13: "AES-256-GMAC",
            ]
            throw UnsupportedSuite(
                problem: "authentication with \(known[value] ?? "algorithm \(value)") is not supported")
        }
    }
}
