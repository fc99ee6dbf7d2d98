import ScopeDissect
import ScopeModel

extension Offer {
    /// The choices of a proposal of IKEv2 for a child, each as one suite: no more than `most`.
    public static func choices(
        number: UInt8, _ protocolID: SecurityProtocol, _ algorithms: AlgorithmSet, most: Int = 64
    ) -> [Offer] {
        let ciphers: [AlgorithmSet.SizedCipher?] = algorithms.ciphers.isEmpty ? [nil] : algorithms.ciphers
        let integrities = algorithms.integrities.filter { $0 != .none }
        var list: [Offer] = []
        for cipher in ciphers {
            let hasOwn = cipher?.cipher.isAEAD ?? false
            let beside: [Integrity?] = hasOwn || integrities.isEmpty ? [nil] : integrities
            for integrity in beside {
                guard list.count < most else { return list }
                var suite = ChildSuite(protocolID)
                (suite.cipher, suite.keyLength) = (cipher?.cipher, cipher?.keyLength)
                if protocolID == .ah { suite.transformOfAH = integrity } else { suite.integrity = integrity }
                list.append(Offer(number: number, protocolID: protocolID, choice: .child(suite)))
            }
        }
        return list
    }
}
