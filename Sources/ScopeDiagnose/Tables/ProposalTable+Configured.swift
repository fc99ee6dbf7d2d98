import ScopeConfig
import ScopeDissect
import ScopeModel
import ScopeWire

/// What IKEv2 proposes, beside what the other side's configuration has.
extension ProposalTable {
    private static let mostRows = 8

    /// What IKE_SA_INIT offered, and the proposals of the responder.
    static func initial(_ attempt: Attempt, _ check: IKEv2ProposalCheck) -> ProposalTable {
        let offered = attempt.proposals ?? []
        let kinds = ofIKE + additional(offered)
        var rows: [Row] = []
        for pairing in check.pairings where rows.count < mostRows {
            let name = pairing.proposal.isDefault ? "default proposal" : "proposal \(pairing.proposal.name)"
            guard !rows.contains(where: { $0.label == name }) else { continue }
            rows.append(
                Row(name, .configuration, frame: nil, values(pairing.proposal.algorithms, kinds, withoutGroup: nil)))
        }
        return ProposalTable(
            phase: 1, by: attempt.initiator, to: attempt.responder, columns: kinds.map { Column($0) },
            offered: offered.map { proposal in
                Row(
                    "proposal \(proposal.number)", .offer, frame: attempt.firstFrame,
                    values(proposal.algorithms, kinds, withoutGroup: nil))
            }, known: rows)
    }

    /// What a child was offered, and the transform sets of the entry that it is for.
    static func child(_ attempt: Attempt, _ mode: Attempt.Mode, sets: [TransformSet], frame: Int) -> ProposalTable {
        let offered = mode.proposals ?? []
        let kinds: [Column.Kind] = [.sizedCipher, .suite(.integrity)]
        return ProposalTable(
            phase: 2, by: attempt.address(mode.initiatedBy), to: attempt.address(mode.initiatedBy.other),
            columns: kinds.map { Column($0) },
            offered: offered.map { proposal in
                Row(
                    "\(proposal.protocolID.name ?? "protocol \(proposal.protocolID.rawValue)") proposal \(proposal.number)",
                    .offer, frame: frame, values(proposal.algorithms, kinds, withoutGroup: nil))
            },
            known: sets.prefix(mostRows).map { set in
                var algorithms = AlgorithmSet()
                for suite in set.suites(encapsulation: .tunnel) {
                    if let cipher = suite.cipher {
                        algorithms.ciphers.append(.init(cipher, keyLength: suite.keyLength))
                    }
                    if let integrity = suite.integrity ?? suite.transformOfAH {
                        algorithms.integrities.append(integrity)
                    }
                }
                return Row(
                    "transform set \(set.name)", .configuration, frame: nil,
                    values(algorithms, kinds, withoutGroup: nil))
            })
    }
}
