import ScopeDissect
import ScopeModel
import ScopeWire

/// IKE_SA_INIT is answered by a notification of an error, in the clear, and by nothing better.
struct InitialRefused: IKEv2Rule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        guard attempt.isFromStart, attempt.firstAnswer == nil, !attempt.isUp,
            let answer = attempt.sent(by: .responder).last(where: { $0.isInitial && $0.refusal != nil }),
            let refusal = answer.refusal, attempt.authentications.isEmpty
        else { return [] }
        switch refusal.meaning {
        case .refusedProposal: return [proposal(attempt, answer, pair)]
        case .unknownCriticalPayload: return [critical(attempt, answer, refusal)]
        // These have rules of their own.
        case .wrongVersion, .wrongGroup: return []
        default: return [other(attempt, answer, refusal)]
        }
    }

    // MARK: NO_PROPOSAL_CHOSEN

    private func proposal(_ attempt: Attempt, _ answer: Attempt.Message, _ pair: PairCase) -> Finding {
        let (initiator, responder) = (attempt.initiator, attempt.responder)
        let table = ProposalTable.initial(attempt, pair)
        // strongSwan has no SPI where no proposal fits, and one where it does not know the peer; others always have one.
        let hasSPI = attempt.sa.responderSPI != 0
        let frames = [attempt.firstFrame, answer.firstFrame]
        let evidence =
            "IKE_SA_INIT is answered by NO_PROPOSAL_CHOSEN with "
            + (hasSPI ? "a responder SPI" : "a responder SPI of zero") + " (\(answer.length) bytes)"
        guard !hasSPI || !table.differing.isEmpty else {
            var finding = Finding(
                .noKeyForPeer, .possible, peers: attempt.peers, frames: frames,
                summary:
                    "\(responder) refuses \(initiator): it does not know this peer for IKEv2, or accepts none of its proposals",
                evidence: [
                    evidence,
                    "strongSwan answers so where it does not know the peer or speaks IKEv1 with it; libreswan and others also where no proposal fits",
                ],
                advice: [
                    Finding.Advice(
                        "configure the peer \(initiator) for IKEv2, and compare the proposals", on: responder,
                        ios: [
                            "crypto ikev2 profile NAME", " match identity remote address \(initiator)",
                            "show crypto ikev2 proposal",
                        ])
                ],
                lookAlikes: [
                    "no common proposal (\(FindingID.p1ProposalMismatch.text))",
                    "a responder that speaks only IKEv1 with this peer (\(FindingID.versionMismatch.text))",
                ])
            finding.proposals = table
            return finding
        }
        var finding = Finding(
            .p1ProposalMismatch, hasSPI ? .likely : .proved, peers: attempt.peers, frames: frames,
            summary: "\(responder) accepts none of the IKE proposals of \(initiator)" + conclusion(table),
            evidence: [evidence],
            advice: [
                Finding.Advice(
                    table.isCompared
                        ? "make one IKE proposal the same on both sides"
                        : "compare with the IKE proposals there: the capture shows none of them", on: responder,
                    ios: ["show crypto ikev2 proposal"] + IKEv2Lines.proposal(attempt, pair))
            ], lookAlikes: hasSPI ? ["no entry for this peer (\(FindingID.noKeyForPeer.text))"] : [])
        finding.proposals = table
        return finding
    }

    private func conclusion(_ table: ProposalTable) -> String {
        let names = table.differing.map { table.name(ofColumn: $0) }
        guard !names.isEmpty else { return "" }
        let isGuess = table.known.allSatisfy { $0.source == .choice }
        return ": " + names.joined(separator: " and ") + " differ" + (names.count == 1 ? "s" : "")
            + (isGuess ? " from what it chose elsewhere" : "")
    }

    // MARK: Other errors

    private func critical(
        _ attempt: Attempt, _ answer: Attempt.Message, _ refusal: Attempt.Notification
    ) -> Finding {
        var name = "a payload"
        if case .payloadType(let type) = refusal.content { name = "payload \(type)" }
        return Finding(
            .unsupportedCritical, .proved, peers: attempt.peers, frames: [attempt.firstFrame, answer.firstFrame],
            summary: "\(attempt.responder) does not understand \(name), which \(attempt.initiator) marks as critical",
            evidence: ["IKE_SA_INIT is answered by UNSUPPORTED_CRITICAL_PAYLOAD"],
            advice: [
                Finding.Advice(
                    "switch off the extension that sends this payload, or update the other side", on: attempt.initiator,
                    ios: ["show crypto ikev2 profile"])
            ])
    }

    private func other(
        _ attempt: Attempt, _ answer: Attempt.Message, _ refusal: Attempt.Notification
    ) -> Finding {
        Finding(
            .stalled, .likely, peers: attempt.peers, frames: [attempt.firstFrame, answer.firstFrame],
            summary: "\(attempt.responder) refuses IKE_SA_INIT of \(attempt.initiator): \(refusal.type)",
            evidence: ["the notification is not protected: anybody could have sent it"],
            advice: [
                Finding.Advice(
                    "see what it says of this peer", on: attempt.responder,
                    ios: ["debug crypto ikev2", "show crypto ikev2 profile"])
            ], lookAlikes: ["a notification that somebody else sent"])
    }
}
