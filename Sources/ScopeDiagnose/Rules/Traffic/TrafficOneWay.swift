import ScopeDissect
import ScopeModel
import ScopeWire

/// ESP or AH goes one way only, and nothing in the capture says why.
struct TrafficOneWay: Rule {
    func findings(_ pair: PairCase) -> [Finding] {
        // A side without SAs sends nothing (qm3-lost).
        guard !pair.attempts.contains(where: \.lacksThirdMessage) else { return [] }
        guard pair.displacedBy == nil, let silence = Silence(pair), !silence.isOutside else { return [] }
        let isUp = pair.attempts.contains { !$0.pairs.isEmpty || $0.isUp }
        // What is known to be the cause is told instead.
        guard !isEnded(pair, silence.last.lastTime), ICVLengths().findings(pair).allSatisfy({ $0.severity < .error }),
            LifetimeExpired().findings(pair).isEmpty
        else { return [] }
        if !isUp, pair.accounts.count < 2 { return pair.attempts.isEmpty ? [unexplained(silence, pair)] : [] }
        return [finding(silence, pair)]
    }

    private func finding(_ silence: Silence, _ pair: PairCase) -> Finding {
        let (last, never) = (silence.last, silence.isNever)
        let receiver = silence.receiver
        return Finding(
            never ? .espBlocked : .oneWayInner, last.verified > 0 || never ? .likely : .possible,
            peers: pair.peers, ikeSA: last.ikeSA, spi: last.spi, frames: [last.firstFrame, last.lastFrame],
            summary: never
                ? "the tunnel is up, but no \(last.isAH ? "AH" : "ESP") comes back from \(receiver)"
                : "nothing comes back from \(receiver) any more",
            evidence: [
                "\(Words.count(silence.count, "packet")) from \(silence.sender) in \(silence.duration), SPI \(Words.hex(last.spi))",
                never
                    ? "not one packet from \(receiver) to \(silence.sender)"
                    : "the last one from \(receiver) was \(silence.duration) before",
            ] + (Self.carrier(silence, pair).map { [$0.evidence] } ?? []),
            advice: (Self.carrier(silence, pair)?.advice ?? Self.passing(silence, pair)) + [
                Finding.Advice(
                    "see whether packets arrive and are decrypted there, and whether the hosts behind it have a route back",
                    on: receiver, ios: ["show crypto ipsec sa", "show ip route"])
            ],
            lookAlikes: Self.shortICV(silence, pair)
                + (never
                    ? [
                        "hosts behind \(receiver) that do not answer (\(FindingID.oneWayInner.text))",
                        "answers that do not pass this tap",
                    ]
                    : [
                        "\(last.isAH ? "AH" : "ESP") that is dropped on the way back (\(FindingID.espBlocked.text))",
                        "hosts that had nothing more to say",
                    ]))
    }

    /// One way, and no negotiation to say what the packets are.
    private func unexplained(_ silence: Silence, _ pair: PairCase) -> Finding {
        let last = silence.last
        return Finding(
            .espBlocked, .possible, severity: .note, peers: pair.peers, spi: last.spi,
            frames: [last.firstFrame, last.lastFrame],
            summary:
                "\(last.isAH ? "AH" : "ESP") goes from \(silence.sender) to \(silence.receiver) alone: none comes back",
            evidence: [
                "\(Words.count(silence.count, "packet")) in \(silence.duration), SPI \(Words.hex(last.spi)), and no IKE in the capture"
            ],
            advice: Self.passing(silence, pair) + [
                Finding.Advice(
                    "see whether they arrive and are answered", on: silence.receiver, ios: ["show crypto ipsec sa"])
            ],
            lookAlikes: [
                "a capture that sees this direction alone (\(FindingID.capOneWay.text))",
                "traffic that nobody answers, such as syslog", "hosts that do not answer",
            ])
    }

    // MARK: Advice

    /// What to let pass, by what carries the packets.
    static func passing(_ silence: Silence, _ pair: PairCase) -> [Finding.Advice] {
        if silence.last.isAH {
            return [
                Finding.Advice(
                    "let AH (IP protocol 51) pass in both directions; no NAT may be on the way",
                    ios: ["permit ahp any any"])
            ]
        }
        guard silence.last.ports.isNone else {
            return [
                Finding.Advice(
                    "let UDP 4500 pass in both directions", ios: ["permit udp any any eq non500-isakmp"])
            ]
        }
        return [
            Finding.Advice(
                "let ESP (IP protocol 50) pass in both directions, or have both sides put it into UDP 4500",
                ios: ["permit esp any any"])
        ]
    }

    /// IKE of both sides passes on the ports that ESP has: no filter of them explains the silence.
    private static func carrier(_ silence: Silence, _ pair: PairCase) -> (evidence: String, advice: [Finding.Advice])? {
        let ports = silence.last.ports
        guard !ports.isNone else { return nil }
        func passes(_ from: IPAddress) -> Bool {
            pair.attempts.contains { attempt in
                attempt.messages.contains { message in
                    attempt.address(message.sender) == from
                        && (from == silence.sender
                            ? message.ports == (ports.source, ports.destination)
                            : message.ports == (ports.destination, ports.source))
                }
            }
        }
        guard passes(silence.sender), passes(silence.receiver) else { return nil }
        return (
            "IKE passes both ways on the same ports (\(ports.source) and \(ports.destination)): no filter of ports is the cause",
            []
        )
    }

    /// The lengths of the packets fit an ICV of 12 bytes: HMAC-SHA2-256 has 16, and some cut it.
    private static func shortICV(_ silence: Silence, _ pair: PairCase) -> [String] {
        guard !silence.last.isAH, silence.last.verified == 0, silence.last.lengthRemainders == 1 << 12,
            pair.made(silence.last.spi) == nil,
            pair.attempts.last?.sa.suite.map({ $0.hash == .sha256 || $0.hash == nil }) ?? true
        else { return [] }
        return [
            "HMAC-SHA2-256 cut to 96 bits by \(silence.sender) where 128 are meant: its packets are as long as with AES-CBC and an ICV of 12 bytes (\(FindingID.icvLengthDiffers.text); the keys would tell)"
        ]
    }

    /// The SAs were deleted soon after: whoever closes a tunnel stops first.
    private func isEnded(_ pair: PairCase, _ time: Instant) -> Bool {
        if pair.attempts.contains(where: { $0.mayEnd(at: time, within: 500_000_000) }) {
            return pair.accounts.count > 1
        }
        return pair.attempts.contains { attempt in
            attempt.deletions.contains { $0.time > time && $0.time.since(time) < 500_000_000 }
        } && pair.accounts.count > 1
    }
}
