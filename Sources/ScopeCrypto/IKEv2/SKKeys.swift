/// The keys of an IKEv2 SA (RFC 7296 section 2.14).
package struct SKKeys {
    /// The keys of what one side sends.
    package struct Directional {
        /// SK_ai or SK_ar; empty with a cipher that authenticates by itself.
        package var integrity: Secret
        /// SK_ei or SK_er, with its salt.
        package var encryption: Secret
        /// SK_pi or SK_pr; nil where only the keys of messages were given.
        package var proof: Secret?

        package init(integrity: Secret, encryption: Secret, proof: Secret?) {
            self.integrity = integrity
            self.encryption = encryption
            self.proof = proof
        }
    }

    /// SK_d, which the keys of children follow from; nil where only the keys of messages were given.
    package var d: Secret?
    package var initiator: Directional
    package var responder: Directional

    package init(d: Secret?, initiator: Directional, responder: Directional) {
        self.d = d
        self.initiator = initiator
        self.responder = responder
    }
}

extension SKKeys {
    /// The nonces and SPIs that the keys of an IKE SA depend on.
    package struct Public {
        package let ni: [UInt8]
        package let nr: [UInt8]
        package let initiatorSPI: UInt64
        package let responderSPI: UInt64

        package init(ni: [UInt8], nr: [UInt8], initiatorSPI: UInt64, responderSPI: UInt64) {
            self.ni = ni
            self.nr = nr
            self.initiatorSPI = initiatorSPI
            self.responderSPI = responderSPI
        }
    }

    /// {SK_d | SK_ai | SK_ar | SK_ei | SK_er | SK_pi | SK_pr} = prf+(SKEYSEED, Ni | Nr | SPIi | SPIr).
    package static func derived(
        from skeyseed: Secret, _ suite: IKEv2Suite, _ facts: Public
    ) throws(CryptoError) -> SKKeys {
        let (p, a, e) = (suite.prf.length, suite.integrityKeyLength, suite.encryptionKeyLength)
        let all = try suite.prf.stretched(
            skeyseed, [.bytes(facts.ni), .bytes(facts.nr), .u64(facts.initiatorSPI), .u64(facts.responderSPI)],
            to: 3 * p + 2 * a + 2 * e)
        var at = 0
        func next(_ count: Int) -> Secret {
            defer { at += count }
            return all.slice(at..<(at + count))
        }
        let d = next(p)
        let (ai, ar) = (next(a), next(a))
        let (ei, er) = (next(e), next(e))
        let (pi, pr) = (next(p), next(p))
        return SKKeys(
            d: d, initiator: Directional(integrity: ai, encryption: ei, proof: pi),
            responder: Directional(integrity: ar, encryption: er, proof: pr))
    }

    /// SK_d, SK_pi and SK_pr as a postquantum preshared key changes them (RFC 8784 section 3): prf+(PPK, SK_x).
    ///
    /// The other keys stay as they are.
    package func mixed(with ppk: Secret, _ prf: PseudorandomFunction) throws(CryptoError) -> SKKeys {
        var keys = self
        keys.d = try Self.mixed(d, ppk, prf)
        keys.initiator.proof = try Self.mixed(initiator.proof, ppk, prf)
        keys.responder.proof = try Self.mixed(responder.proof, ppk, prf)
        return keys
    }

    private static func mixed(
        _ key: Secret?, _ ppk: Secret, _ prf: PseudorandomFunction
    ) throws(CryptoError) -> Secret? {
        guard let key else { return nil }
        return try prf.stretched(ppk, [.secret(key)], to: prf.length)
    }
}
