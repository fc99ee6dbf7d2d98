import COpenSSL

/// A Diffie-Hellman group of IKE by its number (IANA: Group Description, Transform Type 4).
package protocol KeyExchangeGroup: AnyObject {
    /// Bytes of a KE payload.
    var publicLength: Int { get }
    /// Bytes of the shared secret, leading zeros kept.
    var sharedLength: Int { get }
    /// What a side with `exponent` sends as KE.
    func publicValue(of exponent: Secret) throws(CryptoError) -> [UInt8]
    /// The secret that `exponent` shares with the sender of `peer`.
    func shared(_ exponent: Secret, with peer: [UInt8]) throws(CryptoError) -> Secret
}

/// The groups by number, each built when it is first asked for.
package final class KeyExchangeGroups {
    private var built: [UInt16: any KeyExchangeGroup] = [:]

    package init() {}

    /// All numbers that `group` knows.
    package static let numbers: [UInt16] = [
        1, 2, 5, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32,
    ]

    /// Nil for a number that is not supported here.
    package func group(_ number: UInt16) -> (any KeyExchangeGroup)? {
        if let group = built[number] { return group }
        guard let group = try? Self.make(number) else { return nil }
        built[number] = group
        return group
    }

    /// The groups whose KE payload has `length` bytes, most usual first.
    package func numbers(publicLength length: Int) -> [UInt16] {
        Self.numbers.filter { Self.publicLengths[$0] == length }
    }

    /// Bytes of a KE payload of group `number`; nil for one that is not supported.
    package static func publicLength(_ number: UInt16) -> Int? { publicLengths[number] }

    private static let publicLengths: [UInt16: Int] = [
        1: 96, 2: 128, 5: 192, 14: 256, 15: 384, 16: 512, 17: 768, 18: 1024, 19: 64, 20: 96, 21: 132, 22: 128,
        23: 256, 24: 256, 25: 48, 26: 56, 27: 56, 28: 64, 29: 96, 30: 128, 31: 32, 32: 56,
    ]

    private static func make(_ number: UInt16) throws(CryptoError) -> (any KeyExchangeGroup)? {
        switch number {
        case 1: try MODPGroup(prime: BN_get_rfc2409_prime_768(nil))
        case 2: try MODPGroup(prime: BN_get_rfc2409_prime_1024(nil))
        case 5: try MODPGroup(prime: BN_get_rfc3526_prime_1536(nil))
        case 14: try MODPGroup(prime: BN_get_rfc3526_prime_2048(nil))
        case 15: try MODPGroup(prime: BN_get_rfc3526_prime_3072(nil))
        case 16: try MODPGroup(prime: BN_get_rfc3526_prime_4096(nil))
        case 17: try MODPGroup(prime: BN_get_rfc3526_prime_6144(nil))
        case 18: try MODPGroup(prime: BN_get_rfc3526_prime_8192(nil))
        case 22: try MODPGroup(named: "dh_1024_160")
        case 23: try MODPGroup(named: "dh_2048_224")
        case 24: try MODPGroup(named: "dh_2048_256")
        case 19: try ECPGroup(curve: NID_X9_62_prime256v1)
        case 20: try ECPGroup(curve: NID_secp384r1)
        case 21: try ECPGroup(curve: NID_secp521r1)
        case 25: try ECPGroup(curve: NID_X9_62_prime192v1)
        case 26: try ECPGroup(curve: NID_secp224r1)
        case 27: try ECPGroup(curve: NID_brainpoolP224r1)
        case 28: try ECPGroup(curve: NID_brainpoolP256r1)
        case 29: try ECPGroup(curve: NID_brainpoolP384r1)
        case 30: try ECPGroup(curve: NID_brainpoolP512r1)
        case 31: MontgomeryGroup(algorithm: "X25519", length: 32)
        case 32: MontgomeryGroup(algorithm: "X448", length: 56)
        default: nil
        }
    }
}
