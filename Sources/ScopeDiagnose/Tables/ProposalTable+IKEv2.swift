import ScopeDissect
import ScopeModel
import ScopeWire

/// What IKEv2 proposes: a row a proposal, a column a kind of transform, each with the algorithms to choose from.
extension ProposalTable {
    static let ofIKE: [Column.Kind] = [.sizedCipher, .suite(.integrity), .prf, .suite(.group)]
    private static let ofChild: [Column.Kind] = [.sizedCipher, .suite(.integrity), .suite(.group), .sequenceNumbers]

    /// What IKE_SA_INIT offered, and what the capture shows of the responder elsewhere.
    static func initial(_ attempt: Attempt, _ pair: PairCase) -> ProposalTable {
        let offered = attempt.proposals ?? []
        let kinds = ofIKE + additional(offered)
        var rows: [Row] = []
        func add(_ row: Row) {
            if !rows.contains(where: { $0.label == row.label && $0.cells == row.cells }) { rows.append(row) }
        }
        for elsewhere in pair.attempts where elsewhere.sa.identity != attempt.sa.identity {
            if elsewhere.initiator == attempt.responder {
                for proposal in elsewhere.proposals ?? [] {
                    add(
                        Row(
                            "offers itself (proposal \(proposal.number))", .ownOffer, frame: elsewhere.firstFrame,
                            values(proposal.algorithms, kinds, withoutGroup: nil)))
                }
            }
        }
        for known in pair.known.of(attempt.responder, .v2, except: attempt.sa.identity) {
            add(Row("chose elsewhere", known.source, frame: known.frame, values(known.suite, kinds)))
        }
        return ProposalTable(
            phase: 1, by: attempt.initiator, to: attempt.responder, columns: kinds.map { Column($0) },
            offered: offered.map { proposal in
                Row(
                    "proposal \(proposal.number)", .offer, frame: attempt.firstFrame,
                    values(proposal.algorithms, kinds, withoutGroup: nil))
            }, known: rows)
    }

    /// What a child was offered, and what the other side offered or took for others.
    static func child(_ attempt: Attempt, _ mode: Attempt.Mode, _ pair: PairCase, frame: Int) -> ProposalTable {
        let (own, other) = (attempt.address(mode.initiatedBy), attempt.address(mode.initiatedBy.other))
        let offered = mode.proposals ?? []
        let kinds = ofChild + additional(offered)
        var rows: [Row] = []
        for elsewhere in pair.attempts {
            for known in elsewhere.quickModes.prefix(64)
            where elsewhere.sa.identity != attempt.sa.identity || known.exchange != mode.exchange {
                let isOwn = elsewhere.address(known.initiatedBy) == other
                guard let proposals = isOwn ? known.proposals : known.chosen else { continue }
                let frame = elsewhere.messages.first { $0.exchange == known.exchange && $0.step.isAnswer != isOwn }
                for proposal in proposals {
                    let row = Row(
                        isOwn ? "offers itself (proposal \(proposal.number))" : "chose elsewhere",
                        isOwn ? .ownOffer : .choice, frame: frame?.firstFrame,
                        values(proposal.algorithms, kinds, withoutGroup: withoutGroup(known)))
                    if !rows.contains(where: { $0.label == row.label && $0.cells == row.cells }) { rows.append(row) }
                }
            }
        }
        return ProposalTable(
            phase: 2, by: own, to: other, columns: kinds.map { Column($0) },
            offered: offered.map { proposal in
                Row(
                    "\(proposal.protocolID.name ?? "protocol \(proposal.protocolID.rawValue)") proposal \(proposal.number)",
                    .offer, frame: frame, values(proposal.algorithms, kinds, withoutGroup: withoutGroup(mode)))
            }, known: rows)
    }

    /// The traffic that was asked for, and what of it was granted, or what the other side asks for or took elsewhere: each
    /// column is what lies behind one of the two, whoever speaks.
    static func selectors(_ attempt: Attempt, _ mode: Attempt.Mode, _ pair: PairCase, frame: Int) -> ProposalTable {
        let (own, other) = (attempt.address(mode.initiatedBy), attempt.address(mode.initiatedBy.other))
        var rows: [Row] = []
        func add(_ label: String, _ source: Source, _ traffic: ChildTraffic, frame: Int?) {
            let row = Row(
                label, source, frame: frame, [.selectors(traffic.initiator), .selectors(traffic.responder)])
            if !rows.contains(where: { $0.label == row.label && $0.cells == row.cells }) { rows.append(row) }
        }
        if let granted = mode.granted { add("grants", .choice, granted, frame: frame) }
        for elsewhere in pair.attempts {
            for known in elsewhere.quickModes.prefix(64)
            where elsewhere.sa.identity != attempt.sa.identity || known.exchange != mode.exchange {
                let isOwn = elsewhere.address(known.initiatedBy) == other
                guard let traffic = isOwn ? known.asked?.mirrored : known.granted else { continue }
                let frame = elsewhere.messages.first { $0.exchange == known.exchange }?.firstFrame
                add(isOwn ? "asks for itself" : "took elsewhere", isOwn ? .ownOffer : .choice, traffic, frame: frame)
            }
        }
        let asked = mode.asked.map { traffic in
            Row(
                "asks for", .offer, frame: frame,
                [Value?.some(.selectors(traffic.initiator)), .some(.selectors(traffic.responder))])
        }
        return ProposalTable(
            phase: 2, by: own, to: other, columns: [Column(.network(own)), Column(.network(other))],
            offered: [asked].compactMap { $0 }, known: rows)
    }

    // MARK: Cells

    static func additional(_ proposals: [Attempt.Proposed]) -> [Column.Kind] {
        Set(proposals.flatMap(\.algorithms.additionalGroups.keys)).sorted().map { .additionalGroup($0) }
    }

    /// A child without a group goes without PFS; in IKE_AUTH no group is negotiated, whatever the sides want later.
    private static func withoutGroup(_ mode: Attempt.Mode) -> Value {
        mode.isOfSetUp ? .unknown : .group(DHGroup(rawValue: 0))
    }

    static func values(_ set: AlgorithmSet, _ kinds: [Column.Kind], withoutGroup: Value?) -> [Value?] {
        func groups(_ groups: [DHGroup?]) -> [Value] { groups.map { .group($0 ?? DHGroup(rawValue: 0)) } }
        return kinds.map { kind in
            switch kind {
            case .sizedCipher: Value.any(of: set.ciphers.map { .sizedCipher($0) })
            case .suite(.integrity): Value.any(of: set.integrities.filter { $0 != .none }.map { .integrity($0) })
            case .prf: Value.any(of: set.prfs.map { .prf($0) })
            case .suite(.group):
                set.groups.isEmpty ? withoutGroup : Value.any(of: groups(set.groups))
            case .additionalGroup(let number): Value.any(of: groups(set.additionalGroups[number] ?? []))
            case .sequenceNumbers:
                Value.any(of: set.extendedSequenceNumbers.map { .sequenceNumbers(isExtended: $0) })
            case .suite, .network, .service: nil
            }
        }
    }

    private static func values(_ suite: IKESuite, _ kinds: [Column.Kind]) -> [Value?] {
        kinds.map { kind in
            switch kind {
            case .sizedCipher:
                suite.cipher.map { .sizedCipher(AlgorithmSet.SizedCipher($0, keyLength: suite.keyLength)) }
            case .suite(.integrity): suite.integrity.flatMap { $0 == .none ? nil : .integrity($0) }
            case .prf: suite.prf.map { .prf($0) }
            case .suite(.group): suite.group.map { .group($0) }
            case .additionalGroup(let number):
                suite.additionalGroups.indices.contains(number - 1) ? .group(suite.additionalGroups[number - 1]) : nil
            case .suite, .sequenceNumbers, .network, .service: nil
            }
        }
    }
}
