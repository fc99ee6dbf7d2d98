import ScopeModel

/// One set of keys that may open an IKE SA, and where it came from.
final class IKEKeys {
    /// `psk[0] (198.51.100.20) with dh[0].private`.
    let name: String
    let hash: Digest
    /// Nil where only the later keys were given.
    var skeyid: Secret?
    var d: Secret?
    var a: Secret?
    /// Ka (RFC 2409 appendix B).
    let cipherKey: Secret
    private let cipher: CBCCipher
    private var scheduled: CBCDecryptor?
    /// `AwakeKeys` knows that the cipher key is scheduled.
    fileprivate var isCounted = false
    /// Given for this very SA, so that a HASH that fails says something of the message, not of the key.
    let isExplicit: Bool
    let uses: [KeyUse]

    init(
        name: String, hash: Digest, skeyid: Secret?, d: Secret?, a: Secret?, cipherKey: Secret,
        cipher: CBCCipher, isExplicit: Bool, uses: [KeyUse]
    ) throws(CryptoError) {
        self.name = name
        self.hash = hash
        self.skeyid = skeyid
        self.d = d
        self.a = a
        self.cipherKey = cipherKey
        self.cipher = cipher
        scheduled = try CBCDecryptor(cipher, key: cipherKey)
        self.isExplicit = isExplicit
        self.uses = uses
    }

    /// SKEYID and g^xy give everything else.
    static func derived(
        name: String, suite: Phase1Suite, skeyid: Secret, shared: Secret, facts: Phase1Facts, uses: [KeyUse]
    ) throws(CryptoError) -> IKEKeys {
        let (d, a, e) = try SKEYID.derived(
            suite.hash, skeyid: skeyid, shared: shared, initiatorSPI: facts.initiatorSPI,
            responderSPI: facts.responderSPI)
        let ka = try SKEYID.cipherKey(suite.hash, e, cipher: suite.cipher, length: suite.keyLength)
        return try IKEKeys(
            name: name, hash: suite.hash, skeyid: skeyid, d: d, a: a, cipherKey: ka, cipher: suite.cipher,
            isExplicit: false, uses: uses)
    }
}

extension IKEKeys {
    /// Decrypts with the cipher key, which is scheduled again after `rest`; nil when OpenSSL refuses.
    var decryptor: CBCDecryptor? {
        if let scheduled { return scheduled }
        scheduled = try? CBCDecryptor(cipher, key: cipherKey)
        return scheduled
    }

    /// Lets go of what can be made again.
    fileprivate func rest() {
        scheduled = nil
        isCounted = false
    }
}

/// The keys whose cipher key is scheduled: those used longest ago rest, for most SAs of a long capture are idle.
struct AwakeKeys {
    private struct Entry {
        weak var keys: IKEKeys?
    }

    private var entries: [Entry] = []
    private var next = 0
    private static let most = 512

    /// Called with keys that are about to be used.
    mutating func add(_ keys: IKEKeys) {
        guard !keys.isCounted else { return }
        keys.isCounted = true
        if entries.count < Self.most {
            entries.append(Entry(keys: keys))
        } else {
            entries[next].keys?.rest()
            entries[next] = Entry(keys: keys)
            next = (next + 1) % Self.most
        }
    }
}
