import ScopeModel
import ScopeWire

/// Several peers behind one address, and what that breaks: transport mode gives the other side no way to tell them apart.
struct PeersBehindOneAddress: Rule {
    func findings(_ peers: [PairCase]) -> [Finding] {
        guard peers.count > 1 else { return [] }
        let displaced = peers.filter { $0.displacedBy != nil }
        return displaced.isEmpty ? [shared(peers)] : displaced.compactMap(displaced(_:))
    }

    /// Notes which of the peers gets nothing any more since another one came.
    static func note(_ peers: [PairCase]) {
        for peer in peers {
            guard let address = peer.place?.address,
                let silence = Silence(peer), silence.sender == address
            else { continue }
            peer.displacedBy = peers.first { other in
                guard other !== peer, let came = other.attempts.first?.first else { return false }
                return silence.since <= came || silence.since.since(came) < 1_000_000_000
                    ? other.accounts.contains { $0.destination == address && $0.lastTime > silence.since } : false
            }
        }
    }

    // MARK: One of them is cut off

    private func displaced(_ peer: PairCase) -> Finding? {
        guard let other = peer.displacedBy, let place = peer.place, let silence = Silence(peer),
            let came = other.attempts.first
        else { return nil }
        let unused = peer.accounts.last { $0.destination == place.address }
        let carried = Self.carried([peer, other])
        return Finding(
            .peersBehindOneAddress, .likely, severity: .error, peers: peer.peers, ikeSA: peer.attempts.last?.sa.id,
            spi: unused?.spi ?? silence.last.spi, frames: [came.firstFrame, silence.last.lastFrame],
            summary:
                "since \(Self.name(other)) came up behind \(place.address), nothing goes back to \(Self.name(peer)): both have one public address",
            evidence: [
                "\(Self.name(other)) began in frame \(came.firstFrame); since then \(Words.count(silence.count, "packet")) from \(Self.name(peer)) got no answer in \(silence.duration)",
                unused.map {
                    "SPI \(Words.hex($0.spi)) towards \(Self.name(peer)) is not used any more: its last packet is frame \($0.lastFrame)"
                } ?? "no SPI towards \(Self.name(peer)) is used",
                carried.map { "\($0) in transport mode: inside, both have the address \(place.address)" } ?? "",
            ].filter { !$0.isEmpty },
            advice: [
                Finding.Advice(
                    "let the server tell them apart by their ports: libreswan and xl2tpd need connection marks (or overlapip), strongSwan mark = %unique or the connmark plugin; or give each client a tunnel of its own kind (IKEv2, tunnel mode)",
                    on: silence.receiver),
                Finding.Advice("or let one client connect at a time from behind this NAT"),
            ],
            lookAlikes: ["hosts behind \(silence.receiver) that do not answer \(Self.name(peer))"])
    }

    // MARK: Several at once

    private func shared(_ peers: [PairCase]) -> Finding {
        let address = peers.compactMap(\.place?.address).first ?? IPAddress(v4: 0)
        let names = peers.map(Self.name).joined(separator: ", ")
        let all = peers.flatMap(\.accounts)
        let carries = Self.carried(peers)
        let errors = all.filter { $0.contents.contains(.nhrpError) }
        let isGRE = all.contains { $0.contents.contains(.gre) }
        var evidence = peers.compactMap { peer in
            peer.attempts.last.map {
                "\(Self.name(peer)): from port \(peer.place?.port ?? 0), IKE since frame \($0.firstFrame)"
            }
        }
        if let carries {
            evidence.append("\(carries) in transport mode: inside, all of them have the address \(address)")
        }
        if let error = errors.first {
            evidence.append(
                "\(error.source) sends an Error Indication of NHRP (RFC 2332 section 5.2.7) inside SPI \(Words.hex(error.spi))"
            )
        }
        return Finding(
            .peersBehindOneAddress, .likely, severity: carries == nil ? .note : .warning,
            peers: peers.last?.peers ?? [], ikeSA: peers.last?.attempts.last?.sa.id,
            frames: peers.compactMap { $0.attempts.last?.firstFrame },
            summary: carries == nil
                ? "\(peers.count) peers come from one address, \(address): \(names)"
                : "\(peers.count) peers (\(names)) come from one address, \(address), with \(carries ?? "") in transport mode: \(isGRE ? "NHRP" : "the other side") cannot tell them apart",
            evidence: evidence,
            advice: isGRE
                ? [
                    Finding.Advice(
                        "give each spoke a public address of its own, or a NAT that does; with IOS use tunnel mode and no NHRP registration with a shared NBMA address",
                        ios: ["show dmvpn detail", "show ip nhrp", "ip nhrp registration no-unique"])
                ]
                : carries == nil
                    ? [Finding.Advice("not a fault: each has its own port and its own SAs")]
                    : [
                        Finding.Advice(
                            "see that the server tells them apart by their ports (connection marks), or use tunnel mode"
                        )
                    ],
            lookAlikes: ["one peer that came again with another identity"])
    }

    /// What the peers carry that has no addresses of its own; nil where they use tunnel mode, or nobody knows.
    private static func carried(_ peers: [PairCase]) -> String? {
        let sets = peers.map { peer in peer.accounts.reduce(into: IPsecAccount.Contents()) { $0.formUnion($1.contents) }
        }
        if sets.allSatisfy({ $0.contains(.gre) }) { return "GRE" }
        if sets.allSatisfy({ $0.contains(.l2tp) }) { return "L2TP (UDP 1701)" }
        return nil
    }

    /// Who a peer says it is, where that can be read; else its port.
    private static func name(_ peer: PairCase) -> String {
        let identity = peer.attempts.lazy.compactMap { attempt in
            attempt.identity(of: attempt.initiator == peer.place?.address ? .initiator : .responder)
        }.first
        if let identity { return Words.identity(identity) }
        return peer.place.map { "\($0)" } ?? "a peer"
    }
}
