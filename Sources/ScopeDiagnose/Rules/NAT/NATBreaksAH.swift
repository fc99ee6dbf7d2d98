import ScopeDissect
import ScopeModel
import ScopeWire

/// AH covers the addresses that a NAT changes (RFC 4302 section 3.3.3).
struct NATBreaksAH: Rule {
    func findings(_ pair: PairCase) -> [Finding] {
        let accounts = pair.accounts.filter { $0.isAH && $0.packets > 0 && $0.enclosure.depth == 0 }
        guard !accounts.isEmpty, accounts.allSatisfy({ $0.verified == 0 }),
            let (attempt, frames) = NATSeen.first(of: pair)
        else { return [] }
        let bad = accounts.reduce(0) { $0 + $1.badICV }
        return [
            Finding(
                .natBreaksAH, .likely, peers: pair.peers, ikeSA: attempt.sa.id, spi: accounts.first?.spi,
                frames: frames + accounts.map(\.firstFrame).prefix(8),
                summary:
                    "AH goes through a NAT between \(attempt.initiator) and \(attempt.responder): its ICV cannot be right",
                evidence: [
                    "NAT-D hashes do not match the addresses",
                    bad > 0
                        ? "the ICV of \(Words.count(bad, "AH packet")) is wrong under the agreed key, and of none right"
                        : "\(Words.count(accounts.reduce(0) { $0 + $1.packets }, "AH packet")) with these addresses",
                ],
                advice: [
                    Finding.Advice(
                        "use ESP with authentication: NAT traversal carries no AH",
                        ios: ["crypto ipsec transform-set SET esp-aes esp-sha256-hmac"])
                ],
                lookAlikes: [
                    "false NAT-D hashes of a peer that wants ESP in UDP", "wrong keys, or packets altered on the way",
                ])
        ]
    }
}
