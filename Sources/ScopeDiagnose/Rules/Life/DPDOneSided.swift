import ScopeDissect
import ScopeModel
import ScopeWire

/// Only one side can do Dead Peer Detection.
struct DPDOneSided: AttemptRule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        guard attempt.isFromStart,
            attempt.sa.position >= 4 || attempt.sa.mode == .aggressive && attempt.sa.position >= 2,
            !attempt.vendors.isEmpty
        else { return [] }
        let able = [Role.initiator, .responder].filter { attempt.vendors[$0]?.contains("dpd") ?? false }
        guard able.count == 1, let one = able.first else { return [] }
        return [
            Finding(
                .dpdOneSided, .proved, peers: attempt.peers, frames: [attempt.firstFrame],
                summary: "\(attempt.address(one)) offers Dead Peer Detection, \(attempt.address(one.other)) does not",
                evidence: ["only one side sends the vendor ID of DPD, so neither may send DPD requests"],
                advice: [
                    Finding.Advice(
                        "switch it on there", on: attempt.address(one.other), ios: ["crypto isakmp keepalive 10"])
                ])
        ]
    }
}
