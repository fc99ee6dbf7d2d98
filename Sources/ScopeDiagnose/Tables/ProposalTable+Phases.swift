import ScopeConfig
import ScopeDissect
import ScopeModel
import ScopeWire

// MARK: Phase 1

extension ProposalTable {
    /// The attributes of phase 1 that decide, in the order in which they are printed, and the lifetime, which does not.
    static let phase1Attributes: [UInt16] = [1, 14, 2, 4, 3]

    private static let phase1Columns = [
        Column("encryption"), Column("key length", isPartOfPrevious: true), Column("hash"), Column("group"),
        Column("authentication"), Column("lifetime", isCompared: false),
    ]

    private static func phase1Values(_ transform: Transform) -> [String?] {
        phase1Attributes.map { TransformText.phase1(transform, attribute: $0) }
            + [TransformText.phase1Lifetime(transform)]
    }

    /// What the initiator offered, and what the capture shows of the responder elsewhere.
    static func phase1(_ attempt: Attempt, _ pair: PairCase) -> ProposalTable {
        let rows = pair.known.of(attempt.responder, except: attempt.sa.id).map { known in
            Row(
                known.source == .ownOffer
                    ? "offers itself (transform \(known.transform.number))" : "chose elsewhere", known.source,
                frame: known.frame, phase1Values(known.transform))
        }
        return phase1(attempt, known: rows)
    }

    /// What the initiator offered, and the policies of the responder.
    static func phase1(_ attempt: Attempt, _ check: Phase1Check) -> ProposalTable {
        var rows: [Row] = []
        var last: Int?
        for pairing in check.pairings where pairing.policy.number != last {
            last = pairing.policy.number
            // Where the configuration takes another word for the same method, the table shows no difference.
            let taken = check.pairings.first { other in
                other.policy.number == last && !other.differences.contains { $0.attribute == .authenticationMethod }
            }?.transform.value(3)
            let policy = pairing.policy
            rows.append(
                Row(
                    (policy.isDefault ? "default policy " : "policy ") + "\(policy.number)", .configuration,
                    frame: nil, phase1Values(policy.transform(method: taken))))
        }
        return phase1(attempt, known: rows)
    }

    private static func phase1(_ attempt: Attempt, known: [Row]) -> ProposalTable {
        let offered = (attempt.offer?.proposals ?? []).flatMap(\.transforms).map { transform in
            Row("transform \(transform.number)", .offer, frame: attempt.firstFrame, phase1Values(transform))
        }
        return ProposalTable(
            phase: 1, by: attempt.initiator, to: attempt.responder, columns: phase1Columns, offered: offered,
            known: known)
    }
}

extension ISAKMPPolicy {
    /// The transform that it stands for.
    fileprivate func transform(method: UInt64?) -> Transform {
        var attributes: [Attribute] = []
        func add(_ type: UInt16, _ value: UInt64?) {
            guard let value else { return }
            attributes.append(
                Attribute(type: type, isShort: false, value: (0..<4).map { UInt8(value >> (24 - 8 * $0) & 0xff) }))
        }
        add(1, UInt64(encryption.rawValue))
        add(14, keyLength.map(UInt64.init))
        add(2, UInt64(hash.rawValue))
        add(4, UInt64(group.rawValue))
        add(3, method ?? UInt64(authentication.rawValue))
        add(11, 1)
        add(12, min(lifetime, UInt64(UInt32.max)))
        return Transform(number: 0, id: 1, attributes: attributes)
    }
}

// MARK: Phase 2

extension ProposalTable {
    private static let phase2Columns = [
        Column("transform"), Column("key length", isPartOfPrevious: true), Column("integrity"), Column("mode"),
        Column("PFS group"), Column("lifetime", isCompared: false),
    ]

    private static func phase2Rows(
        _ payload: Offer?, _ source: Source, frame: Int?, group: UInt16?, _ label: (Proposal, Transform) -> String
    ) -> [Row] {
        (payload?.proposals ?? []).flatMap { proposal in
            proposal.transforms.map { transform in
                let pfs = TransformText.phase2(transform, attribute: 3) ?? group.map { "\($0)" }
                return Row(
                    label(proposal, transform), source, frame: frame,
                    [
                        TransformText.bareAlgorithm(transform, of: proposal.protocolID),
                        TransformText.phase2(transform, attribute: 6), TransformText.phase2(transform, attribute: 5),
                        TransformText.phase2(transform, attribute: 4), pfs, TransformText.phase2Lifetime(transform),
                    ])
            }
        }
    }

    /// What a Quick Mode offered, and what the other side offered or took in others.
    static func phase2(_ attempt: Attempt, _ mode: Attempt.Mode, _ pair: PairCase, frame: Int) -> ProposalTable {
        let (own, other) = (attempt.address(mode.initiatedBy), attempt.address(mode.initiatedBy.other))
        var rows: [Row] = []
        for elsewhere in pair.attempts {
            for known in elsewhere.quickModes.prefix(64)
            where elsewhere.sa.id != attempt.sa.id || known.messageID != mode.messageID {
                let isOwn = elsewhere.address(known.initiatedBy) == other
                guard let payload = isOwn ? known.offer : known.answer else { continue }
                let frame = elsewhere.messages.first {
                    $0.messageID == known.messageID && $0.step == .quickMode(isOwn ? 1 : 2)
                }?.firstFrame
                let made = phase2Rows(payload, isOwn ? .ownOffer : .choice, frame: frame, group: nil) {
                    isOwn ? "offers itself (\(name($0, $1)))" : "chose elsewhere"
                }
                for row in made where !rows.contains(where: { $0.label == row.label && $0.isLike(row) }) {
                    rows.append(row)
                }
            }
        }
        return phase2(mode, own, other, frame: frame, known: rows)
    }

    /// What a Quick Mode offered, and transform sets of the other side with the PFS that goes with them.
    static func phase2(
        _ mode: Attempt.Mode, _ request: Phase2Request, sets: [TransformSet], pfs: PFS?, frame: Int
    ) -> ProposalTable {
        let isTransport = mode.offer?.proposals.first?.transforms.first.map { [2, 4, 61444].contains($0.value(4)) }
        // A set says tunnel or transport; that it goes in UDP is NAT's doing.
        let inUDP = [3, 4, 61443, 61444].contains(mode.offer?.proposals.first?.transforms.first?.value(4) ?? 0)
        let rows = sets.flatMap { set in
            set.rows(
                asksForTransport: isTransport ?? false, isInUDP: inUDP, pfs: pfs.flatMap { $0.group(mode.group) })
        }
        return phase2(mode, request.peer, request.local, frame: frame, known: rows)
    }

    private static func phase2(
        _ mode: Attempt.Mode, _ own: IPAddress, _ other: IPAddress, frame: Int, known: [Row]
    ) -> ProposalTable {
        ProposalTable(
            phase: 2, by: own, to: other, columns: phase2Columns,
            offered: phase2Rows(mode.offer, .offer, frame: frame, group: nil, name), known: known)
    }

    private static func name(_ proposal: Proposal, _ transform: Transform) -> String {
        "proposal \(proposal.number) transform \(transform.number)"
    }
}

extension ProposalTable.Row {
    fileprivate func isLike(_ other: Self) -> Bool { cells.dropLast() == other.cells.dropLast() }
}

extension TransformSet {
    /// A row for each protocol of the set.
    fileprivate func rows(asksForTransport: Bool, isInUDP: Bool, pfs: String?) -> [ProposalTable.Row] {
        let isTransport =
            switch mode {
            case .tunnel: false
            case .transport: asksForTransport
            case .transportOnly: true
            }
        let integrity = transforms.lazy.compactMap(\.integrity).first.map { UInt64($0.rawValue) }
        return transforms.compactMap { word in
            guard let id = word.id else { return nil }
            let made = Transform(
                number: 0, id: id,
                attributes: [(6, word.keyLength), (5, word.protocolID == .esp ? integrity : word.integrityOfAH)]
                    .compactMap { type, value in
                        value.map {
                            Attribute(type: type, isShort: true, value: [UInt8($0 >> 8 & 255), UInt8($0 & 255)])
                        }
                    })
            let mode = (isTransport ? "transport" : "tunnel") + (isInUDP ? " in UDP" : "")
            return ProposalTable.Row(
                "transform set \(name)", .configuration, frame: nil,
                [
                    TransformText.bareAlgorithm(made, of: word.protocolID),
                    TransformText.phase2(made, attribute: 6), TransformText.phase2(made, attribute: 5),
                    word.protocolID == .ipComp ? nil : mode, pfs, nil,
                ])
        }
    }
}

extension ConfiguredTransform {
    /// The Authentication-Algorithm that goes with a transform of AH (RFC 2407 section 4.4.3).
    fileprivate var integrityOfAH: UInt64? {
        guard protocolID == .ah, let id else { return nil }
        return [2: 1, 3: 2, 5: 5, 6: 6, 7: 7, 9: 9][UInt64(id)]
    }
}

extension PFS {
    /// The group that it asks for; one that takes any takes the offered one.
    fileprivate func group(_ offered: UInt16?) -> String? {
        switch self {
        case .none: offered.map { "\($0)" }
        case .unnamed: offered.flatMap { [1, 2, 5].contains($0) ? "\($0)" : nil } ?? "1"
        case .group(let group): "\(group.rawValue)"
        }
    }
}
