import ScopeDissect

/// What phase 1 agreed on, as far as keys are concerned (RFC 2409 appendix A).
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
        case unknown(UInt64)
    }

    init(_ transform: Transform) throws(UnsupportedSuite) {
        let hashNumber = transform.value(2) ?? 0
        guard let hash = Digest(phase1: UInt16(truncatingIfNeeded: hashNumber)) else {
            let names: [UInt64: String] = [3: "Tiger", 20: "SM3"]
            throw UnsupportedSuite(
                problem: "its hash algorithm \(names[hashNumber] ?? String(hashNumber)) is not supported")
        }
        self.hash = hash
        let cipherNumber = transform.value(1) ?? 0
        switch cipherNumber {
        case 1: cipher = .des
        case 3: cipher = .blowfish
        case 5: cipher = .tripleDES
        case 6: cipher = .cast
        case 7: cipher = .aes
        case 8: cipher = .camellia
        default:
            let names: [UInt64: String] = [
                2: "IDEA-CBC", 4: "RC5-CBC", 127: "SM4-CBC", 128: "SM1-CBC", 129: "SM4-CBC", 65004: "Serpent",
                65005: "Twofish",
            ]
            throw UnsupportedSuite(
                problem: "its cipher \(names[cipherNumber] ?? String(cipherNumber)) is not supported")
        }
        keyLength = cipher.defaultKeyLength
        if let bits = transform.value(14), cipher != .des, cipher != .tripleDES {
            guard bits % 8 == 0, bits <= 4096, cipher.allows(keyLength: Int(bits) / 8) else {
                throw UnsupportedSuite(problem: "its cipher \(cipher.rawValue) takes no key of \(bits) bits")
            }
            keyLength = Int(bits) / 8
        }
        group = transform.value(4).flatMap { UInt16(exactly: $0) }
        authentication = Self.authentication(transform.value(3) ?? 0)
    }

    var cipherName: String { cipher.name(keyLength: keyLength) }

    /// XAUTH and hybrid methods derive SKEYID as the method that they extend.
    private static func authentication(_ number: UInt64) -> Authentication {
        switch number {
        case 1, 65001, 65002: .preSharedKey
        case 2, 3, 9, 10, 11, 64221, 64222, 64223, 64224, 65003, 65004, 65005, 65006: .signature
        case 4, 5, 65007, 65008, 65009, 65010: .publicKey
        default: .unknown(number)
        }
    }
}
