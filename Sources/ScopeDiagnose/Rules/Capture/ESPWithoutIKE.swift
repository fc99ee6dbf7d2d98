import ScopeDissect
import ScopeModel
import ScopeWire

/// SAs whose negotiation is not in the capture: a fact.
struct ESPWithoutIKE: Rule {
    func findings(_ pair: PairCase) -> [Finding] {
        // What a negotiation makes that cannot be read may be theirs.
        guard !pair.attempts.contains(where: \.mayHaveChildren), !pair.isContinued, pair.cutMessages == 0,
            !pair.hasCutUDP
        else { return [] }
        let known = Set(pair.attempts.flatMap(\.pairs).flatMap { [$0.spiToInitiator, $0.spiToResponder] })
        let strangers = pair.accounts.filter {
            $0.packets > 0 && $0.ikeSA == nil && !known.contains($0.spi) && $0.enclosure.depth == 0
        }
        guard !strangers.isEmpty, pair.attempts.allSatisfy({ !$0.isUp }) else { return [] }
        let names = strangers.prefix(4).map { Words.hex($0.spi) }.joined(separator: ", ")
        return [
            Finding(
                .espNoIKE, .proved, peers: pair.peers, spi: strangers.count == 1 ? strangers[0].spi : nil,
                frames: strangers.prefix(64).map(\.firstFrame),
                summary:
                    "\(strangers.contains { !$0.isAH } ? "ESP" : "AH") without the IKE negotiation that created it: SPI \(names)",
                evidence: ["no Quick Mode with these SPIs is in the capture"],
                advice: [Finding.Advice("capture from before the tunnel comes up, or give the SAs' keys")])
        ]
    }
}
