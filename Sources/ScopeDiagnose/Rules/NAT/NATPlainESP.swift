import ScopeDissect
import ScopeModel
import ScopeWire

/// ESP without UDP through a NAT, of which one direction is missing.
struct NATPlainESP: Rule {
    private static let packets = 4

    func findings(_ pair: PairCase) -> [Finding] {
        guard !pair.path.isEncapsulated, let (attempt, frames) = NATSeen.first(of: pair) else { return [] }
        let sides = [true, false].filter { pair.path[$0].plainESP > 0 }
        guard sides.count == 1, let isInitiator = sides.first else { return [] }
        let side = pair.path[isInitiator]
        guard side.plainESP >= Self.packets else { return [] }
        let sender = isInitiator ? pair.initiator : pair.responder
        let silent = isInitiator ? pair.responder : pair.initiator
        var finding = Finding(
            .natPlainESP, .likely, peers: pair.peers, ikeSA: attempt.sa.id,
            spi: pair.accounts.first { !$0.isAH && $0.source == sender && $0.enclosure.depth == 0 }?.spi,
            frames: frames + side.plainFrames,
            summary: "ESP of \(sender) goes as IP protocol 50 through a NAT, and none comes back",
            evidence: [
                "NAT-D hashes do not match the addresses of \(attempt.initiator) and \(attempt.responder)",
                "\(Words.count(side.plainESP, "ESP packet")) from \(sender) without UDP, none from \(silent)",
            ],
            advice: [
                Finding.Advice(
                    "have both sides put ESP into UDP 4500",
                    ios: ["crypto ipsec nat-transparency udp-encapsulation", "show crypto ipsec sa | include settings"])
            ],
            lookAlikes: [
                "a filter of IP protocol 50 on the way (\(FindingID.espBlocked.text))",
                "hosts behind \(silent) that do not answer",
            ])
        finding.explains = .espBlocked
        return [finding]
    }
}
