import ScopeDissect
import ScopeModel
import ScopeWire

/// ESP of a peer comes from another port than its IKE: the NAT keeps two mappings for what should be one flow (RFC 3948
/// section 2.1 has ESP use the ports of IKE).
struct TwoMappings: Rule {
    func findings(_ pair: PairCase) -> [Finding] {
        for account in pair.accounts
        where !account.isAH && account.packets > 0 && !account.ports.isNone && account.enclosure.depth == 0 {
            if let finding = finding(account, pair) { return [finding] }
        }
        return []
    }

    private func finding(_ account: IPsecAccount, _ pair: PairCase) -> Finding? {
        let attempt = pair.made(account.spi)?.attempt ?? pair.attempts.last { $0.isUp && $0.first < account.firstTime }
        guard let attempt else { return nil }
        let sent = attempt.messages.filter {
            attempt.address($0.sender) == account.source && $0.ports.1 == account.ports.destination
        }
        let port = account.ports.source
        // IKE of any negotiation from there: another peer, or a mapping that is the same after all.
        guard let ike = sent.last?.ports.0, ike != port,
            !pair.attempts.contains(where: { $0.messages.contains { $0.ports.0 == port || $0.ports.1 == port } })
        else { return nil }
        let back = pair.accounts.first {
            $0.source == account.destination && $0.packets > 0 && $0.ports.destination == ike
        }
        return Finding(
            .natTwoMappings, .likely, peers: pair.peers, ikeSA: attempt.sa.id, spi: account.spi,
            frames: [sent.last?.firstFrame ?? attempt.firstFrame, account.firstFrame],
            summary:
                "ESP of \(account.source) comes from UDP port \(port), its IKE from port \(ike): the NAT keeps two mappings for one peer",
            evidence: [
                "\(Words.count(account.packets, "ESP packet")) from port \(port) to \(account.ports.destination), IKE from port \(ike)",
                back.map { "\($0.source) sends its ESP to port \(ike): \(Words.count($0.packets, "packet"))" }
                    ?? "no ESP comes back",
            ],
            advice: [
                Finding.Advice(
                    "switch IPsec pass-through (ALG) off on the NAT device in front of this peer, or update it",
                    on: account.source),
                Finding.Advice(
                    "see that the peer takes the port of ESP for its answers, or that both mappings are kept alive"),
            ],
            lookAlikes: ["a NAT that gave the peer another port between IKE and ESP (\(FindingID.portRemap.text))"])
    }
}
