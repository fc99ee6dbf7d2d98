import ScopeDissect
import ScopeModel
import ScopeWire

/// Compares offered phase 1 transforms with the policies of a router.
public struct Phase1Check: Sendable {
    /// Each policy with each transform, in the order of IOS: all transforms for the first policy, then for the next.
    public var pairings: [Pairing]
    /// Whether the policies are the defaults of IOS; it is not known whether this release has them.
    public var usesDefaults: Bool

    public struct Pairing: Sendable {
        public var policy: ISAKMPPolicy
        public var transform: Transform
        /// The differences, in the order of IOS, which prints the first alone; empty where both agree.
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
        /// Nil where the transform does not have the attribute.
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

    /// The first pairing that agrees, which is the one that IOS takes.
    public var match: Pairing? { pairings.first { $0.differences.isEmpty } }

    /// For each policy the transform with the fewest differences.
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

    /// The policy and the transform with the fewest differences; nil where either is absent.
    public var nearest: Pairing? {
        closest.enumerated().min {
            ($0.element.differences.count, $0.offset) < ($1.element.differences.count, $1.offset)
        }?
        .element
    }
}

extension IOSConfig {
    /// The policies in force: the configured ones, or the defaults of IOS where none is configured.
    public var effectivePolicies: [ISAKMPPolicy] {
        policies.isEmpty && allowsDefaultPolicies ? ISAKMPPolicy.defaults : policies
    }

    /// Whether peers are asked for a user; then XAUTH's methods are taken for those that they stand for.
    private var asksForUser: Bool { maps.contains(where: \.asksForUser) || profiles.contains(where: \.asksForUser) }

    /// Compares each offered transform with each policy; the lifetime does not matter.
    public func checkPhase1(_ offered: [Transform]) -> Phase1Check {
        let policies = effectivePolicies
        let asksForUser = asksForUser
        // The message bounds what a hostile peer offers, and the reader bounds the policies.
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
        // The key lengths of different ciphers cannot be compared.
        if list.isEmpty { compare(.keyLength, policy.keyLength.map(UInt64.init)) }
        compare(.hashAlgorithm, UInt64(policy.hash.rawValue))
        compare(.groupDescription, UInt64(policy.group.rawValue))
        let method = transform.value(Phase1Attribute.authenticationMethod.rawValue)
        // In the draft of XAUTH the proof is the same, and a user name follows it.
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
