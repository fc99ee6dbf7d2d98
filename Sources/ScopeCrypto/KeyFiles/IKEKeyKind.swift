/// Which key of an IKE SA a secret is; the raw value is its member's name in `ikescope.keys/1`.
package enum IKEKeyKind: String, Hashable, CaseIterable {
    /// SKEYID and what follows from it (RFC 2409 section 5).
    case skeyid
    case skeyidD = "skeyid_d"
    case skeyidA = "skeyid_a"
    case skeyidE = "skeyid_e"
    /// Ka, the key of the cipher (RFC 2409 appendix B).
    case cipherKey = "encryption_key"
    /// The keys of an IKEv2 SA (RFC 7296 section 2.14).
    case skD = "sk_d"
    case skAI = "sk_ai"
    case skAR = "sk_ar"
    case skEI = "sk_ei"
    case skER = "sk_er"
    case skPI = "sk_pi"
    case skPR = "sk_pr"
    /// The key that an EAP method agreed on, which AUTH is made with (RFC 7296 section 2.16).
    case eapMSK = "eap_msk"

    /// The version of IKE that has such a key.
    package var version: Int {
        switch self {
        case .skeyid, .skeyidD, .skeyidA, .skeyidE, .cipherKey: 1
        case .skD, .skAI, .skAR, .skEI, .skER, .skPI, .skPR, .eapMSK: 2
        }
    }

    /// As the RFCs write it.
    package var name: String {
        switch self {
        case .skeyid: "SKEYID"
        case .skeyidD: "SKEYID_d"
        case .skeyidA: "SKEYID_a"
        case .skeyidE: "SKEYID_e"
        case .cipherKey: "cipher key"
        case .skD: "SK_d"
        case .skAI: "SK_ai"
        case .skAR: "SK_ar"
        case .skEI: "SK_ei"
        case .skER: "SK_er"
        case .skPI: "SK_pi"
        case .skPR: "SK_pr"
        case .eapMSK: "MSK"
        }
    }
}
