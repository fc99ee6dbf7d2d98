/// The algorithms by the names that strongSwan and libreswan give them in their logs.
enum DaemonNames {
    static func encryption(_ name: String) -> ESPEncryption? { encryptions[bare(name)] }

    static func integrity(_ name: String) -> ESPIntegrity? { integrities[bare(name)] }

    /// Upper case, and without the key length at the end (`AES_CBC_128`), which the key has itself.
    private static func bare(_ name: String) -> String {
        var name = name.uppercased()
        for suffix in ["_128", "_192", "_256"] where name.hasSuffix(suffix) && encryptions[name] == nil {
            let shorter = String(name.dropLast(suffix.count))
            if encryptions[shorter] != nil { name = shorter }
        }
        return name
    }

    private static let encryptions: [String: ESPEncryption] = [
        "NULL": .null, "DES_CBC": .cbc(.des), "DES": .cbc(.des), "3DES_CBC": .cbc(.tripleDES), "3DES": .cbc(.tripleDES),
        "AES_CBC": .cbc(.aes), "AES": .cbc(.aes), "CAMELLIA_CBC": .cbc(.camellia), "BLOWFISH_CBC": .cbc(.blowfish),
        "CAST_CBC": .cbc(.cast), "AES_CTR": .aesCTR, "AES_GCM_8": .aesGCM(8), "AES_GCM_12": .aesGCM(12),
        "AES_GCM_16": .aesGCM(16), "AES_GCM": .aesGCM(16), "AES_GCM_A": .aesGCM(8), "AES_GCM_B": .aesGCM(12),
        "AES_GCM_C": .aesGCM(16), "AES_CCM_8": .aesCCM(8), "AES_CCM_12": .aesCCM(12), "AES_CCM_16": .aesCCM(16),
        "AES_CCM_A": .aesCCM(8), "AES_CCM_B": .aesCCM(12), "AES_CCM_C": .aesCCM(16),
        "CHACHA20_POLY1305": .chaCha20Poly1305, "NULL_AES_GMAC": .aesGMAC, "NULL_AUTH_AES_GMAC": .aesGMAC,
    ]

    private static let integrities: [String: ESPIntegrity] = [
        "NONE": .none, "HMAC_MD5_96": .hmac(.md5, length: 12), "HMAC_MD5": .hmac(.md5, length: 12),
        "HMAC_SHA1_96": .hmac(.sha1, length: 12), "HMAC_SHA1": .hmac(.sha1, length: 12),
        "HMAC_SHA2_256_96": .hmac(.sha256, length: 12), "HMAC_SHA2_256_TRUNCBUG": .hmac(.sha256, length: 12),
        "HMAC_SHA2_256_128": .hmac(.sha256, length: 16), "HMAC_SHA2_256": .hmac(.sha256, length: 16),
        "HMAC_SHA2_384_192": .hmac(.sha384, length: 24), "HMAC_SHA2_384": .hmac(.sha384, length: 24),
        "HMAC_SHA2_512_256": .hmac(.sha512, length: 32), "HMAC_SHA2_512": .hmac(.sha512, length: 32),
        "AES_XCBC_96": .aesXCBC, "AES_CMAC_96": .aesCMAC,
    ]
}
