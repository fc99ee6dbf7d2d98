import ScopeModel
import ScopeWire

/// Answers of many hosts to a question that they were never asked: somebody asks them in the name of another one.
struct ReflectionFlood: Rule {
    private static let sources = 5

    func findings(_ capture: CaptureCase) -> [Finding] {
        guard let most = capture.halfOpen.mostReflected, most.sources >= Self.sources else { return [] }
        return [
            Finding(
                .reflectionFlood, .likely, peers: [most.target], frames: most.frames,
                summary:
                    "\(most.sources) hosts answer \(most.target) with one initiator SPI, and no question of it is in the capture: a reflection flood",
                evidence: [
                    "\(most.attempts) first answers of IKE under initiator SPI 0x\(String(most.spi, radix: 16))",
                    "somebody sends first messages in the name of \(most.target), so that the answers go there",
                ],
                advice: [
                    Finding.Advice(
                        "drop UDP 500 and 4500 of hosts that it has no tunnel with, as near to the source as possible",
                        on: most.target, ios: ["ip access-list extended IKE", " permit udp host PEER any eq isakmp"])
                ], lookAlikes: ["a scanner behind this address, whose questions take another way"])
        ]
    }
}
