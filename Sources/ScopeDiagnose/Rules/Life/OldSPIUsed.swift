import ScopeDissect
import ScopeModel
import ScopeWire

/// A side goes on sending under the old SPI though there is a newer one for the same traffic.
struct OldSPIUsed: Rule {
    /// Both SAs are good for so long after a rekeying: packets are under way, and each side moves in its own time.
    private static let grace: Int64 = 60_000_000_000

    private struct Made {
        var pair: Attempt.MadeSAs
        var time: Instant
        var frame: Int
    }

    func findings(_ pair: PairCase) -> [Finding] {
        let made = pair.attempts.flatMap { attempt in
            attempt.pairs.compactMap { known -> Made? in
                let last = attempt.messages.last {
                    $0.step.isOfChild && $0.exchange == known.quickMode.exchange || $0.isIn(known.frame)
                }
                return last.map { Made(pair: known, time: $0.time, frame: $0.firstFrame) }
            }
        }
        return pair.accounts.filter { $0.packets > 0 && $0.enclosure.depth == 0 }.compactMap { finding($0, made, pair) }
    }

    private func finding(_ account: IPsecAccount, _ made: [Made], _ pair: PairCase) -> Finding? {
        guard
            let own = made.first(where: {
                $0.pair.spiToInitiator == account.spi || $0.pair.spiToResponder == account.spi
            }),
            let replacedBy = own.pair.replacedBy, let newer = made.first(where: { $0.pair.identity == replacedBy }),
            account.lastTime.since(newer.time) > Self.grace
        else { return nil }
        let isToOther = Self.receiver(newer) == account.destination
        let replacement = isToOther ? newer.pair.spiToResponder : newer.pair.spiToInitiator
        return Finding(
            .oldSPIUsed, .proved, peers: pair.peers, ikeSA: account.ikeSA, spi: account.spi,
            frames: [newer.frame, account.lastFrame],
            summary:
                "\(account.source) still sends under the old SPI \(Words.hex(account.spi)) long after the rekeying",
            evidence: [
                "SPI \(Words.hex(replacement)) for the same traffic was agreed on in frame \(newer.frame)",
                "the last packet under the old one came \(Words.seconds(from: newer.time, to: account.lastTime)) later",
            ],
            advice: [
                Finding.Advice(
                    "make it use the newest SA, and delete the old one", on: account.source,
                    ios: ["clear crypto sa spi \(account.destination) esp \(Words.hex(account.spi))"]),
                Finding.Advice("keep the old SA until its lifetime ends", on: account.destination),
            ])
    }

    /// Who takes packets under `spiToResponder`.
    private static func receiver(_ made: Made) -> IPAddress {
        made.pair.receiver
    }
}
