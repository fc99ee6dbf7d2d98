import Foundation
import ScopeCrypto
import TestSupport

/// What the key files of the lab say, by scenario.
struct LabKeys: Decodable {
    struct SA: Decodable {
        var proto: String
        var spi: String
        var enc_alg: String?
        var enc_key: String?
        var auth_alg: String?
        var auth_key: String?
        var src: String?
        var dst: String?
        var capture_dst: String?
        var pfs_dh_shared: String?
        var packets: Int?
        var keymat_seed: String?
        var nonces: String?
    }

    struct IKE: Decodable {
        var version: Int
        var cookie_i: String?
        var cookie_r: String?
        var mode: String?
        var hash: String?
        var enc_alg: String?
        var enc_key_len: Int?
        var dh_group: String?
        var ke_i: String?
        var ke_r: String?
        var nonce_i: String?
        var nonce_r: String?
        var psk: String?
        var dh_private_i: String?
        var dh_private_r: String?
        var dh_shared: String?
        var SKEYID: String?
        var SKEYID_d: String?
        var SKEYID_a: String?
        var SKEYID_e: String?
        var enc_key: String?
        var initial_iv: String?
    }

    var ike: [IKE]
    var sas: [SA]

    static func load(_ scenario: String) -> LabKeys? {
        guard let bytes = Shared.path("captures/lab/\(scenario)/keys.json").flatMap(Shared.bytes) else { return nil }
        return try? JSONDecoder().decode(LabKeys.self, from: Data(bytes))
    }
}

func unhex(_ text: String) -> [UInt8] {
    var result: [UInt8] = []
    var digits = text.filter { $0.isHexDigit }[...]
    while digits.count >= 2 {
        result.append(UInt8(digits.prefix(2), radix: 16) ?? 0)
        digits = digits.dropFirst(2)
    }
    return result
}

func hex(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

extension Secret {
    var hex: String { withBytes { ScopeCryptoTests.hex($0) } }
    init(hex text: String) { self.init(copying: unhex(text)) }
}
