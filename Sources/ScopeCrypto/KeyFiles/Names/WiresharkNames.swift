/// The algorithms by the names that Wireshark's tables have for them; what stands in brackets behind a name is an RFC.
enum WiresharkNames {
    /// Of `esp_sa`; `integrity` decides the length of the ICV where the older name leaves it open.
    static func encryption(_ name: String, _ integrity: ESPIntegrity) -> ESPEncryption? {
        let bare = bare(name)
        if bare == "AES-GCM", case .unknown(let length) = integrity, length == 8 || length == 12 {
            return .aesGCM(length)
        }
        if bare == "AES-GCM" { return .aesGCM(16) }
        return encryptions.first { Self.bare($0.name) == bare }?.algorithm
    }

    static func integrity(_ name: String) -> ESPIntegrity? {
        integrities.first { bare($0.name) == bare(name) }?.algorithm
    }

    /// The name in `esp_sa`; nil where Wireshark has none.
    static func name(_ algorithm: ESPEncryption) -> String? {
        encryptions.first { $0.algorithm == algorithm && $0.isWritten }?.name
    }

    static func name(_ algorithm: ESPIntegrity) -> String? { integrities.first { $0.algorithm == algorithm }?.name }

    private static func bare(_ name: String) -> String {
        let end = name.firstIndex(of: "[") ?? name.endIndex
        return String(name[..<end].uppercased().split(separator: " ").joined(separator: " "))
    }

    /// `isWritten` is false for what the releases that are about refuse, with the whole table.
    private static let encryptions: [(name: String, algorithm: ESPEncryption, isWritten: Bool)] = [
        ("NULL", .null, true), ("DES-CBC [RFC2405]", .cbc(.des), true),
        ("TripleDES-CBC [RFC2451]", .cbc(.tripleDES), true), ("AES-CBC [RFC3602]", .cbc(.aes), true),
        ("AES-CTR [RFC3686]", .aesCTR, true), ("BLOWFISH-CBC [RFC2451]", .cbc(.blowfish), true),
        ("CAST5-CBC [RFC2144]", .cbc(.cast), true), ("AES-GCM with 8 octet ICV [RFC4106]", .aesGCM(8), true),
        ("AES-GCM with 12 octet ICV [RFC4106]", .aesGCM(12), true),
        ("AES-GCM with 16 octet ICV [RFC4106]", .aesGCM(16), true),
        ("ChaCha20 with Poly1305 [RFC7634]", .chaCha20Poly1305, false),
    ]

    private static let integrities: [(name: String, algorithm: ESPIntegrity)] = [
        ("NULL", .none), ("HMAC-MD5-96 [RFC2403]", .hmac(.md5, length: 12)),
        ("HMAC-SHA-1-96 [RFC2404]", .hmac(.sha1, length: 12)),
        ("HMAC-SHA-256-96 [draft-ietf-ipsec-ciph-sha-256-00]", .hmac(.sha256, length: 12)),
        ("HMAC-SHA-256-128 [RFC4868]", .hmac(.sha256, length: 16)),
        ("HMAC-SHA-384-192 [RFC4868]", .hmac(.sha384, length: 24)),
        ("HMAC-SHA-512-256 [RFC4868]", .hmac(.sha512, length: 32)),
        ("ANY 64 bit authentication [no checking]", .unknown(length: 8)),
        ("ANY 96 bit authentication [no checking]", .unknown(length: 12)),
        ("ANY 128 bit authentication [no checking]", .unknown(length: 16)),
        ("ANY 192 bit authentication [no checking]", .unknown(length: 24)),
        ("ANY 256 bit authentication [no checking]", .unknown(length: 32)),
        // Nothing here can check it; its length is what matters.
        ("MAC-RIPEMD-160-96 [RFC2857]", .unknown(length: 12)),
    ]

    // MARK: Of ikev2_decryption_table

    /// The cipher of an IKEv2 SA; its key length is the key's.
    static func ikeEncryption(_ name: String) -> ESPEncryption? {
        let bare = bare(name)
        switch bare {
        case "NULL": return .null
        case "3DES": return .cbc(.tripleDES)
        default: break
        }
        for bits in ["128", "192", "256"] {
            if bare == "AES-CBC-\(bits)" { return .cbc(.aes) }
            if bare == "AES-CTR-\(bits)" { return .aesCTR }
            for length in [8, 12, 16] {
                if bare == "AES-GCM-\(bits) WITH \(length) OCTET ICV" { return .aesGCM(length) }
                if bare == "AES-CCM-\(bits) WITH \(length) OCTET ICV" { return .aesCCM(length) }
            }
        }
        return nil
    }

    /// The same the other way; nil where Wireshark has no name.
    static func ikeName(_ algorithm: ESPEncryption, keyLength: Int) -> String? {
        let bits = (keyLength - algorithm.saltLength) * 8
        return switch algorithm {
        case .null: "NULL [RFC2410]"
        case .cbc(.tripleDES): "3DES [RFC2451]"
        case .cbc(.aes): "AES-CBC-\(bits) [RFC3602]"
        case .aesCTR: "AES-CTR-\(bits) [RFC5930]"
        case .aesGCM(let length): "AES-GCM-\(bits) with \(length) octet ICV [RFC5282]"
        case .aesCCM(let length): "AES-CCM-\(bits) with \(length) octet ICV [RFC5282]"
        default: nil
        }
    }

    static func ikeIntegrity(_ name: String) -> ESPIntegrity? {
        ikeIntegrities.first { bare($0.name) == bare(name) }?.algorithm
    }

    static func ikeName(_ algorithm: ESPIntegrity) -> String? {
        ikeIntegrities.first { $0.algorithm == algorithm }?.name
    }

    private static let ikeIntegrities: [(name: String, algorithm: ESPIntegrity)] = [
        ("NONE [RFC4306]", .none), ("HMAC_MD5_96 [RFC2403]", .hmac(.md5, length: 12)),
        ("HMAC_SHA1_96 [RFC2404]", .hmac(.sha1, length: 12)),
        ("HMAC_SHA2_256_96 [draft-ietf-ipsec-ciph-sha-256-00]", .hmac(.sha256, length: 12)),
        ("HMAC_SHA2_256_128 [RFC4868]", .hmac(.sha256, length: 16)),
        ("HMAC_SHA2_384_192 [RFC4868]", .hmac(.sha384, length: 24)),
        ("HMAC_SHA2_512_256 [RFC4868]", .hmac(.sha512, length: 32)),
    ]
}
