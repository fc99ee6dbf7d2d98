import ScopeDissect
import ScopeModel
import ScopeWire

/// AH covers the addresses that a NAT changes (RFC 4302 section 3.3.3).
struct NATBreaksAH: PairRule {
    func findings(_ pair: PairCase) -> [Finding] {
        let accounts = pair.accounts.filter { $0.isAH && $0.packets > 0 && $0.enclosure.depth == 0 }
        guard !accounts.isEmpty, accounts.allSatisfy({ $0.verified == 0 }),
            let (attempt, frames) = NATSeen.first(of: pair)
        else { return [] }
        let bad = accounts.reduce(0) { $0 + $1.badICV }
        return [
            Finding(
                "nat-breaks-ah", .error, .likely, .traffic, peers: pair.peers,
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

/// ESP without UDP through a NAT, of which one direction is missing.
struct NATPlainESP: PairRule {
    private static let packets = 4

    func findings(_ pair: PairCase) -> [Finding] {
        guard !pair.path.isEncapsulated, let (attempt, frames) = NATSeen.first(of: pair) else { return [] }
        let sides = [true, false].filter { pair.path[$0].plainESP > 0 }
        guard sides.count == 1, let isInitiator = sides.first else { return [] }
        let side = pair.path[isInitiator]
        guard side.plainESP >= Self.packets else { return [] }
        let sender = isInitiator ? pair.initiator : pair.responder
        let silent = isInitiator ? pair.responder : pair.initiator
        var finding = Finding(
            "nat-plain-esp", .error, .likely, .traffic, peers: pair.peers, frames: frames + side.plainFrames,
            summary: "ESP of \(sender) goes as IP protocol 50 through a NAT, and none comes back",
            evidence: [
                "NAT-D hashes do not match the addresses of \(attempt.initiator) and \(attempt.responder)",
                "\(Words.count(side.plainESP, "ESP packet")) from \(sender) without UDP, none from \(silent)",
            ],
            advice: [
                Finding.Advice(
                    "have both sides put ESP into UDP 4500",
                    ios: ["crypto ipsec nat-transparency udp-encapsulation", "show crypto ipsec sa | include settings"])
            ],
            lookAlikes: [
                "a filter of IP protocol 50 on the way (esp-blocked)", "hosts behind \(silent) that do not answer",
            ])
        finding.explains = "esp-blocked"
        return [finding]
    }
}

/// A NAT forgets who is behind it when that side is silent for long and sends no keepalives (RFC 3948 section 4).
struct KeepaliveMissing: PairRule {
    private static let packets = 3

    func findings(_ pair: PairCase) -> [Finding] {
        guard pair.path.isEncapsulated, NATSeen.first(of: pair) != nil else { return [] }
        return [true, false].compactMap { isInitiator in
            let side = pair.path[isInitiator]
            guard side.keepalives == 0, let last = side.last, let waiting = side.unanswered,
                waiting.count >= Self.packets
            else { return nil }
            let inside = isInitiator ? pair.initiator : pair.responder
            var finding = Finding(
                "natt-keepalive-missing", .warning, .likely, .nat, peers: pair.peers,
                frames: [waiting.frame, waiting.last],
                summary: "\(inside) sent no NAT keepalives, and is not reached any more after a silence",
                evidence: [
                    "nothing from \(inside) for \(Words.seconds(from: last, to: waiting.first)), keepalives of one byte neither",
                    "\(Words.count(waiting.count, "packet")) to it after that, and no answer",
                ],
                advice: [
                    Finding.Advice(
                        "send keepalives more often than the NAT forgets", on: inside,
                        ios: ["crypto isakmp nat keepalive 20"])
                ],
                lookAlikes: ["a peer that went away (dpd-timeout)", "keepalives that are not in the capture"])
            finding.explains = "one-way-inner"
            return finding
        }
    }
}

/// IKE or ESP in TCP (RFC 9329): a fact.
struct InTCP: PairRule {
    func findings(_ pair: PairCase) -> [Finding] {
        guard pair.path.tcpPackets > 0 else { return [] }
        return [
            Finding(
                "tcp-encap", .note, .proved, .nat, peers: pair.peers, frames: pair.path.tcpFrames,
                summary: "IKE and ESP between \(pair.initiator) and \(pair.responder) go in TCP",
                evidence: [
                    "\(Words.count(pair.path.tcpPackets, "packet")) in TCP streams that are records of IKE or ESP"
                ],
                advice: [
                    Finding.Advice(
                        "a fact: let the TCP port pass; UDP is faster where it passes",
                        ios: ["permit tcp any any eq 4500"])
                ])
        ]
    }
}

/// The first negotiation whose NAT-D hashes do not match.
enum NATSeen {
    static func first(of pair: PairCase) -> (attempt: Attempt, frames: [Int])? {
        for attempt in pair.attempts {
            if let found = NATDetected().findings(attempt, in: pair).first(where: { $0.id == "nat-detected" }) {
                return (attempt, found.frames)
            }
        }
        return nil
    }
}
