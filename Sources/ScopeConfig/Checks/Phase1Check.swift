import ScopeDissect
import ScopeModel
import ScopeWire

/// What phase 1 offers, held against the policies of a router.
public struct Phase1Check: Sendable {
    /// Every policy with every choice of the offer, as IOS goes through them: all of them for the first policy, and on.
    public var pairings: [Pairing]
    /// The policies are those that IOS has by default: whether this release has them is not known.
    public var usesDefaults: Bool

    public struct Pairing: Sendable {
        public var policy: ISAKMPPolicy
        /// One choice of the offer: its place there, and the number of its transform.
        public var choice: Int
        public var transform: UInt8
        public var suite: IKESuite
        /// Empty where they agree; in the order of IOS, which names the first alone.
        public var differences: [SuiteKind]

        /// `encryption: aes 256 offered, 3des configured`, one for each difference.
        public var reasons: [String] {
            differences.map { kind in
                "\(kind.name): \(IOSText.value(kind, of: suite)) offered, "
                    + "\(IOSText.value(kind, of: policy.suite)) configured"
            }
        }
    }

    /// The first that agrees: what IOS takes.
    public var match: Pairing? { pairings.first { $0.differences.isEmpty } }

    /// The pairings that come nearest, one a policy: the transform with the fewest differences.
    public var closest: [Pairing] {
        var best: [Pairing] = []
        for pairing in pairings {
            guard let last = best.last, last.policy.number == pairing.policy.number else {
                best.append(pairing)
                continue
            }
            if pairing.differences.count < last.differences.count { best[best.count - 1] = pairing }
        }
        return best
    }

    /// The policy and the transform that miss each other by the least; nil without either.
    public var nearest: Pairing? {
        closest.enumerated().min {
            ($0.element.differences.count, $0.offset) < ($1.element.differences.count, $1.offset)
        }?
        .element
    }
}

extension IOSConfig {
    /// The policies that count: the configured ones, and where there are none those that IOS has by itself.
    public var effectivePolicies: [ISAKMPPolicy] {
        policies.isEmpty && allowsDefaultPolicies ? ISAKMPPolicy.defaults : policies
    }

    /// Whether peers are asked for a user: then XAUTH's methods are as good as those that they stand for.
    private var asksForUser: Bool { maps.contains(where: \.asksForUser) || profiles.contains(where: \.asksForUser) }

    /// Holds every suite that is offered against every policy; a lifetime never decides.
    public func checkPhase1(_ offered: [Offer]) -> Phase1Check {
        let policies = effectivePolicies
        let asksForUser = asksForUser
        // What a hostile peer offers is bounded by its message; policies by what was read.
        let pairings = policies.flatMap { policy in
            offered.prefix(256).enumerated().compactMap { choice, offer in
                offer.ike.map { suite in
                    Phase1Check.Pairing(
                        policy: policy, choice: choice, transform: offer.transform, suite: suite,
                        differences: Self.differences(policy, suite, asksForUser: asksForUser))
                }
            }
        }
        return Phase1Check(pairings: pairings, usesDefaults: self.policies.isEmpty && allowsDefaultPolicies)
    }

    private static func differences(_ policy: ISAKMPPolicy, _ suite: IKESuite, asksForUser: Bool) -> [SuiteKind] {
        var offered = suite
        if let method = suite.authentication {
            // The drafts of XAUTH and hybrid: the same proof, and a user behind it. `ecdsa-sig` is one word for the three
            // curves (RFC 4754).
            let isSameProof = asksForUser && method.user != nil && method.credential == policy.authentication.credential
            let isCurve =
                policy.authentication.credential == .ecdsa256
                && [.ecdsa384, .ecdsa521].contains(method.credential) && method.user == nil
            if isSameProof || isCurve { offered.authentication = policy.authentication }
        }
        return offered.differences(from: policy.suite)
    }
}
