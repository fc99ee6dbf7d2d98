import ScopeDissect
import ScopeModel
import ScopeWire

/// Offered phase 1 transforms held against the policies of a router.
public struct Phase1Check: Sendable {
    /// Every policy with every transform, as IOS goes through them: all transforms for the first policy, and on.
    public var pairings: [Pairing]
    /// The policies are those that IOS has by default: whether this release has them is not known.
    public var usesDefaults: Bool

    public struct Pairing: Sendable {
        public var policy: ISAKMPPolicy
        public var transform: Transform
        /// Empty where they agree; in the order of IOS, which names the first alone.
        public var differences: [Difference]

        /// `encryption: aes 256 offered, 3des configured`, one for each difference.
        public var reasons: [String] {
            differences.map { difference in
                guard difference.attribute == .encryptionAlgorithm else { return difference.text }
                let offered = difference.offered.map {
                    IOSText.cipher($0, bits: transform.value(Phase1Attribute.keyLength.rawValue))
                }
                let configured = IOSText.cipher(
                    UInt64(policy.encryption.rawValue), bits: policy.keyLength.map(UInt64.init))
                return "\(difference.what): \(offered ?? "none") offered, \(configured) configured"
            }
        }
    }

    /// An attribute in which a transform and a policy differ.
    public struct Difference: Hashable, Sendable {
        public var attribute: Phase1Attribute
        /// Nil where the transform has it not.
        public var offered: UInt64?
        public var configured: UInt64?

        /// `encryption`, `key length`, `hash`, `group`, `authentication`.
        public var what: String {
            switch attribute {
            case .encryptionAlgorithm: "encryption"
            case .keyLength: "key length"
            case .hashAlgorithm: "hash"
            case .groupDescription: "group"
            case .authenticationMethod: "authentication"
            default: attribute.name ?? "attribute \(attribute.rawValue)"
            }
        }

        /// `hash: md5 offered, sha configured`.
        var text: String {
            "\(what): \(IOSText.value(offered, of: attribute)) offered, "
                + "\(IOSText.value(configured, of: attribute)) configured"
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

    /// Holds every offered transform against every policy; a lifetime never decides.
    public func checkPhase1(_ offered: [Transform]) -> Phase1Check {
        let policies = effectivePolicies
        let asksForUser = asksForUser
        // What a hostile peer offers is bounded by its message; policies by what was read.
        let pairings = policies.flatMap { policy in
            offered.prefix(256).map { transform in
                Phase1Check.Pairing(
                    policy: policy, transform: transform,
                    differences: Self.differences(policy, transform, asksForUser: asksForUser))
            }
        }
        return Phase1Check(pairings: pairings, usesDefaults: self.policies.isEmpty && allowsDefaultPolicies)
    }

    private static func differences(
        _ policy: ISAKMPPolicy, _ transform: Transform, asksForUser: Bool
    ) -> [Phase1Check.Difference] {
        var list: [Phase1Check.Difference] = []
        func compare(_ attribute: Phase1Attribute, _ configured: UInt64?) {
            let offered = transform.value(attribute.rawValue)
            if offered != configured {
                list.append(.init(attribute: attribute, offered: offered, configured: configured))
            }
        }
        compare(.encryptionAlgorithm, UInt64(policy.encryption.rawValue))
        // Of another cipher the length says nothing.
        if list.isEmpty { compare(.keyLength, policy.keyLength.map(UInt64.init)) }
        compare(.hashAlgorithm, UInt64(policy.hash.rawValue))
        compare(.groupDescription, UInt64(policy.group.rawValue))
        let method = transform.value(Phase1Attribute.authenticationMethod.rawValue)
        // The draft of XAUTH: the same proof, and a user behind it.
        let plain: UInt64? =
            switch method {
            case 65001, 65002: 1
            case 65005, 65006, 64221, 64222: 3
            default: nil
            }
        // `ecdsa-sig` is one word for the three curves (RFC 4754).
        let isCurve = policy.authentication.rawValue == 9 && (10...11).contains(method ?? 0)
        if !isCurve, !(asksForUser && plain == UInt64(policy.authentication.rawValue)) {
            compare(.authenticationMethod, UInt64(policy.authentication.rawValue))
        }
        return list
    }
}
