import ScopeDissect
import ScopeModel
import ScopeWire

/// The first message is sent again and again, and nothing comes back.
struct NoResponse: AttemptRule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        guard let first = attempt.messages.first, first.sender == .initiator, attempt.isFromStart, first.repeats > 0,
            attempt.sent(by: .responder).isEmpty, attempt.sa.responderSPI == 0,
            // Who says why it does not get through is told by that.
            !pair.errors.contains(where: { !$0.notice.error.isTooBig })
        else { return [] }
        let (initiator, responder) = (attempt.initiator, attempt.responder)
        // Something of the peer is here: it lives, and chooses not to answer.
        let isAlive =
            pair.fromResponder > 0 && pair.initiator == initiator
            || pair.attempts.contains {
                $0.sa.identity != attempt.sa.identity
                    && !$0.sent(by: $0.initiator == responder ? .initiator : .responder).isEmpty
            }
        let times = attempt.messages.count == 1 && pair.hasClock ? Self.spacing(first) : nil
        return [
            Finding(
                isAlive ? .peerSilentPolicy : .noResponse,
                // While it is still sent again, the next one may be answered.
                isAlive ? .possible : Stall.certainty(of: first, at: pair.captureEnd),
                peers: attempt.peers, frames: first.frames,
                summary: isAlive
                    ? "\(responder) is alive, but does not answer the first message of \(initiator)"
                    : "\(responder) does not answer: the first message was sent \(first.transmissions) times",
                evidence: [
                    "\(first.transmissions) transmissions of \(first.name) from \(initiator)\(times ?? "")",
                    "no packet of this negotiation came from \(responder), and no ICMP error",
                ],
                advice: [
                    Finding.Advice(
                        "check that the peer is up, that this is its address, and that nothing on the way drops UDP 500",
                        on: initiator, ios: [attempt.ios.showPolicy, "ping \(responder)"]),
                    Finding.Advice(
                        "see whether the packets arrive there; a peer that knows no key or map for \(initiator) may keep silent",
                        on: responder,
                        ios: [attempt.ios.debug] + attempt.ios.key(for: initiator)),
                ],
                lookAlikes: [
                    "a filter on the way", "a wrong peer address",
                    "a peer that does not know this one and keeps silent",
                    "answers that do not pass this tap",
                ])
        ]
    }

    private static func spacing(_ message: Attempt.Message) -> String? {
        let seconds = Double(message.lastTime.since(message.time)) / 1e9
        return " in \(Words.seconds(seconds))"
    }
}
