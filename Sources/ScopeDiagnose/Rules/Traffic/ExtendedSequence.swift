import ScopeDissect
import ScopeModel
import ScopeWire

/// Sequence numbers of 64 bits (RFC 4304), of which packets carry the lower half: a fact for whoever checks them.
struct ExtendedSequence: AttemptRule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        let made = attempt.pairs.filter { $0.suite.hasESN }
        guard let first = made.first, let frame = attempt.upFrame else { return [] }
        let spis = Set(made.flatMap { [$0.spiToInitiator, $0.spiToResponder] })
        let proved = pair.accounts.filter { spis.contains($0.spi) && $0.sequenceHigh != nil }
        return [
            Finding(
                .esnNotChecked, .proved, peers: attempt.peers, spi: first.spiToResponder, frames: [frame],
                summary: "\(attempt.initiator) and \(attempt.responder) use extended sequence numbers",
                evidence: [
                    "the agreed transform of SPI \(Words.hex(first.spiToResponder)) has Extended-Sequence-Number 1",
                    proved.isEmpty
                        ? "the upper 32 bits are in no packet: no ICV here has proved them"
                        : "the ICVs are right with the upper 32 bits at \(proved.compactMap(\.sequenceHigh).max() ?? 0)",
                ],
                advice: [
                    Finding.Advice(
                        "not a fault: high rates need it; other tools check ICVs only if they are told",
                        ios: ["crypto ipsec transform-set SET esp-256-aes esn"])
                ])
        ]
    }
}
