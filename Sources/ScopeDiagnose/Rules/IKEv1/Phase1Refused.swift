import ScopeConfig
import ScopeDissect
import ScopeModel
import ScopeWire

/// The responder takes none of the phase 1 transforms, or does not know the peer.
struct Phase1Refused: IKEv1Rule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        guard attempt.isFromStart, attempt.sa.position <= 3 else { return [] }
        let refusals = attempt.sent(by: .responder).filter { !$0.isEncrypted && $0.step.isInformational }
        if let refusal = refusals.first(where: { $0.has(.refusedProposal) }), attempt.sa.position <= 1 {
            return [proposal(attempt, refusal, in: pair)]
        }
        if attempt.sa.position == 3, let refusal = refusals.first(where: { $0.has(.refusedKey) }) {
            return [noKey(attempt, refusal)]
        }
        return []
    }

    private func proposal(_ attempt: Attempt, _ refusal: Attempt.Message, in pair: PairCase) -> Finding {
        let (initiator, responder) = (attempt.initiator, attempt.responder)
        let frames = [attempt.firstFrame] + refusal.frames.prefix(1)
        // strongSwan names no SPI where it does not know the peer, and both cookies where no proposal fits.
        let namesSA = (refusal.notifications.first { $0.meaning == .refusedProposal }?.spiLength ?? 0) > 0
        let table = ProposalTable.phase1(attempt, pair)
        // Where the two offers have nothing in common, that is reason enough.
        guard namesSA || !table.differing.isEmpty else {
            return attempt.sa.responderSPI == 0
                ? either(attempt, refusal, frames, table) : unknown(attempt, refusal, frames, table)
        }
        var finding = Finding(
            .p1ProposalMismatch, namesSA ? .proved : .likely, peers: attempt.peers, frames: frames,
            summary: "\(responder) accepts none of the phase 1 proposals of \(initiator)" + Self.conclusion(table),
            evidence: [
                "message 1 is answered by NO-PROPOSAL-CHOSEN"
                    + (namesSA ? "" : " that names no SA (\(refusal.length) bytes)")
            ],
            advice: [
                Finding.Advice(
                    table.isCompared
                        ? "make one phase 1 policy the same on both sides"
                        : "compare with the phase 1 policies there: the capture shows none of them", on: responder,
                    ios: ["show crypto isakmp policy"]
                        + (attempt.offers?.first?.ike.flatMap {
                            IOSText.policyLines($0, number: 10)
                        } ?? []))
            ], lookAlikes: namesSA ? [] : ["no key for this peer (\(FindingID.noKeyForPeer.text))"])
        finding.proposals = table
        return finding
    }

    /// The answer names no SA, and has no cookie of its own: libreswan says both with the same bytes.
    private func either(
        _ attempt: Attempt, _ refusal: Attempt.Message, _ frames: [Int], _ table: ProposalTable
    ) -> Finding {
        let (initiator, responder) = (attempt.initiator, attempt.responder)
        var finding = Finding(
            .p1ProposalMismatch, .possible, peers: attempt.peers, frames: frames,
            summary:
                "\(responder) refuses message 1 of \(initiator): it accepts none of its proposals, or has no key for it",
            evidence: [
                "message 1 is answered by NO-PROPOSAL-CHOSEN that names no SA (\(refusal.length) bytes), with a responder cookie of zero",
                "libreswan answers so where no proposal fits and where it has no key for the peer; it keeps silent to a peer that it does not know",
            ],
            advice: [
                Finding.Advice(
                    "compare the phase 1 policies, and see in its log which of the two it is", on: responder,
                    ios: ["show crypto isakmp policy", "debug crypto isakmp"]),
                Finding.Advice(
                    "see that the key for this peer is there, under this address or its identity", on: responder,
                    ios: ["crypto isakmp key KEY address \(initiator)"]),
            ],
            lookAlikes: [
                "no key for this peer (\(FindingID.noKeyForPeer.text))",
                "another method of authentication than the connection allows",
            ])
        finding.proposals = table
        return finding
    }

    /// The answer names no SA: strongSwan does so where it does not know the peer.
    private func unknown(
        _ attempt: Attempt, _ refusal: Attempt.Message, _ frames: [Int], _ table: ProposalTable
    ) -> Finding {
        let (initiator, responder) = (attempt.initiator, attempt.responder)
        var finding = Finding(
            .noKeyForPeer, .possible, peers: attempt.peers, frames: frames,
            summary: "\(responder) refuses \(initiator) completely: it seems not to know this peer",
            evidence: ["message 1 is answered by NO-PROPOSAL-CHOSEN that names no SA (\(refusal.length) bytes)"],
            advice: [
                Finding.Advice(
                    "configure the peer \(initiator), with its key, for IKEv1", on: responder,
                    ios: [
                        "crypto isakmp key KEY address \(initiator)", "crypto map MAP 10 ipsec-isakmp",
                        " set peer \(initiator)",
                    ])
            ],
            lookAlikes: [
                "no common proposal (\(FindingID.p1ProposalMismatch.text))",
                "a responder that speaks only IKEv2 (\(FindingID.versionMismatch.text))",
            ])
        finding.proposals = table
        return finding
    }

    /// `: encryption differs`, where exactly that is seen.
    static func conclusion(_ table: ProposalTable) -> String {
        let names = table.differing.map { table.name(ofColumn: $0) }
        guard !names.isEmpty else { return "" }
        let isGuess = table.known.allSatisfy { $0.source == .choice }
        return ": " + names.joined(separator: " and ") + " differ" + (names.count == 1 ? "s" : "")
            + (isGuess ? " from what it chose elsewhere" : "")
    }

    private func noKey(_ attempt: Attempt, _ refusal: Attempt.Message) -> Finding {
        Finding(
            .noKeyForPeer, .likely, layer: .authentication, peers: attempt.peers,
            frames: [attempt.firstFrame] + refusal.frames.prefix(1),
            summary: "\(attempt.responder) has no pre-shared key for \(attempt.initiator)",
            evidence: [
                "INVALID-KEY-INFORMATION in the clear after Main Mode message \(attempt.sa.position), instead of message 4"
            ],
            advice: [
                Finding.Advice(
                    "add the key for this address", on: attempt.responder,
                    ios: ["crypto isakmp key KEY address \(attempt.initiator)"])
            ])
    }
}
