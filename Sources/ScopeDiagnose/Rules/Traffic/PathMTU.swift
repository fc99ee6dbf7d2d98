import ScopeDissect
import ScopeModel
import ScopeWire

/// Packets that are too big for the path: as routers say, or, where none does, as large ones are sent in vain.
struct PathMTU: Rule {
    func findings(_ pair: PairCase) -> [Finding] { told(pair).map { [$0] } ?? blackholes(pair) }

    // MARK: Routers say so

    private func told(_ pair: PairCase) -> Finding? {
        let errors = pair.errors.filter { $0.notice.error.isTooBig }
        guard let first = errors.first else { return nil }
        let notice = first.notice
        let mtu = errors.map { Int($0.notice.error.mtu) }.filter { $0 > 0 }.min() ?? 0
        let sizes = notice.quotedSource.address == pair.responder ? pair.sizes.responder : pair.sizes.initiator
        var evidence = ["\(notice.from) says so of packets to \(notice.quotedDestination.address)"]
        if sizes.ignored > 0 {
            evidence.append(
                "\(notice.quotedSource.address) goes on all the same: \(Words.count(sizes.ignored, "larger packet")) after the first ICMP error (\(Words.frames(sizes.ignoredFrames)))"
            )
        }
        let account = Self.account(from: notice.quotedSource.address, pair)
        return Finding(
            .mtuPTB, .proved, peers: pair.peers, frames: (errors.map(\.frame) + sizes.ignoredFrames).sorted(),
            summary: "\(notice.quotedProtocol) packets are too big for the path\(mtu > 0 ? " (MTU \(mtu))" : "")",
            evidence: evidence,
            advice: mtu > 0
                ? Self.advice(mtu, account, pair)
                : [Finding.Advice("make the packets inside smaller, until they pass", ios: ["ip tcp adjust-mss 1200"])])
    }

    /// The SA that carries most from an address.
    private static func account(from source: IPAddress, _ pair: PairCase) -> IPsecAccount? {
        pair.accounts.filter { $0.source == source && $0.enclosure.depth == 0 && !$0.isAH }
            .max { $0.octets < $1.octets } ?? pair.accounts.first
    }

    // MARK: Nobody says so

    private func blackholes(_ pair: PairCase) -> [Finding] {
        [(pair.sizes.initiator, pair.initiator), (pair.sizes.responder, pair.responder)].compactMap { sizes, sender in
            let repeats = sizes.repeats
            guard repeats.count >= 4, repeats.answers > 0 else { return nil }
            let receiver = sender == pair.initiator ? pair.responder : pair.initiator
            let time = Words.seconds(from: repeats.first, to: repeats.last)
            var evidence = [
                "packets of \(repeats.length) bytes from \(sender), \(Words.count(repeats.count, "time")) in \(time), each after about twice as long as the one before: TCP does so when no acknowledgement comes",
                "smaller packets come back from \(receiver) meanwhile, and no ICMP error says that these are too big",
            ]
            if repeats.isOneSegment { evidence.append("they hold one and the same TCP segment, as the keys show") }
            return Finding(
                .mtuBlackhole, repeats.isOneSegment ? .likely : .possible, peers: pair.peers,
                spi: Self.account(from: sender, pair)?.spi, frames: [repeats.firstFrame, repeats.lastFrame],
                summary:
                    "large packets from \(sender) get no answer, small ones do: the path to \(receiver) seems to drop packets of \(repeats.length) bytes",
                evidence: evidence,
                advice: [
                    Finding.Advice(
                        "find the largest size that passes: ping from \(sender) to \(receiver) with DF set and falling sizes",
                        ios: ["ping \(receiver) size \(repeats.length) df-bit"])
                ] + Self.advice(1400, Self.account(from: sender, pair), pair)
                    + [
                        Finding.Advice(
                            "let ICMP type 3 code 4 (IPv6: type 2) pass everywhere on the way",
                            ios: ["permit icmp any any packet-too-big"])
                    ],
                lookAlikes: ["hosts that do not answer these packets", "a way back that loses the answers"])
        }
    }

    // MARK: Sizes

    /// What fits through a path of this MTU, by what the SA adds to each packet.
    static func advice(_ mtu: Int, _ account: IPsecAccount?, _ pair: PairCase) -> [Finding.Advice] {
        guard let account else { return [Finding.Advice("make the packets inside smaller")] }
        let cost = EncapsulationCost(account, pair.made(account.spi)?.sas.suite)
        let largest = cost.largest(inside: mtu)
        guard largest > 200 else { return [Finding.Advice("make the packets inside smaller")] }
        let how =
            cost.isExact
            ? "counted from the agreed algorithms"
            : "counted with AES-CBC, an ICV of 16 bytes and GRE, as the algorithms are not known: with keys it may be more"
        return [
            Finding.Advice(
                "make the packets inside smaller: a path of \(mtu) bytes carries IP packets of at most \(largest) bytes in this SA (\(how))",
                on: account.source, ios: ["ip mtu \(largest)", "ip tcp adjust-mss \(largest - 40)"])
        ]
    }
}
