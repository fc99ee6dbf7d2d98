import COpenSSL
import ScopeDissect
import ScopeModel

/// Tests pre-shared keys on an encrypted message of an IKE SA whose DH secret is known.
///
/// It derives the cipher key and decrypts the first block. Where that looks like the payload that must come first, it
/// decrypts the whole message and recomputes its HASH.
final class DecryptionTest: CandidateTest {
    private let suite: Phase1Suite
    private let facts: IKEv1Facts
    private let shared: Secret
    private let sender: Role
    private let message: ISAKMPMessage
    private let step: IKEv1Step
    /// The IVs that the message may have.
    private let ivs: [[UInt8]]
    private let skeyid: PaddedHMAC
    /// SKEYID_d, SKEYID_a and SKEYID_e (RFC 2409 section 5).
    private let d: PaddedHMAC
    private let a: PaddedHMAC
    private let e: PaddedHMAC
    private let tags: UnsafeMutablePointer<UInt8>
    private static let room = 64

    /// Nil when phase 1 was not seen whole, or OpenSSL lacks the hash.
    init?(
        _ suite: Phase1Suite, _ facts: IKEv1Facts, shared: Secret, on sealed: SealedMessage
    ) {
        guard let ni = facts.initiatorNonce, let nr = facts.responderNonce else { return nil }
        let cookies = [facts.initiatorSPI, facts.responderSPI].flatMap { spi in
            (0..<8).map { UInt8(truncatingIfNeeded: spi >> (56 - 8 * UInt64($0))) }
        }
        let tail = shared.withBytes { Array($0) } + cookies
        let before = [UInt8](repeating: 0, count: suite.hash.length)
        guard let skeyid = PaddedHMAC(suite.hash, message: ni + nr),
            let d = PaddedHMAC(suite.hash, message: tail + [0]),
            let a = PaddedHMAC(suite.hash, message: before + tail + [1]),
            let e = PaddedHMAC(suite.hash, message: before + tail + [2])
        else { return nil }
        self.suite = suite
        self.facts = facts
        self.shared = shared
        message = sealed.message
        sender = sealed.sender
        step = sealed.step
        ivs = Array(sealed.ivs)
        (self.skeyid, self.d, self.a, self.e) = (skeyid, d, a, e)
        tags = .allocate(capacity: Self.room * 3)
        tags.initialize(repeating: 0, count: Self.room * 3)
    }

    deinit {
        OPENSSL_cleanse(tags, Self.room * 3)
        tags.deallocate()
    }

    func fits(_ key: UnsafeRawBufferPointer) -> Bool {
        let length = suite.hash.length
        let (id, last, next) = (tags, tags + Self.room, tags + 2 * Self.room)
        let idBytes = UnsafeRawBufferPointer(start: id, count: length)
        guard skeyid.tag(key, into: id), d.tag(idBytes, into: last) else { return false }
        a.replace(at: 0, with: last, count: length)
        guard a.tag(idBytes, into: next) else { return false }
        e.replace(at: 0, with: next, count: length)
        guard e.tag(idBytes, into: last) else { return false }
        let skeyidE = Secret(copying: UnsafeBufferPointer(start: last, count: length))
        guard let ka = try? SKEYID.cipherKey(suite.hash, skeyidE, cipher: suite.cipher, length: suite.keyLength),
            let decryptor = try? CBCDecryptor(suite.cipher, key: ka)
        else { return false }
        let firstBlock = message.bytes[message.ciphertext.prefix(suite.cipher.blockLength)]
        return ivs.contains { iv in
            guard let first = decryptor.decrypt(iv: iv, firstBlock), looksRight(first) else { return false }
            return isProved(Secret(copying: UnsafeBufferPointer(start: id, count: length)), iv)
        }
    }

    /// Whether a block begins with the generic header of an ID payload and its type (RFC 2407 section 4.6.2), or after phase
    /// 1 with that of a HASH payload.
    private func looksRight(_ block: [UInt8]) -> Bool {
        guard block.count >= 8, block[1] == 0 else { return false }
        let length = Int(block[2]) << 8 | Int(block[3])
        switch step {
        case .mainMode: return length >= 8 && length <= message.ciphertext.count && (1...12).contains(block[4])
        default: return length == 4 + suite.hash.length
        }
    }

    private func isProved(_ skeyid: Secret, _ iv: [UInt8]) -> Bool {
        guard
            let keys = try? IKEKeys.derived(
                name: KeyName(""), suite: suite, skeyid: skeyid, shared: shared, facts: facts, uses: []),
            let plaintext = keys.decryptor?.decrypt(iv: iv, message.bytes[message.ciphertext])
        else { return false }
        let chain = message.chain(ofPlaintext: plaintext)
        var signer: [UInt8]?
        let proof: Proof =
            switch step {
            case .mainMode: MessageProof(keys).phase1(chain, from: sender, facts: facts, signer: &signer)
            default: MessageProof(keys).simple(chain, message.header.messageID, .unnumberedHash)
            }
        if case .verified = proof { return true }
        return false
    }
}
