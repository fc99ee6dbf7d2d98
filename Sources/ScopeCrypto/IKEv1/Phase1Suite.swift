import ScopeDissect
import ScopeModel

/// What phase 1 agreed on, as far as its keys are concerned.
struct Phase1Suite: Hashable {
    var hash: Digest
    var cipher: CBCCipher
    /// Bytes of the cipher key.
    var keyLength: Int
    var authentication: Authentication
    var group: UInt16?

    enum Authentication: Hashable {
        case preSharedKey
        case signature
        /// Encryption with the peer's public key: SKEYID needs nonces that only the private keys reveal.
        case publicKey
        case unknown(UInt16)
    }

    init(_ agreed: IKESuite) throws(UnsupportedSuite) {
        guard let hash = agreed.hash.flatMap(Digest.init) else {
            let name: String =
                switch agreed.hash {
                case .tiger: "Tiger"
                case .sm3: "SM3"
                default: "\(agreed.hash?.ikev1 ?? 0)"
                }
            throw UnsupportedSuite(problem: "its hash algorithm \(name) is not supported")
        }
        self.hash = hash
        cipher = try Self.cipher(agreed.cipher)
        keyLength = cipher.defaultKeyLength
        if let bits = agreed.keyLength, cipher != .des, cipher != .tripleDES {
            guard bits % 8 == 0, bits <= 4096, cipher.allows(keyLength: Int(bits) / 8) else {
                throw UnsupportedSuite(problem: "its cipher \(cipher.rawValue) takes no key of \(bits) bits")
            }
            keyLength = Int(bits) / 8
        }
        group = agreed.group?.rawValue
        authentication = Self.authentication(agreed.authentication)
    }

    var cipherName: String { cipher.name(keyLength: keyLength) }

    private static func cipher(_ cipher: Cipher?) throws(UnsupportedSuite) -> CBCCipher {
        switch cipher {
        case .des: return .des
        case .blowfish: return .blowfish
        case .tripleDES: return .tripleDES
        case .cast: return .cast
        case .aesCBC: return .aes
        case .camelliaCBC: return .camellia
        default:
            let name: String =
                switch cipher {
                case .idea: "IDEA-CBC"
                case .rc5: "RC5-CBC"
                case .sm1: "SM1-CBC"
                case .sm4, .other(127): "SM4-CBC"
                case .serpent: "Serpent"
                case .twofish: "Twofish"
                default: "\(cipher?.ikev1 ?? 0)"
                }
            throw UnsupportedSuite(problem: "its cipher \(name) is not supported")
        }
    }

    /// XAUTH and hybrid methods derive SKEYID as the method that they extend.
    private static func authentication(_ method: AuthenticationMethod?) -> Authentication {
        guard let method else { return .unknown(0) }
        if method.usesPSK { return .preSharedKey }
        if method.usesSignatures { return .signature }
        return method.usesEncryption ? .publicKey : .unknown(method.ikev1 ?? 0)
    }
}
