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
                    "captured at two points of the way, or twice at one point (a mirror port); each packet counts once"
                ])
        ]
    }
}
