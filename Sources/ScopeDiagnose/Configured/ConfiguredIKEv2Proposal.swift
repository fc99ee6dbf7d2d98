import ScopeConfig
import ScopeDissect
import ScopeModel
import ScopeWire

/// IKE_SA_INIT is refused, or not answered, and the responder's configuration tells by which proposal.
struct ConfiguredIKEv2Proposal: ConfiguredRule {
    let ids: Set<FindingID> = [.p1ProposalMismatch, .noKeyForPeer, .noResponse]

    func refine(_ finding: Finding, _ attempt: Attempt, _ devices: Devices) -> Finding {
        guard attempt.sa.version == .v2, let config = devices[attempt.responder],
            let offered = attempt.proposals, !offered.isEmpty
        else { return finding }
        let check = config.checkIKEv2(offered.map { ($0.number, $0.algorithms) }, local: attempt.responder)
        var finding = finding
        for (policy, proposal) in check.missing.prefix(4) {
            finding.evidence.append(
                "\(config.place()): policy \(policy) names proposal \(proposal), which is not there")
        }
        if let match = check.match {
            finding.evidence.append(
                "proposal \(match.proposal.name) of \(config.place(match.proposal.line)) would take offered proposal \(match.number): the configuration does not explain this"
            )
            return finding
        }
        // What was not answered may have been lost.
        guard finding.id != .noResponse else { return finding }
        return mismatch(finding, attempt, config, check)
    }

    private func mismatch(
        _ finding: Finding, _ attempt: Attempt, _ config: IOSConfig, _ check: IKEv2ProposalCheck
    ) -> Finding {
        var finding = finding
        finding.id = .p1ProposalMismatch
        finding.layer = .phase1
        finding.certainty = check.usesDefaults ? .likely : .proved
        if !check.usesDefaults { finding.lookAlikes = [] }
        guard let nearest = check.nearest else {
            finding.summary = "\(attempt.responder) has no IKEv2 proposal for \(attempt.initiator)"
            finding.evidence.append("\(config.place()) has no IKEv2 policy for \(attempt.responder)")
            return finding
        }
        let words = nearest.differences.map { "\($0.kind.name)" }
        finding.summary =
            "\(attempt.responder) accepts none of the IKE proposals of \(attempt.initiator): \(Self.list(words)) "
            + "\(words.count == 1 ? "differs" : "differ") from its proposal \(nearest.proposal.name)"
        for pairing in check.closest.prefix(8) {
            finding.evidence.append(
                "proposal \(pairing.proposal.name) of \(config.place(pairing.proposal.line)) and offered proposal \(pairing.number): "
                    + pairing.reasons.joined(separator: "; "))
        }
        if check.usesDefaults {
            finding.evidence.append(
                "no policy is configured: this is the default proposal of IOS, which differs by release")
        }
        finding.proposals = ProposalTable.initial(attempt, check)
        finding.advice = advice(nearest, attempt, config)
        return finding
    }

    private func advice(
        _ nearest: IKEv2ProposalCheck.Pairing, _ attempt: Attempt, _ config: IOSConfig
    ) -> [Finding.Advice] {
        let offer = attempt.proposals?.first { $0.number == nearest.number } ?? attempt.proposals?.first
        let used = Set(config.ikev2.proposals.map(\.name))
        let name = (1...1000).lazy.map { "PROPOSAL\($0)" }.first { !used.contains($0) } ?? "PROPOSAL"
        var list: [Finding.Advice] = []
        if let lines = offer.flatMap({ IKEv2Text.proposalLines($0.algorithms, name: name) }) {
            list.append(
                Finding.Advice(
                    "add a proposal for what is offered", on: attempt.responder,
                    ios: lines + ["crypto ikev2 policy \(nearest.policy)", " proposal \(name)"]))
        }
        list.append(
            Finding.Advice(
                list.isEmpty ? "offer what the other side has" : "or offer what the other side has",
                on: attempt.initiator,
                ios: IKEv2Text.proposalLines(nearest.proposal.algorithms, name: "NAME") ?? []))
        return list
    }

    private static func list(_ words: [String]) -> String {
        guard let last = words.last, words.count > 1 else { return words.first ?? "something" }
        return words.dropLast().joined(separator: ", ") + " and " + last
    }
}
