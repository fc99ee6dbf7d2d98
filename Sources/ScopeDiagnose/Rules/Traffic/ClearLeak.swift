import ScopeDissect
import ScopeModel
import ScopeWire

/// Packets in the clear that an SA was made for: a leak, or a tap that sees both sides of the gateway.
struct ClearLeak: Rule {
    func findings(_ pair: PairCase) -> [Finding] {
        let copies = pair.clear.reduce(0) { $0 + $1.copies }
        if copies > 0, let first = pair.clear.first(where: { $0.copies > 0 }) {
            return [
                Finding(
                    .capBothSidesOfCrypto, .proved, peers: pair.peers, ikeSA: first.ikeSA, spi: first.spi,
                    frames: pair.clear.flatMap { $0.copyFrames.prefix(8) },
                    summary: "the capture sees packets before and after encryption",
                    evidence: ["\(Words.count(copies, "packet")) in the clear that are inside ESP as well: no leak"],
                    advice: [
                        Finding.Advice(
                            "capture on one interface to see each packet once",
                            ios: ["monitor capture CAP interface IF both"])
                    ])
            ]
        }
        if let between = between(pair) { return [between] }
        return pair.clear.compactMap { leak($0, pair) }
    }

    /// All of them came when one SA was deleted and the next one was not negotiated yet.
    private func between(_ pair: PairCase) -> Finding? {
        let leaks = pair.clear.filter { $0.packets > 0 }
        guard let first = leaks.compactMap(\.firstTime).min(), let last = leaks.compactMap(\.lastTime).max(),
            let from = leaks.first?.source, let to = leaks.first?.destination,
            let deleted = pair.attempts.flatMap(\.deletions).filter({ $0.time < first }).max(by: { $0.time < $1.time }),
            let next = pair.attempts.flatMap(\.messages)
                .filter({ ($0.step.asksForChild || $0.step.isFirst) && $0.time > last }).min(by: { $0.time < $1.time }),
            pair.accounts.allSatisfy({ $0.enclosure.depth > 0 || $0.lastTime <= first || $0.firstTime >= last })
        else { return nil }
        let count = leaks.reduce(0) { $0 + $1.packets }
        return Finding(
            .clearLeak, .likely, peers: pair.peers, ikeSA: leaks.first?.ikeSA, spi: leaks.first?.spi,
            frames: leaks.flatMap(\.frames).sorted(),
            summary:
                "\(Words.count(count, "packet")) between \(from) and \(to) \(count == 1 ? "is" : "are") in the clear while no SA stood for them",
            evidence: [
                "the SA was deleted in frame \(deleted.frame), and the next one asked for in frame \(next.firstFrame), \(Words.seconds(from: deleted.time, to: next.time)) later",
                "the packets between them, \(Words.seconds(from: first, to: last)) of them, went as they were",
            ],
            advice: [
                Finding.Advice(
                    "have a policy hold or drop this traffic while there is no SA; strongSwan: start_action = trap (auto=route), libreswan: auto=ondemand with failureshunt=drop, IOS: a crypto map or a tunnel interface does so by itself"
                )
            ],
            lookAlikes: [
                "a capture that sees the inside of the gateway as well (\(FindingID.capBothSidesOfCrypto.text))"
            ])
    }

    private func leak(_ traffic: ClearTraffic, _ pair: PairCase) -> Finding? {
        guard traffic.packets > 0, let from = traffic.source, let to = traffic.destination,
            let time = traffic.firstTime,
            !isDeleted(pair, before: time)
        else { return nil }
        // Where ESP was opened and these packets were not inside, nothing else explains them.
        let isOpened = pair.accounts.contains { $0.verified > 0 }
        return Finding(
            .clearLeak, isOpened ? .proved : .likely, peers: pair.peers, ikeSA: traffic.ikeSA, spi: traffic.spi,
            frames: traffic.frames,
            summary:
                "\(Words.count(traffic.packets, "packet")) that \(traffic.sender) should encrypt \(traffic.packets == 1 ? "is" : "are") in the clear",
            evidence: [
                "from \(from) to \(to), which the SA with SPI \(Words.hex(traffic.spi)) is for",
                isOpened
                    ? "none of them is inside ESP"
                    : "without the keys of ESP it cannot be seen whether they are inside ESP as well",
            ],
            advice: [
                Finding.Advice(
                    "exclude this traffic from NAT, and make the route and the access list lead it to the crypto map",
                    on: traffic.sender, ios: ["show crypto ipsec sa", "show ip nat translations", "show ip route"])
            ],
            lookAlikes: isOpened
                ? []
                : ["a capture that sees the inside of the gateway as well (\(FindingID.capBothSidesOfCrypto.text))"])
    }

    private func isDeleted(_ pair: PairCase, before time: Instant) -> Bool {
        pair.attempts.contains { $0.deletions.contains { $0.time < time } }
            && !pair.accounts.contains { $0.enclosure.depth == 0 && $0.lastTime > time }
    }
}
