import ScopeModel

/// Why a row of a key file cannot be the keys of an IKE SA, in words.
struct UnusableRow: Error {
    var problem: String
}

extension IKEKeys {
    /// The keys that a row gives for an SA.
    ///
    /// - Parameter findShared: finds g^xy of phase 1, from which SKEYID gives what the row lacks.
    static func given(
        _ entry: KeyRing.IKERow, suite: Phase1Suite, facts: IKEv1Facts, findShared: () -> DHSecret?
    ) throws(UnusableRow) -> IKEKeys {
        let result: Result<IKEKeys, UnusableRow>
        do throws(CryptoError) {
            result = try make(entry, suite: suite, facts: facts, findShared: findShared)
        } catch { throw UnusableRow(problem: "\(entry.use.name): \(error)") }
        return try result.get()
    }

    private static func make(
        _ entry: KeyRing.IKERow, suite: Phase1Suite, facts: IKEv1Facts, findShared: () -> DHSecret?
    ) throws(CryptoError) -> Result<IKEKeys, UnusableRow> {
        let keys = entry.row.keys
        var (d, a, e) = (keys[.skeyidD], keys[.skeyidA], keys[.skeyidE])
        var uses = [entry.use]
        var name = entry.use.name
        if let skeyid = keys[.skeyid], d == nil || a == nil || e == nil, let dh = findShared() {
            let all = try SKEYID.derived(
                suite.hash, skeyid: skeyid, shared: dh.secret, initiatorSPI: facts.initiatorSPI,
                responderSPI: facts.responderSPI)
            if e == nil {
                name = name.with(dh.name)
                uses.append(dh.use)
            }
            (d, a, e) = (d ?? all.d, a ?? all.a, e ?? all.e)
        }
        func unusable(_ problem: String) -> Result<IKEKeys, UnusableRow> {
            .failure(UnusableRow(problem: "\(entry.use.name)\(problem)"))
        }
        let ka: Secret
        if let given = keys[.cipherKey] {
            guard given.count == suite.keyLength else {
                return unusable(
                    ".encryption_key has \(given.count) bytes, and \(suite.cipherName) takes \(suite.keyLength)")
            }
            ka = given
        } else if let e {
            guard e.count == suite.hash.length else {
                return unusable(
                    ".skeyid_e has \(e.count) bytes, and the hash of this IKE SA yields \(suite.hash.length)")
            }
            ka = try SKEYID.cipherKey(suite.hash, e, cipher: suite.cipher, length: suite.keyLength)
        } else {
            return unusable(" holds neither skeyid_e nor encryption_key")
        }
        return .success(
            try IKEKeys(
                name: name, hash: suite.hash, skeyid: keys[.skeyid], d: d, a: a, cipherKey: ka, cipher: suite.cipher,
                isExplicit: true, uses: uses))
    }
}
