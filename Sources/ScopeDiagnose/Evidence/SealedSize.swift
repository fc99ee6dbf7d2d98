import ScopeDissect
import ScopeModel

/// How many bytes of payloads an encrypted message of IKEv2 can hold, by its length alone (RFC 7296 section 3.14).
///
///     header 28 | SK header 4 | IV | payloads | padding | pad length 1 | ICV
struct SealedSize {
    /// The least and the most.
    let payloads: ClosedRange<Int>

    /// - Parameters:
    ///   - length: of the message, or of all its pieces together.
    ///   - pieces: how many there are; 1 for a whole message.
    ///   - suite: what the IKE SA agreed on; nil where that was not seen, so that any suite is possible.
    init(length: Int, pieces: Int = 1, suite: IKESuite?) {
        let head = pieces > 1 ? 36 : 32
        guard let cipher = suite?.cipher else {
            // The IV has 0 to 16 bytes, the ICV 8 to 32, the padding up to 15.
            let most = max(length - pieces * (head + 9), 0)
            payloads = max(0, length - pieces * (head + 64))...most
            return
        }
        let (iv, icv) = (Self.ivLength(cipher), Self.icvLength(cipher, suite?.integrity))
        let most = max(length - pieces * (head + iv + icv + 1), 0)
        payloads = max(0, most - pieces * (cipher.blockLength - 1))...most
    }

    /// As long as a message that holds nothing, one notification, or the Delete of the IKE SA: these may look alike.
    var isShort: Bool { payloads.lowerBound <= Self.notification }

    /// There is room for so many bytes.
    func mayHold(_ count: Int) -> Bool { payloads.upperBound >= count }

    /// A notification without SPI and data, and the Delete of an IKE SA.
    static let notification = 8

    /// SA, TSi and TSr of the smallest answer that makes a child: one cipher with a key length, one selector of IPv4 a side
    /// (RFC 7296 sections 3.3 and 3.13).
    static let child = 28 + 24 + 24

    /// AUTH of a shared key, which is as long as the PRF's output (RFC 7296 section 2.15).
    static func authentication(_ suite: IKESuite?) -> Int { 8 + (suite?.hash?.digestLength ?? 16) }

    /// CBC has an IV as long as its block, everything else eight bytes or none (RFC 3602, RFC 4106, RFC 5282).
    private static func ivLength(_ cipher: Cipher) -> Int {
        switch cipher {
        case .null, .rc4, .aesCCM8ImplicitIV, .aesGCM16ImplicitIV, .chaCha20Poly1305ImplicitIV: 0
        default: max(cipher.blockLength, 8)
        }
    }

    private static func icvLength(_ cipher: Cipher, _ integrity: Integrity?) -> Int {
        switch cipher {
        case .aesCCM8, .aesGCM8, .camelliaCCM8, .aesCCM8ImplicitIV: return 8
        case .aesCCM12, .aesGCM12, .camelliaCCM12: return 12
        default: if cipher.isAEAD { return 16 }
        }
        switch integrity {
        case .none?, nil: return 0
        case .hmacMD5Whole, .hmacSHA256, .aes128GMAC, .aes192GMAC, .aes256GMAC: return 16
        case .hmacSHA1Whole: return 20
        case .hmacSHA384: return 24
        case .hmacSHA512: return 32
        default: return 12
        }
    }
}
