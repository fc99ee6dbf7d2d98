import ScopeDissect
import ScopeModel
import ScopeSAD
import ScopeWire

/// The words of the views of IKEv2; what the router has none for is told by its usual name.
enum IKEv2Words {
    /// `Encr: AES-CBC, keysize: 256, PRF: SHA256, Hash: SHA256, DH Grp:14`; as the router has it before anything is agreed on.
    static func algorithms(_ suite: IKESuite?) -> String {
        guard let suite else { return "Encr: Unknown - 0, PRF: Unknown - 0, Hash: None, DH Grp:0" }
        let function = suite.prf.map { prf($0) } ?? "?"
        let group = suite.group.map { "\($0.rawValue)" } ?? "0"
        return "Encr: \(encryption(suite)), PRF: \(function), Hash: \(integrity(suite.integrity)), DH Grp:\(group)"
    }

    private static func encryption(_ suite: IKESuite) -> String {
        cipher(suite.cipher, suite.keyLength) ?? SuiteText.text(.cipher, of: suite) ?? "?"
    }

    /// `Encr: AES-CBC, keysize: 256, esp_hmac: SHA256`, of ESP.
    static func algorithms(_ suite: ChildSuite) -> String {
        let encryption = cipher(suite.cipher, suite.keyLength) ?? SuiteText.text(.cipher, of: suite) ?? "?"
        return "Encr: \(encryption), esp_hmac: \(integrity(suite.integrity))"
    }

    private static func cipher(_ cipher: Cipher?, _ keyLength: UInt16?) -> String? {
        let word: String? =
            switch cipher {
            case .des: "DES"
            case .tripleDES: "3DES"
            case .aesCBC: "AES-CBC"
            case .aesGCM8, .aesGCM12, .aesGCM16: "AES-GCM"
            case .null: "NULL"
            default: nil
            }
        return word.map { $0 + (keyLength.map { ", keysize: \($0)" } ?? "") }
    }

    private static func prf(_ prf: PRF) -> String {
        switch prf {
        case .hmac(.md5): "MD5"
        case .hmac(.sha1): "SHA1"
        case .hmac(.sha256): "SHA256"
        case .hmac(.sha384): "SHA384"
        case .hmac(.sha512): "SHA512"
        case .aesXCBC: "AES-XCBC"
        case .aesCMAC: "AES-CMAC"
        default: prf.ikev2.map { IKEv2.TransformID.name(of: $0, type: .prf) ?? "PRF \($0)" } ?? "?"
        }
    }

    /// `SHA256`, `SHA96` of SHA-1, `None` where the cipher does it.
    static func integrity(_ integrity: Integrity?) -> String {
        switch integrity {
        case nil, Integrity.none?: "None"
        case .hmacMD5?: "MD596"
        case .hmacSHA1?: "SHA96"
        case .hmacSHA256?: "SHA256"
        case .hmacSHA384?: "SHA384"
        case .hmacSHA512?: "SHA512"
        case .aesXCBC?: "AES-XCBC"
        case .aesCMAC?: "AES-CMAC"
        case let other?: other.ikev2.map { IKEv2.TransformID.name(of: $0, type: .integrity) ?? "\($0)" } ?? "?"
        }
    }

    /// How a side proves itself; as the router has it before that.
    static func authentication(_ side: IKEv2Traits.Side?) -> String {
        if side?.usesEAP ?? false { return "EAP" }
        guard let method = side?.method else { return "Unknown - 0" }
        switch method {
        case .sharedKey: return "PSK"
        case .rsaSignature: return "RSA"
        case .dssSignature: return "DSS"
        case .ecdsa256, .ecdsa384, .ecdsa521: return "ECDSA"
        case .null: return "NULL"
        case .digitalSignature:
            switch side?.signature {
            case .rsaPKCS1?, .rsaPSS?: return "RSA"
            case .ecdsa?: return "ECDSA"
            case .ed25519?: return "Ed25519"
            case .ed448?: return "Ed448"
            case .dsa?: return "DSS"
            case .other?, nil: return "?"
            }
        default: return "Unknown - \(method.rawValue)"
        }
    }

    /// The key exchanges that a quantum computer does not break, `ML-KEM-768`; nil where there is none.
    static func kems(_ groups: [DHGroup]) -> String? {
        let names = groups.filter(\.isKEM).compactMap { DHGroup.names[$0] }
        return names.isEmpty ? nil : names.joined(separator: ", ")
    }

    /// 16 digits, as the router writes an SPI of IKE.
    static func spi(_ spi: UInt64) -> String {
        let digits = String(spi, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 16 - digits.utf8.count)) + digits
    }
}

extension DHGroup {
    /// ML-KEM (draft-ietf-ipsecme-ikev2-mlkem).
    var isKEM: Bool { (35...37).contains(rawValue) }
}
