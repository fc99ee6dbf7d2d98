import COpenSSL

/// Tests pre-shared keys on a HASH_I or HASH_R that came in the clear (Aggressive Mode, RFC 2409 section 5.4).
///
/// No DH secret is in these HASHes.
final class HashTest: CandidateTest {
    private let skeyid: PaddedHMAC
    private let proof: PaddedHMAC
    private let given: [UInt8]
    private let scratch: UnsafeMutablePointer<UInt8>
    private let length: Int

    /// `nonces` is Ni_b | Nr_b, `message` what the HASH is over; nil when OpenSSL lacks the hash.
    init?(_ hash: Digest, nonces: [UInt8], message: [UInt8], given: [UInt8]) {
        guard given.count == hash.length, let skeyid = PaddedHMAC(hash, message: nonces),
            let proof = PaddedHMAC(hash, message: message)
        else { return nil }
        self.skeyid = skeyid
        self.proof = proof
        self.given = given
        length = hash.length
        scratch = .allocate(capacity: 64)
        scratch.initialize(repeating: 0, count: 64)
    }

    deinit {
        OPENSSL_cleanse(scratch, 64)
        scratch.deallocate()
    }

    func fits(_ key: UnsafeRawBufferPointer) -> Bool {
        skeyid.tag(key, into: scratch)
            && proof.tag(UnsafeRawBufferPointer(start: scratch, count: length), into: scratch)
            && CRYPTO_memcmp(scratch, given, length) == 0
    }
}
