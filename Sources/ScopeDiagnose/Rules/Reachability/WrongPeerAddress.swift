import ScopeDissect
import ScopeModel
import ScopeWire

/// The answer comes from another address than the one that was called.
struct WrongPeerAddress: AttemptRule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        guard let answerer = attempt.answeredFrom, let answer = attempt.sent(by: .responder).first else { return [] }
        return [
            Finding(
                .wrongPeerAddress, .proved, severity: attempt.isAuthenticated ? .warning : .error,
                peers: attempt.peers, frames: [attempt.firstFrame, answer.firstFrame],
                summary: "\(attempt.initiator) sends to \(attempt.responder), but \(answerer) answers",
                evidence: ["the answer has the same initiator SPI and another source address"],
                advice: [
                    Finding.Advice(
                        "use the address that it answers from", on: attempt.initiator,
                        ios: ["crypto map MAP 10 ipsec-isakmp", " set peer \(answerer)"]),
                    Finding.Advice(
                        "or answer from the address that the request was sent to", on: attempt.responder,
                        ios: ["crypto map MAP local-address INTERFACE"]),
                ])
        ]
    }
}
