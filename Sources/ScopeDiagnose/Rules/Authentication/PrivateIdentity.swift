import ScopeDissect
import ScopeModel
import ScopeWire

/// A peer behind a NAT identifies itself by its inside address.
struct PrivateIdentity: AttemptRule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        attempt.messages.compactMap { message -> Finding? in
            guard message.step.isOfSetUp else { return nil }
            let outer = attempt.address(message.sender)
            guard case .address(let inner) = message.identification?.identity, inner != outer else { return nil }
            return Finding(
                .natdIDPrivate, .proved, peers: attempt.peers, frames: message.frames,
                summary: "\(outer) identifies itself as \(inner)",
                evidence: ["its identity is not the address that its packets come from: there is a NAT on the way"],
                advice: [
                    Finding.Advice(
                        "accept this identity, or use a name as identity", on: attempt.address(message.sender.other),
                        ios: attempt.ios.match(inner))
                ])
        }
    }
}
