import ScopeDissect
import ScopeModel
import ScopeWire

/// A gateway sends its client to another one (RFC 5685): a fact.
struct Redirected: IKEv2Rule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        guard let message = attempt.redirection else { return [] }
        var target = "another gateway"
        for notification in message.notifications {
            guard case .gateway(let gateway, _) = notification.content else { continue }
            switch gateway {
            case .address(let address): target = "\(address)"
            case .fqdn(let name): target = "\"\(Trim.text(name))\""
            case .other: break
            }
        }
        let sender = attempt.address(message.sender)
        return [
            Finding(
                .v2Redirect, .proved, peers: attempt.peers, frames: message.frames,
                summary: "\(sender) sends \(attempt.address(message.sender.other)) to \(target) (REDIRECT)",
                evidence: [
                    "in \(message.name), \(Words.frames(message.frames))",
                    message.isEncrypted ? "the notification is protected" : "the notification is not protected",
                ],
                advice: [
                    Finding.Advice(
                        "not a fault; the other gateway has to be reachable, and must not send it back",
                        ios: ["show crypto ikev2 cluster"])
                ])
        ]
    }
}

extension Attempt {
    /// The message that sends its initiator elsewhere.
    var redirection: Message? { messages.first { $0.notifications.contains { $0.type == .v2(.redirect) } } }
}
