import ScopeDissect
import ScopeModel
import ScopeWire

/// A request of a tunnel that was up is sent again and again, without an answer (RFC 7296 section 2.4).
struct LivenessUnanswered: IKEv2Rule {
    private static let transmissions = 3

    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        guard attempt.isAuthenticated || attempt.isUp || !attempt.isFromStart else {
            return []
        }
        let unanswered = attempt.messages.filter { message in
            !message.step.isAnswer && !message.step.isOfSetUp && message.isEncrypted
                && message.transmissions >= Self.transmissions && attempt.answer(to: message) == nil
        }
        return [Role.initiator, .responder].compactMap { role in
            unanswered.last { $0.sender == role }.map { finding($0, attempt, pair) }
        }
    }

    private func finding(_ request: Attempt.Message, _ attempt: Attempt, _ pair: PairCase) -> Finding {
        let (asker, peer) = (attempt.address(request.sender), attempt.address(request.sender.other))
        let isAlive = Self.isSending(peer, since: request, pair)
        let what =
            switch request.purpose {
            case .liveness?: "a question whether it is alive"
            case .rekeyedChild?, .child?: "a request for a child SA"
            case .rekeyedIKE?: "a request to rekey the IKE SA"
            case .deletedIKE?, .deletedChildren?: "a Delete"
            case .addresses?: "a move to another address"
            default: "a request (\(request.name.split(separator: " ").first ?? ""))"
            }
        let times = "sent \(request.transmissions) times in \(Words.seconds(from: request.time, to: request.lastTime))"
        let last = attempt.sent(by: request.sender.other).last { $0.time < request.time }?.frames.last
        if isAlive {
            return Finding(
                .dpdLossButESP, .likely, peers: attempt.peers, frames: request.frames,
                summary: "\(peer) does not answer IKE of \(asker), while ESP flows in both directions",
                evidence: ["\(what), \(times), and no answer", "ESP of \(peer) continues during this time"],
                advice: [
                    Finding.Advice(
                        "look for a filter or a policer of UDP 500 and 4500 in front of it (control plane policing)",
                        on: peer, ios: ["show policy-map control-plane", "permit udp any any eq non500-isakmp"])
                ], lookAlikes: ["answers that do not pass this tap"])
        }
        return Finding(
            .dpdTimeout, .likely, peers: attempt.peers, frames: request.frames,
            summary: "\(peer) does not answer any more: \(asker) asked \(request.transmissions) times",
            evidence: [
                "\(what), \(times), and no answer",
                last.map { "nothing of this IKE SA came from \(peer) after frame \($0)" } ?? "",
            ].filter { !$0.isEmpty },
            advice: [
                Finding.Advice(
                    "see whether the device is up and reachable, and whether it still has this SA", on: peer,
                    ios: ["show crypto ikev2 sa"]),
                Finding.Advice("check that nothing on the way drops UDP 500 and 4500"),
            ],
            lookAlikes: [
                "a path that is down", "a peer that was restarted (\(FindingID.peerReboot.text))",
                "packets lost behind this tap",
            ])
    }

    /// ESP or AH of `peer` comes behind the first repeat of a request.
    private static func isSending(_ peer: IPAddress, since request: Attempt.Message, _ pair: PairCase) -> Bool {
        pair.accounts.contains {
            $0.source == peer && $0.packets > 1 && $0.enclosure.depth == 0 && $0.firstTime < request.time
                && $0.lastTime.since(request.time) > 1_000_000_000
        }
    }
}

/// A side has no IKE SA with the SPIs of a message (RFC 7296 section 1.5).
struct LostIKESA: IKEv2Rule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        guard let answer = attempt.messages.first(where: { !$0.isEncrypted && $0.has(.unknownIKESA) })
        else { return [] }
        let (loser, other) = (attempt.address(answer.sender), attempt.address(answer.sender.other))
        return [
            Finding(
                .peerReboot, .likely, peers: attempt.peers, frames: answer.frames,
                summary: "\(loser) does not know the IKE SA any more that \(other) uses (INVALID_IKE_SPI)",
                evidence: ["the notification is not protected: anybody could have sent it"],
                advice: [
                    Finding.Advice(
                        "clear the SA there, so that it is negotiated anew", on: other,
                        ios: ["clear crypto ikev2 sa remote \(loser)", "crypto ikev2 dpd 10 2 periodic"]),
                    Finding.Advice("see why it lost its SAs", on: loser, ios: ["show version"]),
                ],
                lookAlikes: ["a failover that did not keep the SAs", "a notification that somebody else sent"])
        ]
    }
}

/// Message IDs that a peer does not take, or that are used twice (RFC 7296 section 2.3).
struct MessageIDs: IKEv2Rule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        if let message = attempt.messages.first(where: { $0.has(.wrongMessageID) }) {
            let (sender, other) = (attempt.address(message.sender), attempt.address(message.sender.other))
            return [
                finding(
                    attempt, [message], "\(sender) got a message of \(other) whose message ID is outside its window",
                    "INVALID_MESSAGE_ID in frame \(message.firstFrame)")
            ]
        }
        // The same ID with other content: both could be read, so neither is a damaged copy.
        for (index, message) in attempt.messages.enumerated() where message.isOpened && message.isEncrypted {
            let again = attempt.messages[(index + 1)...].first {
                $0.exchange == message.exchange && $0.step.isAnswer == message.step.isAnswer && $0.isOpened
                    && $0.isEncrypted && $0.sender == message.sender
            }
            guard let again else { continue }
            return [
                finding(
                    attempt, [message, again],
                    "\(attempt.address(message.sender)) uses message ID \(message.messageID) for two different messages",
                    "\(message.name) in frame \(message.firstFrame), and another one in frame \(again.firstFrame)")
            ]
        }
        return []
    }

    private func finding(
        _ attempt: Attempt, _ messages: [Attempt.Message], _ summary: String, _ evidence: String
    ) -> Finding {
        Finding(
            .v2Window, messages.allSatisfy { $0.isEncrypted || $0.refusal == nil } ? .proved : .likely,
            peers: attempt.peers, frames: messages.map(\.firstFrame), summary: summary,
            evidence: [evidence],
            advice: [
                Finding.Advice(
                    "look for a failover that did not keep the message IDs (RFC 6311), or for a software fault",
                    ios: ["show crypto ikev2 sa detailed", "show version"])
            ])
    }
}
