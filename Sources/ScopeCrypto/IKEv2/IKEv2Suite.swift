import ScopeDissect
import ScopeModel

/// What an IKEv2 SA agreed on, as far as its keys are concerned.
package struct IKEv2Suite: Hashable, Sendable {
    package var prf: PseudorandomFunction
    /// What its messages are encrypted and authenticated with.
    package var protection: ESPSuite
    /// Bytes of SK_ei and of SK_er, salt included.
    package var encryptionKeyLength: Int

    package init(prf: PseudorandomFunction, protection: ESPSuite, encryptionKeyLength: Int) {
        self.prf = prf
        self.protection = protection
        self.encryptionKeyLength = encryptionKeyLength
    }

    package init(_ agreed: IKESuite) throws(UnsupportedSuite) {
        guard let prf = agreed.prf.flatMap(PseudorandomFunction.init) else {
            let number = agreed.prf?.ikev2.map { "\($0)" } ?? "that was agreed on"
            throw UnsupportedSuite(problem: "its pseudorandom function \(number) is not supported")
        }
        var child = ChildSuite(.esp)
        (child.cipher, child.keyLength, child.integrity) = (agreed.cipher, agreed.keyLength, agreed.integrity)
        let (protection, length) = try ESPSuite.agreed(child, for: "IKE")
        self.init(prf: prf, protection: protection, encryptionKeyLength: length)
    }

    /// Bytes of SK_ai and of SK_ar.
    var integrityKeyLength: Int { protection.integrity.keyLength }
}
