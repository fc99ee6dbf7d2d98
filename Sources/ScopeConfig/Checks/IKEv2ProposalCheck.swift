import ScopeDissect
import ScopeModel
import ScopeWire

/// What IKE_SA_INIT offers, held against the proposals of a router.
public struct IKEv2ProposalCheck: Sendable {
    /// Every configured proposal with every offered one, in the order in which the router goes through them.
    public var pairings: [Pairing] = []
    /// The proposal is the one that IOS has by default: which algorithms this release has in it is not known.
    public var usesDefaults = false
    /// Proposals that a policy names and that are not there, by policy.
    public var missing: [(policy: String, proposal: String)] = []

    public struct Pairing: Sendable {
        /// The name of the policy.
        public var policy: String
        public var proposal: IKEv2Proposal
        /// Of the offered proposal.
        public var number: UInt8
        /// Empty where they agree: the kinds of algorithms that they have none of in common.
        public var differences: [Difference]

        /// `encryption: aes-cbc-256 offered, 3des configured`, one for each difference.
        public var reasons: [String] {
            differences.map { "\($0.kind.name): \($0.offered) offered, \($0.configured) configured" }
        }
    }

    public enum Kind: Hashable, Sendable {
        case encryption, integrity, prf, group

        public var name: StaticString {
            switch self {
            case .encryption: "encryption"
            case .integrity: "integrity"
            case .prf: "PRF"
            case .group: "group"
            }
        }
    }

    public struct Difference: Hashable, Sendable {
        public var kind: Kind
        public var offered: String
        public var configured: String
    }

    /// The first that agrees.
    public var match: Pairing? { pairings.first { $0.differences.isEmpty } }

    /// The pairings that come nearest, one for each configured proposal.
    public var closest: [Pairing] {
        var best: [Pairing] = []
        for pairing in pairings {
            guard let last = best.last, last.proposal.name == pairing.proposal.name, last.policy == pairing.policy
            else {
                best.append(pairing)
                continue
            }
            if pairing.differences.count < last.differences.count { best[best.count - 1] = pairing }
        }
        return best
    }

    /// The two that miss each other by the least; nil without either.
    public var nearest: Pairing? { closest.min { $0.differences.count < $1.differences.count } }
}

extension IOSConfig {
    /// Holds every proposal that is offered to `local` against every configured one.
    ///
    /// - Parameter offered: the proposals of SAi1, by number.
    public func checkIKEv2(_ offered: [(number: UInt8, algorithms: AlgorithmSet)], local: IPAddress)
        -> IKEv2ProposalCheck
    {
        var check = IKEv2ProposalCheck()
        for policy in ikev2Policies(of: local) {
            for name in policy.proposals {
                guard let proposal = ikev2Proposal(name) else {
                    if check.missing.count < 64 { check.missing.append((policy.name, name)) }
                    continue
                }
                if proposal.isDefault { check.usesDefaults = true }
                // What a hostile peer offers is bounded by its message; what is configured by what was read.
                for offer in offered.prefix(64) where check.pairings.count < 4096 {
                    check.pairings.append(
                        IKEv2ProposalCheck.Pairing(
                            policy: policy.name, proposal: proposal, number: offer.number,
                            differences: Self.differences(offer.algorithms, proposal.algorithms)))
                }
            }
        }
        return check
    }

    /// The proposal of a name; the default one where it was not written anew.
    public func ikev2Proposal(_ name: String) -> IKEv2Proposal? {
        if let proposal = ikev2.proposal(name) { return proposal }
        return name == IKEv2Proposal.defaultName && ikev2.allowsDefaultProposal && !isASA ? .standard : nil
    }

    /// The policies that count for packets to `local`: those for this address first; the default one where there is none.
    public func ikev2Policies(of local: IPAddress) -> [IKEv2Policy] {
        // An address that no interface has may be in any VRF.
        let own = interface(owning: local)
        let fitting = ikev2.policies.filter { policy in
            (policy.localAddresses.isEmpty || policy.localAddresses.contains(local))
                && (policy.matchesAnyVRF || own == nil || policy.vrf == own?.vrf)
        }
        if isASA { return fitting.sorted { $0.number < $1.number } }
        let ordered = fitting.filter { !$0.localAddresses.isEmpty } + fitting.filter(\.localAddresses.isEmpty)
        guard ordered.isEmpty, ikev2.allowsDefaultPolicy, !isASA else { return ordered }
        var policy = IKEv2Policy(name: IKEv2Proposal.defaultName, line: 0)
        policy.proposals = [IKEv2Proposal.defaultName]
        return [policy]
    }

    private static func differences(
        _ offered: AlgorithmSet, _ configured: AlgorithmSet
    ) -> [IKEv2ProposalCheck.Difference] {
        var list: [IKEv2ProposalCheck.Difference] = []
        func differ(_ kind: IKEv2ProposalCheck.Kind, _ offered: [String], _ configured: [String]) {
            list.append(
                IKEv2ProposalCheck.Difference(
                    kind: kind, offered: IKEv2Text.list(offered), configured: IKEv2Text.list(configured)))
        }
        let common = configured.ciphers.filter { offered.ciphers.contains($0) }
        if common.isEmpty {
            differ(.encryption, offered.ciphers.map(IKEv2Text.cipher), configured.ciphers.map(IKEv2Text.cipher))
        }
        // A cipher that authenticates needs nothing beside it.
        let mine = offered.integrities.filter { $0 != .none }
        let needsIntegrity = !common.contains { $0.cipher.isAEAD } && !(mine.isEmpty && common.isEmpty)
        if needsIntegrity, !configured.integrities.contains(where: { mine.contains($0) }) {
            differ(.integrity, mine.map(IKEv2Text.integrity), configured.integrities.map(IKEv2Text.integrity))
        }
        if !configured.prfs.contains(where: { offered.prfs.contains($0) }) {
            differ(.prf, offered.prfs.map(IKEv2Text.prf), configured.prfs.map(IKEv2Text.prf))
        }
        let groups = offered.groups.compactMap { $0 }
        let wanted = configured.groups.compactMap { $0 }
        if !wanted.contains(where: { groups.contains($0) }) {
            differ(.group, groups.map { "\($0.rawValue)" }, wanted.map { "\($0.rawValue)" })
        }
        return list
    }
}
