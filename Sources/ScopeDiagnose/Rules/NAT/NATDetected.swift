import ScopeDissect
import ScopeModel
import ScopeWire

/// NAT-D hashes (RFC 3947 section 3.2) against the addresses at this tap.
struct NATDetected: AttemptRule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        guard !attempt.natDiscovery.isEmpty else { return [] }
        let frames = attempt.messages.filter { attempt.bearsNATHashes($0) }.map(\.firstFrame)
        var evidence: [String] = []
        var translated: [IPAddress] = []
        var isDestinationChanged = false
        for role in [Role.initiator, .responder] {
            guard let matches = attempt.natDiscovery[role], !matches.contains(.unknown) else { continue }
            let (own, other) = (attempt.address(role), attempt.address(role.other))
            if !matches.contains(.source) {
                evidence.append("no hash of \(own) matches its own address and port as seen here")
                if !translated.contains(own) { translated.append(own) }
            }
            if !matches.contains(.destination) {
                evidence.append("the hash that \(own) sends for \(other) does not match the address seen here")
                if !translated.contains(other) { translated.append(other) }
                isDestinationChanged = true
            }
        }
        guard !translated.isEmpty else { return [] }
        var list: [Finding] = []
        if attempt.natDiscovery[.initiator].map({ $0.contains(.source) && $0.contains(.destination) }) ?? false,
            attempt.natDiscovery[.responder].map({ $0.contains(.source) && !$0.contains(.destination) }) ?? false
        {
            list.append(
                Finding(
                    .capNATInside, .proved, peers: attempt.peers, frames: frames,
                    summary: "this capture was made inside the NAT of \(attempt.initiator)",
                    evidence: ["its own hashes are right here, and the peer sees it under another address"]))
        }
        let names = translated.map { "\($0)" }.joined(separator: " and ")
        return list + [
            Finding(
                .natDetected, isDestinationChanged ? .proved : .likely, peers: attempt.peers,
                frames: frames,
                summary: isDestinationChanged
                    ? "a NAT changes the address of \(names)"
                    : "\(names): behind a NAT, or forcing ESP into UDP", evidence: evidence,
                lookAlikes: isDestinationChanged
                    ? [] : ["a peer that sends a false hash on purpose, so that ESP is carried in UDP"])
        ]
    }
}
