import ScopeDissect
import ScopeModel
import ScopeWire

/// There is a NAT between the peers, and one of them, or both, cannot pass it (RFC 3947 section 3.1).
struct NATTraversalMissing: AttemptRule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        guard attempt.natDiscovery.isEmpty, !pair.path.isEncapsulated, let first = attempt.messages.first,
            attempt.isFromStart, !attempt.sent(by: .responder).isEmpty
        else { return [] }
        let lacking = [Role.initiator, .responder].filter { !attempt.offersNATTraversal($0) }
        guard !lacking.isEmpty, let (evidence, frame) = translation(attempt, first) else { return [] }
        let names = lacking.map { "\(attempt.address($0))" }.joined(separator: " and ")
        return [
            Finding(
                .nattNotOffered, .likely, peers: attempt.peers,
                frames: Array(Set([first.firstFrame, frame])).sorted(),
                summary:
                    "there is a NAT on the way, and \(names) \(lacking.count == 1 ? "does" : "do") not offer NAT traversal",
                evidence: [evidence, attempt.ios.natTraversal(lackedBy: names)],
                advice: lacking.map {
                    Finding.Advice(
                        "switch NAT traversal on, so that ESP goes in UDP 4500", on: attempt.address($0),
                        ios: ["crypto ipsec nat-transparency udp-encapsulation"])
                },
                lookAlikes: ["a peer that itself chooses another port, or names another of its addresses"])
        ]
    }

    /// What shows an address or a port that is not the sender's own.
    private func translation(_ attempt: Attempt, _ first: Attempt.Message) -> (String, Int)? {
        if first.ports.1 == 500, ![500, 848, 4500].contains(first.ports.0) {
            return ("\(attempt.initiator) sends from port \(first.ports.0), where IKE sends from 500", first.firstFrame)
        }
        for message in attempt.messages where !message.step.isInformational {
            guard case .address(let named)? = message.identification?.identity else { continue }
            if message.step.isOfChild { continue }
            let own = attempt.address(message.sender)
            if named != own, named.isV6 == own.isV6 {
                return ("\(own) calls itself \(named)", message.firstFrame)
            }
        }
        return nil
    }
}
