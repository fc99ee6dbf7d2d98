import Foundation
import ScopeDissect
import ScopeModel
import TestSupport

@testable import ScopeCrypto

/// What the key files of the lab say of IKEv2 SAs, by the path of their folder.
struct IKEv2LabKeys: Decodable {
    struct Stage: Decodable {
        var stage: Int
        var formula: String?
        var shared: String?
        var addke_shared: [String]?
        var ke_method: Int?
        var ppk: String?
        var SKEYSEED: String?
        var SK_d: String
        var SK_ai: String?
        var SK_ar: String?
        var SK_ei: String
        var SK_er: String
        var SK_pi: String
        var SK_pr: String
        var intauth: IntAuth?
    }

    struct IntAuth: Decodable {
        var IntAuth_i: String
        var IntAuth_r: String
    }

    struct Auth: Decodable {
        struct Side: Decodable {
            var signed_octets_sha256: String?
            var AUTH: String?
        }
        var i: Side?
        var r: Side?
    }

    struct IKE: Decodable {
        var version: Int
        var seen_by: [String]?
        var spi_i: String?
        var spi_r: String?
        var prf: String?
        var enc_alg: String?
        var enc_key_len: Int?
        var integ_alg: String?
        var dh_group: String?
        var proposal: String?
        var nonce_i: String?
        var nonce_r: String?
        var ke_i: String?
        var ke_r: String?
        var dh_shared: String?
        var dh_private_i: String?
        var dh_private_r: String?
        var psk: String?
        var eap_msk: String?
        var rekeyed_from: String?
        var resumed_from: String?
        var SKEYSEED: String?
        var SK_d: String?
        var SK_ai: String?
        var SK_ar: String?
        var SK_ei: String?
        var SK_er: String?
        var SK_pi: String?
        var SK_pr: String?
        var SK_d_before_ppk: String?
        var SK_pi_before_ppk: String?
        var SK_pr_before_ppk: String?
        var stages: [Stage]?
        var auth: Auth?
    }

    struct SA: Decodable {
        var proto: String
        var spi: String
        var enc_alg: String?
        var enc_key: String?
        var auth_alg: String?
        var auth_key: String?
        var key_role: String?
        var keymat_seed: String?
        var pfs_dh_shared: String?
        var addke_shared: [String]?
        var esn: Bool?
    }

    struct SecretRow: Decodable {
        var secret: String?
        var ppk_id: String?
        var secret_hex: String?
    }

    struct Tables: Decodable { var ikev2_decryption_table: [String]? }

    var secrets: [SecretRow]?
    var wireshark: Tables?
    var ike: [IKE]
    var sas: [SA]?

    static func load(_ folder: String) -> IKEv2LabKeys? {
        guard let bytes = Shared.path("\(folder)/keys.json").flatMap(Shared.bytes) else { return nil }
        return try? JSONDecoder().decode(IKEv2LabKeys.self, from: Data(bytes))
    }

    /// The folders of the labs that hold keys of IKEv2 SAs.
    static let folders: [String] = ["captures/lab", "captures/lab-v2"].flatMap { top in
        Shared.list(top).filter { $0.first?.isNumber == true && !$0.contains(".") }.map { "\(top)/\($0)" }
            .filter { folder in
                Shared.names(inFolder: Shared.root + "/../shared/" + folder).contains("keys.json")
            }
    }
}

extension IKEv2LabKeys.IKE {
    /// The words of charon and of the builder for algorithms.
    static let prfs: [String: PRF] = [
        "MD5": .hmac(.md5), "SHA1": .hmac(.sha1), "SHA2_256": .hmac(.sha256), "SHA2_384": .hmac(.sha384),
        "SHA2_512": .hmac(.sha512), "AES128_XCBC": .aesXCBC, "AES_XCBC": .aesXCBC, "AES128_CMAC": .aesCMAC,
        "AES_CMAC": .aesCMAC,
    ]
    static let ciphers: [String: Cipher] = [
        "AES_CBC": .aesCBC, "AES_CTR": .aesCTR, "AES_GCM_8": .aesGCM8, "AES_GCM_12": .aesGCM12,
        "AES_GCM_16": .aesGCM16, "AES_CCM_8": .aesCCM8, "AES_CCM_12": .aesCCM12, "AES_CCM_16": .aesCCM16,
        "CHACHA20_POLY1305": .chaCha20Poly1305, "3DES_CBC": .tripleDES, "DES_CBC": .des,
        "CAMELLIA_CBC": .camelliaCBC, "NULL": .null,
    ]
    static let integrities: [String: Integrity] = [
        "HMAC_MD5_96": .hmacMD5, "HMAC_SHA1_96": .hmacSHA1, "HMAC_SHA2_256_128": .hmacSHA256,
        "HMAC_SHA2_384_192": .hmacSHA384, "HMAC_SHA2_512_256": .hmacSHA512, "AES_XCBC_96": .aesXCBC,
        "AES_CMAC_96": .aesCMAC,
    ]
    static let groups: [String: UInt16] = [
        "MODP_768": 1, "MODP_1024": 2, "MODP_1536": 5, "MODP_2048": 14, "MODP_3072": 15, "MODP_4096": 16,
        "MODP_6144": 17, "MODP_8192": 18, "ECP_256": 19, "ECP_384": 20, "ECP_521": 21, "CURVE_25519": 31,
        "CURVE_448": 32, "MODP_1024_160": 22, "MODP_2048_256": 24, "ECP_256_BP": 28, "ECP_384_BP": 29,
        "ECP_512_BP": 30,
    ]

    /// What was agreed on, in the values of the model; nil where a word is not among those above.
    var agreed: IKESuite? {
        guard let prf = prf.flatMap({ Self.prfs[$0] }), let cipher = enc_alg.flatMap({ Self.ciphers[$0] }) else {
            return nil
        }
        var suite = IKESuite()
        suite.prf = prf
        suite.cipher = cipher
        suite.integrity = integ_alg.flatMap { Self.integrities[$0] }
        suite.group = dh_group.flatMap { Self.groups[$0] }.map { DHGroup(rawValue: $0) }
        if cipher != .tripleDES, cipher != .des, cipher != .chaCha20Poly1305, let enc_key_len {
            let salt = cipher.isAEAD || cipher == .aesCTR ? enc_key_len % 8 : 0
            suite.keyLength = UInt16((enc_key_len - salt) * 8)
        }
        return suite
    }
}
