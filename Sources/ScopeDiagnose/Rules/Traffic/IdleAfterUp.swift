import ScopeDissect
import ScopeModel
import ScopeWire

/// The tunnel is up, and nothing goes through it.
struct IdleAfterUp: Rule {
    private static let time: Int64 = 5_000_000_000

    func findings(_ pair: PairCase) -> [Finding] {
        guard let attempt = pair.attempts.last(where: { !$0.pairs.isEmpty }), let frame = attempt.upFrame,
            let third = attempt.lastOfChild,
            !pair.hasTraffic, pair.accounts.allSatisfy({ $0.packets == 0 }), pair.last.since(third.time) > Self.time
        else { return [] }
        return [
            Finding(
                .espIdleAfterUp, .likely, peers: pair.peers, ikeSA: attempt.sa.id,
                spi: attempt.pairs.last?.spiToResponder, frames: [frame],
                summary:
                    "the tunnel between \(pair.initiator) and \(pair.responder) is up, but no traffic goes through it",
                evidence: [
                    "no ESP or AH packet in \(Words.seconds(from: third.time, to: pair.last)) after \(attempt.ios.childEnd)"
                ],
                advice: [
                    Finding.Advice(
                        "send traffic that the access list matches; look for a route into the tunnel",
                        ios: ["show crypto map", "show ip route"])
                ],
                lookAlikes: [
                    "ESP that does not pass this tap",
                    "ESP that is dropped before it (\(FindingID.espBlocked.text))",
                ])
        ]
    }
}
