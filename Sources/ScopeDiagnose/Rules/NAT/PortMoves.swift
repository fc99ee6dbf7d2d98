import ScopeDissect
import ScopeModel
import ScopeWire

/// ESP of a peer behind a NAT comes from another port than before, under the same SPI: the NAT forgot the old one.
///
/// What IKE messages tell of it, `PortRemap` says.
struct PortMoves: Rule {
    func findings(_ pair: PairCase) -> [Finding] {
        for account in pair.accounts where account.enclosure.depth == 0 && !account.isAH {
            guard let later = account.laterPorts, later.source != account.ports.source, !account.ports.isNone,
                // Seen at two points, a packet has two ports.
                account.sightings == 0,
                !pair.attempts.contains(where: { attempt in
                    attempt.messages.contains { $0.ports.0 == later.source && $0.time < account.lastTime }
                })
            else { continue }
            let back = pair.accounts.filter { $0.source == account.destination && $0.packets > 0 }
            let follows = back.contains { ($0.laterPorts ?? $0.ports).destination == later.source }
            return [
                Finding(
                    .portRemap, .proved, severity: follows || back.isEmpty ? nil : .warning, peers: pair.peers,
                    ikeSA: account.ikeSA, spi: account.spi, frames: [account.laterPortsFrame],
                    summary:
                        "ESP of \(account.source) comes from port \(later.source) since frame \(account.laterPortsFrame), and from \(account.ports.source) before: a NAT forgot the old one",
                    evidence: [
                        "the same SPI \(Words.hex(account.spi)), from another source port",
                        follows
                            ? "\(account.destination) follows: its packets go to port \(later.source)"
                            : back.isEmpty
                                ? "no ESP goes back"
                                : "\(account.destination) does not follow: its packets go to port \((back.last?.laterPorts ?? back.last?.ports)?.destination ?? 0)",
                    ],
                    advice: [
                        Finding.Advice(
                            "send keepalives more often", on: account.source, ios: ["crypto isakmp nat keepalive 20"])
                    ])
            ]
        }
        return []
    }
}
