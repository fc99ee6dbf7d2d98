import ScopeDissect
import ScopeModel
import ScopeWire

/// One side speaks IKEv1, the other IKEv2 alone.
struct VersionMismatch: AttemptRule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        guard let refusal = attempt.sent(by: .responder).first(where: { $0.has(.wrongVersion) }) else { return [] }
        return [
            Finding(
                .versionMismatch, .proved, peers: attempt.peers,
                frames: [attempt.firstFrame] + refusal.frames.prefix(1),
                summary: "\(attempt.responder) does not speak IKEv1 with \(attempt.initiator) (INVALID-MAJOR-VERSION)",
                evidence: ["the answer to an IKEv1 message is notification 5"],
                advice: [
                    Finding.Advice(
                        "use one version on both sides",
                        ios: ["crypto isakmp policy 10", "! or: crypto ikev2 profile NAME"])
                ])
        ]
    }
}
