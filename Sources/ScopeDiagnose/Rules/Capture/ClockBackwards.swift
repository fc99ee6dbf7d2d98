import ScopeModel

/// A frame is from before the one that it follows.
struct ClockBackwards: Rule {
    func findings(_ capture: CaptureCase) -> [Finding] {
        guard !capture.facts.backwards.isEmpty else { return [] }
        return [
            Finding(
                .capTimeStep, .proved, peers: [], frames: capture.facts.backwards,
                summary: "the clock of the capture goes backwards", evidence: ["intervals across it mean nothing"])
        ]
    }
}
