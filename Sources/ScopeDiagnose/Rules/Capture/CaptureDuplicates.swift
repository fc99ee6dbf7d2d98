import ScopeModel

/// Packets are in the capture twice.
struct CaptureDuplicates: Rule {
    func findings(_ capture: CaptureCase) -> [Finding] {
        guard capture.facts.sightingCount > 0 else { return [] }
        return [
            Finding(
                .capDuplicates, .proved, peers: [], frames: capture.facts.sightings,
                summary:
                    "\(Words.count(capture.facts.sightingCount, "packet")) \(capture.facts.sightingCount == 1 ? "is" : "are") in the capture twice",
                evidence: [
                    "the same packet at two points of its way, or twice at one (a mirror port); each counts once"
                ])
        ]
    }
}
