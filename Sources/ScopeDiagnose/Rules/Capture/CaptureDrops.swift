import ScopeModel

/// The capturing system lost packets.
struct CaptureDrops: Rule {
    func findings(_ capture: CaptureCase) -> [Finding] {
        guard capture.facts.losses > 0 else { return [] }
        return [
            Finding(
                .capDrops, .proved, peers: [], frames: [],
                summary: "the capturing system lost \(capture.facts.losses) packets",
                evidence: ["missing packets may have been lost here"],
                advice: [Finding.Advice("capture with a filter, and a larger buffer")])
        ]
    }
}
