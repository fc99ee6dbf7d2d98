import ScopeDissect
import ScopeModel
import ScopeWire

/// The responder repeats Quick Mode message 2: message 3 does not arrive there.
struct ThirdMessageLost: IKEv1Rule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        attempt.messages.compactMap { message -> Finding? in
            guard message.step == .v1(.quickMode(2)), message.repeats > 0 else { return nil }
            let third = attempt.messages.first {
                $0.messageID == message.messageID && $0.step == .v1(.quickMode(3))
            }
            guard let third else { return unseen(attempt, message, pair) }
            guard message.lastTime > third.time else { return nil }
            let receiver = attempt.address(message.sender)
            return Finding(
                .qm3Lost, .likely, peers: attempt.peers, frames: Attempt.frames([message, third]),
                summary: "Quick Mode message 3 does not reach \(receiver), which repeats message 2",
                evidence: ["message 2 was sent \(message.transmissions) times, also after message 3 passed here"],
                advice: [Finding.Advice("look for loss between this tap and \(receiver)")])
        }
    }

    /// Message 3 is not in the capture at all: who has to send it goes on as if it had, or does not.
    private func unseen(_ attempt: Attempt, _ message: Attempt.Message, _ pair: PairCase) -> Finding? {
        guard !attempt.hasTraffic else { return nil }
        let (asker, answerer) = (attempt.address(message.sender.other), attempt.address(message.sender))
        let later = pair.accounts.filter {
            $0.source == asker && $0.packets > 0 && $0.enclosure.depth == 0 && $0.firstTime >= message.time
        }
        let packets = later.reduce(0) { $0 + $1.packets }
        let times =
            "message 2 was sent \(message.transmissions) times in \(Words.seconds(from: message.time, to: message.lastTime)); message 3 is not in the capture"
        let certainty = Stall.certainty(of: message, at: pair.captureEnd)
        guard let first = later.first else {
            return Finding(
                .qm3Lost, min(certainty, .likely), peers: attempt.peers, frames: Attempt.frames([message]),
                summary:
                    "\(asker) does not go on after Quick Mode message 2, which \(answerer) repeats: message 3 never comes, so phase 2 is not complete",
                evidence: [times, "no ESP of \(asker) under new SAs", "state of both: QM_IDLE"],
                advice: [
                    Finding.Advice(
                        "see whether message 2 arrives there, and whether it accepts what was chosen", on: asker,
                        ios: [attempt.ios.debug, "debug crypto ipsec"])
                ],
                lookAlikes: [
                    "message 2 lost behind this tap", "a choice that \(asker) refuses",
                    "message 3 lost before this tap",
                ])
        }
        return Finding(
            .qm3Lost, certainty, peers: attempt.peers, spi: later.count == 1 ? first.spi : nil,
            frames: Attempt.frames([message]) + [first.firstFrame],
            summary:
                "Quick Mode message 3 of \(asker) is lost before this tap: \(answerer) repeats message 2, and \(asker) uses the new SAs already",
            evidence: [
                times,
                "\(Words.count(packets, "ESP packet")) of \(asker) with SPI \(Words.hex(first.spi)) from frame \(first.firstFrame) on: it took message 2, so it sent message 3",
                "\(answerer) has no SAs without message 3, so no ESP comes back: that is a consequence",
            ],
            advice: [
                Finding.Advice("look for loss between \(asker) and this tap, of UDP 500 and 4500 alone"),
                Finding.Advice("negotiate again", on: asker, ios: ["clear crypto sa peer \(answerer)"]),
            ],
            lookAlikes: ["a message 3 that the capture lost, and that did not arrive either"])
    }
}
