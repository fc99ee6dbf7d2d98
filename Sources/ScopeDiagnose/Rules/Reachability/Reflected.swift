import ScopeModel

/// What a peer was sent comes back from its address byte for byte: nobody answers there.
struct Reflected: Rule {
    func findings(_ pair: PairCase) -> [Finding] {
        let back = pair.reflections
        guard back.count > 0, let by = back.by else { return [] }
        let other = by == pair.initiator ? pair.responder : pair.initiator
        let isUp = pair.attempts.contains { $0.isUp }
        return [
            Finding(
                .reflected, .proved, severity: isUp ? .warning : nil, peers: pair.peers, frames: back.frames,
                summary: "\(by) sends back what \(other) sends, byte for byte: reflected, not answered",
                evidence: [
                    "\(Words.count(back.count, "packet")) from \(by) \(back.count == 1 ? "has" : "have") the bytes of one that went to it, with the addresses exchanged",
                    "an answer has an SPI or cookie of its own: no IKE has read these",
                ],
                advice: [
                    Finding.Advice(
                        "find what reflects: a loopback or test reflector, a NAT or load balancer that sends packets back to their source, or somebody who plays them back",
                        on: by)
                ])
        ]
    }
}
