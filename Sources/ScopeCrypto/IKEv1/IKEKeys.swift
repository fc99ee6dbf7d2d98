import ScopeModel

/// One set of keys that may open an IKEv1 SA, and where it came from.
final class IKEKeys {
    /// `psk[0] (198.51.100.20) with dh[0].private`.
    let name: KeyName
    let hash: Digest
    /// Nil where only the later keys were given.
    let skeyid: Secret?
    let d: Secret?
    let a: Secret?
    /// Ka (RFC 2409 appendix B).
    let cipherKey: Secret
    private let cipher: CBCCipher
    private var scheduled: CBCDecryptor?
    /// It is among the `AwakeKeys`.
    var isCounted = false
    /// Given for this very SA: a HASH that fails then speaks against the message, not against the key.
    let isExplicit: Bool
    let uses: [KeyUse]

    init(
        name: KeyName, hash: Digest, skeyid: Secret?, d: Secret?, a: Secret?, cipherKey: Secret,
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
        name: KeyName, suite: Phase1Suite, skeyid: Secret, shared: Secret, facts: IKEv1Facts, uses: [KeyUse]
    ) throws(CryptoError) -> IKEKeys {
        let ids = try SKEYID.derived(
            suite.hash, skeyid: skeyid, shared: shared, initiatorSPI: facts.initiatorSPI,
            responderSPI: facts.responderSPI)
        let ka = try SKEYID.cipherKey(suite.hash, ids.e, cipher: suite.cipher, length: suite.keyLength)
        return try IKEKeys(
            name: name, hash: suite.hash, skeyid: skeyid, d: ids.d, a: ids.a, cipherKey: ka, cipher: suite.cipher,
            isExplicit: false, uses: uses)
    }
}

extension IKEKeys: Awakened {
    /// Decrypts with the cipher key, which is scheduled again after `rest`; nil when OpenSSL refuses.
    var decryptor: CBCDecryptor? {
        if let scheduled { return scheduled }
        scheduled = try? CBCDecryptor(cipher, key: cipherKey)
        return scheduled
    }

    /// Lets go of the scheduled cipher key, which can be made again.
    func rest() {
        scheduled = nil
        isCounted = false
    }
}
