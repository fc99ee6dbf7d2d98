import ScopeDissect
import ScopeModel
import ScopeWire

/// Loss, reordering and replays, out of the sequence numbers of each SA.
struct ESPHealth: Rule {
    func findings(_ pair: PairCase) -> [Finding] {
        pair.accounts.filter { $0.packets > 0 && $0.countsWith == 0 }.flatMap { examine(AccountWords($0, pair)) }
    }

    private func examine(_ words: AccountWords) -> [Finding] {
        let account = words.account
        let counts = account.sequence
        // None of the numbers means what it says.
        if let swapped = byteOrder(words) { return [swapped] }
        var list: [Finding] = []
        if counts.lost > 0 { list.append(jump(words) ?? loss(words)) }
        // Nobody counts what others send to a group, or to its members under the same SPI (RFC 4303 section 3.4.3).
        let isReceived = !account.destination.isMulticast && !account.isShared
        if counts.late > 0, isReceived {
            list.append(
                words.finding(
                    .espReorder, .proved,
                    "\(Words.count(counts.late, "packet")) out of order, by up to \(counts.reorderingDistance)",
                    advice: [Finding.Advice("look for several paths, or for queues that change the order (QoS)")]))
        }
        if isReceived, let replays = replays(words) { list.append(replays) }
        if counts.restarts > 0 {
            list.append(
                words.finding(
                    .espSeqRestart, .proved, "the sequence numbers start again under the same SPI",
                    evidence: [
                        "\(Words.count(counts.restarts, "time"))"
                            + (account.verified > 0 ? ", and the ICVs after it are right" : "")
                    ],
                    advice: [
                        Finding.Advice(
                            "rekey after a failover; the receiver treats these packets as replays",
                            on: account.source)
                    ]))
        }
        if counts.highest > 0xF000_0000, counts.highest <= 0xFFFF_FFFF, account.sequenceHigh == nil {
            list.append(
                words.finding(
                    .espSeqWrap, .proved, "the sequence number is about to run out", evidence: ["\(counts.highest)"],
                    advice: [Finding.Advice("rekey by volume, or use extended sequence numbers")]))
        }
        return list
    }

    // MARK: Loss

    private func loss(_ words: AccountWords) -> Finding {
        let (account, counts) = (words.account, words.account.sequence)
        let all = counts.lost &+ UInt64(counts.distinct) &+ counts.present
        var evidence: [String] = []
        if counts.present == 0 {
            evidence.append("\(Words.count(account.lossRuns, "gap")), the longest of \(account.longestLossRun)")
        } else {
            evidence.append(
                "\(counts.present) more are here, with a wrong ICV or in pieces: they count as received")
        }
        if !words.pair.incompleteIP.isEmpty {
            evidence.append(
                "of \(Words.count(words.pair.incompleteIP.count, "packet")) some IP fragments came: those without the first one may be among the missing"
            )
        }
        let time = account.lastTime.since(account.firstTime)
        if time > 0 {
            evidence.append("in \(Words.seconds(from: account.firstTime, to: account.lastTime)), \(rate(all, time))")
        }
        // More is missing than came: who loses that much has other faults, too.
        let isMost = counts.lost > UInt64(counts.distinct) &* 9
        return words.finding(
            .espLoss, isMost ? .possible : .likely, "\(counts.lost) of \(all) packets are missing",
            evidence: evidence,
            advice: [
                Finding.Advice(
                    "look for loss or policing on the way before this tap, and for drops of the capture itself")
            ],
            lookAlikes: ["packets that the capture lost", "several senders on one SPI"]
                + (isMost ? ["a sender that leaves numbers out, as after a failover"] : []))
    }

    /// More numbers than any line can carry in the time: nobody sent them.
    private func jump(_ words: AccountWords) -> Finding? {
        let (account, counts) = (words.account, words.account.sequence)
        let time = account.lastTime.since(account.firstTime)
        guard time > 0, counts.lost > Self.mostPerSecond,
            Double(counts.lost) > Double(time) / 1e9 * Double(Self.mostPerSecond)
        else { return nil }
        return words.finding(
            .espSeqJump, .likely, "the sequence numbers jump, and no packets are missing",
            evidence: [
                "\(counts.lowest) to \(counts.highest) with \(Words.count(counts.distinct, "packet")) in \(Words.seconds(from: account.firstTime, to: account.lastTime))",
                "that would be \(rate(counts.lost, time)), more than a line carries",
            ],
            advice: [
                Finding.Advice(
                    "see whether it failed over, or takes its numbers from elsewhere; receivers follow, since numbers only have to rise",
                    on: account.source)
            ],
            lookAlikes: ["two senders on one SPI", "a capture without a usable clock"])
    }
    /// A line of 10 Gbit/s carries so many packets of the smallest size.
    private static let mostPerSecond: UInt64 = 15_000_000

    private func rate(_ count: UInt64, _ time: Int64) -> String {
        let perSecond = Double(count) / (Double(time) / 1e9)
        return perSecond >= 10
            ? "\(UInt64(min(perSecond, 1e18).rounded())) packets/s" : "\(Words.tenths(perSecond)) packets/s"
    }

    // MARK: Byte order

    private func byteOrder(_ words: AccountWords) -> Finding? {
        let account = words.account
        guard account.swappedSteps >= 2, account.swappedSteps * 2 > account.packets else { return nil }
        return words.finding(
            .espSeqByteOrder, account.swappedSteps >= 3 ? .proved : .likely,
            "the sequence numbers are in the wrong byte order",
            evidence: [
                "\(account.swappedSteps) times the next packet has a number 16777216 (2^24) higher: read backwards the numbers rise by 1",
                "RFC 4303 section 2.2 has them in network byte order; nothing is missing here",
                "a receiver takes them until they seem to fall, after 256 packets, and drops most of what follows",
            ],
            advice: [Finding.Advice("a fault of this sender's IPsec: update it", on: account.source)])
    }

    // MARK: Replays

    private func replays(_ words: AccountWords) -> Finding? {
        let (account, counts) = (words.account, words.account.sequence)
        guard let first = counts.windows.first, first.all > 0, let least = counts.windows.map(\.all).min() else {
            return nil
        }
        let figures = zip(SequenceCounts.windowSizes, counts.windows).map { "\($0.1.all) at \($0.0)" }
        // The smallest that drops as few as the largest does.
        let size = zip(SequenceCounts.windowSizes, counts.windows).first { $0.1.all == least }?.0
        var evidence = [
            "by window size: " + Words.seq(figures),
            "\(Words.count(counts.duplicates, "packet")) with a number that was there before, \(Words.count(counts.late + counts.forgotten, "packet")) behind later ones, by up to \(counts.reorderingDistance)",
        ]
        var advice: [Finding.Advice] = []
        if let size, least < first.all {
            advice.append(
                Finding.Advice(
                    "widen the window there: \(size) drops \(least == 0 ? "none" : "\(least)")",
                    on: account.destination,
                    ios: ["crypto ipsec security-association replay window-size \(size)"]))
        } else {
            evidence.append("a larger window drops as many: its size is not the cause")
        }
        if counts.duplicates > 0, least > 0 {
            advice.append(
                Finding.Advice(
                    "find who sends these packets a second time: a loop, a mirror port, a failover that began to count again, or somebody who replays them"
                ))
        }
        return words.finding(
            .espReplayDrop, .proved, "a replay window of 64 drops \(Words.count(first.all, "packet"))",
            evidence: evidence, advice: advice)
    }
}

/// An account as findings speak of it.
struct AccountWords {
    let account: IPsecAccount
    let pair: PairCase

    init(_ account: IPsecAccount, _ pair: PairCase) { (self.account, self.pair) = (account, pair) }

    var way: String { "\(account.source) → \(account.destination), SPI \(Words.hex(account.spi))" }
    var protocolName: String { account.isAH ? "AH" : "ESP" }

    /// - Parameter summary: without the way, which is put behind it.
    func finding(
        _ id: FindingID, _ certainty: Finding.Certainty, severity: Finding.Severity? = nil, _ summary: String,
        evidence: [String] = [], advice: [Finding.Advice] = [], lookAlikes: [String] = []
    ) -> Finding {
        Finding(
            id, certainty, severity: severity, layer: .traffic, peers: pair.peers, ikeSA: account.ikeSA,
            spi: account.spi, frames: [account.firstFrame, account.lastFrame], summary: "\(summary): \(way)",
            evidence: evidence, advice: advice, lookAlikes: lookAlikes)
    }
}
