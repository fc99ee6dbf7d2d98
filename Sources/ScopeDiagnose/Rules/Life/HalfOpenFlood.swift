import ScopeModel
import ScopeWire

/// Many sources that send a first message, and never a second one.
struct HalfOpenFlood: Rule {
    private static let sources = 50

    func findings(_ capture: CaptureCase) -> [Finding] {
        guard let most = capture.halfOpen.most, most.sources >= Self.sources else { return [] }
        return [
            Finding(
                .halfOpenFlood, .likely, peers: [most.target], frames: most.frames,
                summary:
                    "\(most.attempts) attempts at \(most.target) from \(most.sources) sources that stop after its first answer",
                evidence: ["first messages from many sources, and a third message from none of them"],
                advice: [
                    Finding.Advice(
                        "limit the number of unfinished negotiations", on: most.target,
                        ios: [
                            "crypto call admission limit ike in-negotiation-sa 100",
                            "crypto ikev2 cookie-challenge 100",
                        ])
                ], lookAlikes: ["a scanner (\(FindingID.spoofOrScan.text))", "many clients after an outage"])
        ]
    }
}
