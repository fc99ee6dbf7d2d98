import COpenSSL
import ScopeDissect
import ScopeModel

/// Checks AUTH payloads (RFC 7296 section 2.15).
struct AuthProof {
    let prf: PseudorandomFunction
    /// What is signed: the first message | the other side's nonce | prf(SK_p, ID body) [| IntAuth].
    let octets: [UInt8]

    private static let pad = Array("Key Pad for IKEv2".utf8)

    /// - Parameter intermediate: IntAuth_i | IntAuth_r | IKE_AUTH_MID (RFC 9242), or nothing.
    init?(
        _ prf: PseudorandomFunction, first: [UInt8], nonce: [UInt8], proof: Secret, identity: [UInt8],
        intermediate: [HashInput]
    ) {
        guard let maced = try? prf(proof, [.bytes(identity)]) else { return nil }
        self.prf = prf
        octets = HashInput.joined([.bytes(first), .bytes(nonce), .secret(maced)] + intermediate)
    }

    /// Whether AUTH = prf(prf(secret, "Key Pad for IKEv2"), octets).
    func fits(_ given: [UInt8], _ secret: Secret) -> Bool {
        guard let key = try? prf(secret, [.bytes(Self.pad)]), let right = try? prf(key, [.bytes(octets)]) else {
            return false
        }
        return given.count == right.count
            && right.withBytes { CRYPTO_memcmp($0.baseAddress, given, given.count) } == 0
    }

    /// Whether AUTH = prf(SK_p, octets).
    func fitsResumed(_ given: [UInt8], _ session: Secret) -> Bool {
        guard let right = try? prf(session, [.bytes(octets)]) else { return false }
        return given.count == right.count
            && right.withBytes { CRYPTO_memcmp($0.baseAddress, given, given.count) } == 0
    }

    /// A test of many secrets on the same AUTH; nil when OpenSSL lacks the function.
    func candidateTest(_ given: [UInt8]) -> (any CandidateTest)? {
        guard case .hmac(let hash) = prf else { return AuthTest(self, given: given) }
        return HashTest(hash, nonces: Self.pad, message: octets, given: given)
    }
}

/// Tests pre-shared keys on an AUTH payload that no HMAC made.
final class AuthTest: CandidateTest {
    private let proof: AuthProof
    private let given: [UInt8]

    init(_ proof: AuthProof, given: [UInt8]) {
        self.proof = proof
        self.given = given
    }

    func fits(_ key: UnsafeRawBufferPointer) -> Bool { proof.fits(given, Secret(copying: key)) }
}
