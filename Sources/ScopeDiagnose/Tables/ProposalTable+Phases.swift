import ScopeConfig
import ScopeDissect
import ScopeModel
import ScopeWire

// MARK: Phase 1

extension ProposalTable {
    private static let phase1Kinds: [SuiteKind] = [.cipher, .keyLength, .hash, .group, .authentication, .lifetime]

    private static func phase1Values(_ suite: IKESuite) -> [Value?] { phase1Kinds.map { Value($0, of: suite) } }

    private static func columns(_ kinds: [SuiteKind]) -> [Column] { kinds.map { Column(.suite($0)) } }

    /// What the initiator offered, and what the capture shows of the responder elsewhere.
    static func phase1(_ attempt: Attempt, _ pair: PairCase) -> ProposalTable {
        let rows = pair.known.of(attempt.responder, .v1, except: attempt.sa.identity).map { known in
            Row(
                known.source == .ownOffer
                    ? "offers itself (transform \(known.transform))" : "chose elsewhere", known.source,
                frame: known.frame, phase1Values(known.suite))
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
                other.policy.number == last && !other.differences.contains(.authentication)
            }?.suite.authentication
            let policy = pairing.policy
            var suite = policy.suite
            suite.authentication = taken ?? suite.authentication
            rows.append(
                Row(
                    (policy.isDefault ? "default policy " : "policy ") + "\(policy.number)", .configuration,
                    frame: nil, phase1Values(suite)))
        }
        return phase1(attempt, known: rows)
    }

    private static func phase1(_ attempt: Attempt, known: [Row]) -> ProposalTable {
        let offered = (attempt.offers ?? []).compactMap { offer in
            offer.ike.map { suite in
                Row("transform \(offer.transform)", .offer, frame: attempt.firstFrame, phase1Values(suite))
            }
        }
        return ProposalTable(
            phase: 1, by: attempt.initiator, to: attempt.responder, columns: columns(phase1Kinds), offered: offered,
            known: known)
    }
}

// MARK: Phase 2

extension ProposalTable {
    fileprivate static let phase2Kinds: [SuiteKind] = [
        .cipher, .keyLength, .integrity, .encapsulation, .group, .lifetime,
    ]

    private static func phase2Rows(
        _ offers: [Offer]?, _ source: Source, frame: Int?, _ label: (Offer) -> String
    ) -> [Row] {
        (offers ?? []).compactMap { offer in
            offer.child.map { suite in
                Row(label(offer), source, frame: frame, phase2Kinds.map { Value($0, of: suite) })
            }
        }
    }

    /// What a Quick Mode offered, and what the other side offered or took in others.
    static func phase2(_ attempt: Attempt, _ mode: Attempt.Mode, _ pair: PairCase, frame: Int) -> ProposalTable {
        let (own, other) = (attempt.address(mode.initiatedBy), attempt.address(mode.initiatedBy.other))
        var rows: [Row] = []
        for elsewhere in pair.attempts {
            for known in elsewhere.quickModes.prefix(64)
            where elsewhere.sa.identity != attempt.sa.identity || known.messageID != mode.messageID {
                let isOwn = elsewhere.address(known.initiatedBy) == other
                guard let offers = isOwn ? known.offers : known.answers else { continue }
                let frame = elsewhere.messages.first {
                    $0.messageID == known.messageID && $0.step == .v1(.quickMode(isOwn ? 1 : 2))
                }?.firstFrame
                let made = phase2Rows(offers, isOwn ? .ownOffer : .choice, frame: frame) {
                    isOwn ? "offers itself (\(name($0)))" : "chose elsewhere"
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
        let asked = mode.offers?.first?.child?.encapsulation
        // A set says tunnel or transport; that it goes in UDP is NAT's doing.
        let rows = sets.flatMap { set in
            set.rows(
                asksForTransport: asked?.isTransport ?? false, isInUDP: asked?.isInUDP ?? false,
                pfs: pfs.flatMap { $0.group(beside: mode.group) })
        }
        return phase2(mode, request.peer, request.local, frame: frame, known: rows)
    }

    private static func phase2(
        _ mode: Attempt.Mode, _ own: IPAddress, _ other: IPAddress, frame: Int, known: [Row]
    ) -> ProposalTable {
        ProposalTable(
            phase: 2, by: own, to: other, columns: columns(phase2Kinds),
            offered: phase2Rows(mode.offers, .offer, frame: frame, name), known: known)
    }

    private static func name(_ offer: Offer) -> String {
        "proposal \(offer.number) transform \(offer.transform)"
    }
}

extension ProposalTable.Row {
    fileprivate func isLike(_ other: Self) -> Bool { cells.dropLast() == other.cells.dropLast() }
}

extension TransformSet {
    /// A row for each protocol of the set.
    fileprivate func rows(asksForTransport: Bool, isInUDP: Bool, pfs: DHGroup?) -> [ProposalTable.Row] {
        let isTransport =
            switch mode {
            case .tunnel: false
            case .transport: asksForTransport
            case .transportOnly: true
            }
        return suites(encapsulation: isTransport ? .transport : .tunnel).map { suite in
            var suite = suite
            let mode: Encapsulation =
                isTransport ? isInUDP ? .transportInUDP : .transport : isInUDP ? .tunnelInUDP : .tunnel
            suite.encapsulation = suite.protocolID == .ipComp ? nil : mode
            suite.group = pfs
            return ProposalTable.Row(
                "transform set \(name)", .configuration, frame: nil,
                ProposalTable.phase2Kinds.map { ProposalTable.Value($0, of: suite) })
        }
    }
}

extension PFS {
    /// The group that it asks for; one that takes any takes the offered one.
    fileprivate func group(beside offered: DHGroup?) -> DHGroup? {
        switch self {
        case .none: offered
        case .unnamed: offered.flatMap { accepts($0) ? $0 : nil } ?? DHGroup(rawValue: 1)
        case .group(let group): group
        }
    }
}
