import ScopeModel

/// The capture was made on a sender, before its network card had finished the packets.
struct ChecksumsUnfinished: Rule {
    func findings(_ capture: CaptureCase) -> [Finding] {
        let facts = capture.facts
        guard facts.partialCount > 0 else { return [] }
        let sender = facts.partialSender.map { " of \($0)" } ?? ""
        return [
            Finding(
                .capOffload, .proved, peers: [], frames: facts.partial,
                summary: "this capture was made on a sender, before its network card completed the packets",
                evidence: [
                    "the UDP checksum of \(Words.count(facts.partialCount, "IKE message"))\(sender) covers only the addresses: it was right on the wire",
                    "the network card may also split or join large packets, which this capture does not show",
                ],
                advice: [
                    Finding.Advice(
                        "capture on the wire, or switch offloading off: ethtool -K IF tx off gso off gro off",
                        ios: ["monitor session 1 source interface IF both"])
                ])
        ]
    }
}
