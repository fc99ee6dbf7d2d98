import ScopeDissect
import ScopeModel
import ScopeWire

/// A peer identifies itself by an address that is not the one of its packets: behind a NAT by its inside one.
struct PrivateIdentity: AttemptRule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        attempt.messages.compactMap { message -> Finding? in
            guard message.step.isOfSetUp else { return nil }
            let outer = attempt.address(message.sender)
            guard case .address(let inner) = message.identification?.identity, inner != outer else { return nil }
            let isTranslated = isTranslated(message.sender, attempt)
            return Finding(
                .natdIDPrivate, isTranslated ?? false ? .proved : .likely, peers: attempt.peers, frames: message.frames,
                summary: "\(outer) identifies itself as \(inner)",
                evidence: [
                    "its identity is not the address that its packets come from: " + Self.reason(isTranslated)
                ],
                advice: [
                    Finding.Advice(
                        "accept this identity, or use a name as identity", on: attempt.address(message.sender.other),
                        ios: attempt.ios.match(inner))
                ],
                lookAlikes: !(isTranslated ?? false) ? ["an inside address behind a NAT that NAT-D does not show"] : [])
        }
    }

    private static func reason(_ isTranslated: Bool?) -> String {
        switch isTranslated {
        case true?: "the hashes of NAT-D say that there is a NAT on the way"
        case false?:
            "the hashes of NAT-D say that there is no NAT on the way, so it is the address of another interface"
        case nil: "a NAT on the way, or the address of another interface"
        }
    }

    /// Whether the address of a side changes on the way, by its own hash and by the one that the other side sends for it;
    /// nil where neither was seen.
    private func isTranslated(_ role: Role, _ attempt: Attempt) -> Bool? {
        let own = attempt.natDiscovery[role].flatMap { $0.contains(.unknown) ? nil : $0 }
        let other = attempt.natDiscovery[role.other].flatMap { $0.contains(.unknown) ? nil : $0 }
        if own == nil, other == nil { return nil }
        return !(own?.contains(.source) ?? true) || !(other?.contains(.destination) ?? true)
    }
}
