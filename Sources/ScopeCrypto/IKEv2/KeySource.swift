import ScopeDissect
import ScopeModel

/// A PPK that goes into the keys of an SA behind its last key exchange.
struct IntermediatePPK {
    /// Its identity without the type; nil where it has no text.
    let id: String?
    /// Of the keys that it makes, behind those of all key exchanges.
    let step: Int
}

/// What all sets of one SA have in common.
struct KeySource {
    let facts: SKKeys.Public

    init(facts: IKEv2Facts, ni: [UInt8], nr: [UInt8]) {
        self.facts = SKKeys.Public(
            ni: ni, nr: nr, initiatorSPI: facts.initiatorSPI, responderSPI: facts.responderSPI)
    }

    func set(
        _ suite: IKEv2Suite, name: KeyName, step: Int, uses: [KeyUse], _ seed: () throws(CryptoError) -> Secret
    ) -> IKEv2Keys? {
        guard let seed = try? seed(), let keys = try? SKKeys.derived(from: seed, suite, facts) else { return nil }
        return IKEv2Keys(
            name: name, step: step, prf: suite.prf, protection: suite.protection, keys: keys, uses: uses)
    }
}
