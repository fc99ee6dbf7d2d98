import ScopeDissect
import ScopeModel
import ScopeWire

/// A NAT forgets who is behind it when that side is silent for long and sends no keepalives (RFC 3948 section 4).
struct KeepaliveMissing: Rule {
    private static let packets = 3

    func findings(_ pair: PairCase) -> [Finding] {
        guard pair.path.isEncapsulated, let nat = NATSeen.first(of: pair) else { return [] }
        return [true, false].compactMap { isInitiator in
            let side = pair.path[isInitiator]
            guard side.keepalives == 0, let last = side.last, let waiting = side.unanswered,
                waiting.count >= Self.packets
            else { return nil }
            let inside = isInitiator ? pair.initiator : pair.responder
            // Only who is behind the NAT can keep its mapping.
            guard NATSeen.inside(of: nat.attempt).contains(inside) else { return nil }
            var finding = Finding(
                .nattKeepaliveMissing, .likely, peers: pair.peers, ikeSA: nat.attempt.sa.id,
                frames: [waiting.frame, waiting.last],
                summary: "\(inside) sent no NAT keepalives, and cannot be reached any more after a silence",
                evidence: [
                    "nothing from \(inside) for \(Words.seconds(from: last, to: waiting.first)), not even a keepalive of one byte",
                    "\(Words.count(waiting.count, "packet")) to it after that, and no answer",
                ],
                advice: [
                    Finding.Advice(
                        "send keepalives at shorter intervals than the timeout of the NAT", on: inside,
                        ios: [nat.attempt.ios.natKeepalive])
                ],
                lookAlikes: [
                    "a peer that went away (\(FindingID.dpdTimeout.text))", "keepalives that are not in the capture",
                ])
            finding.explains = .oneWayInner
            return finding
        }
    }
}
