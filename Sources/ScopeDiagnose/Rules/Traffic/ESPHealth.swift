import ScopeDissect
import ScopeModel
import ScopeWire

/// Loss, reordering, replays and wrong ICVs, out of the accounts of each SA.
struct ESPHealth: Rule {
    func findings(_ pair: PairCase) -> [Finding] {
        pair.accounts.filter { $0.packets > 0 }.flatMap { examine($0, pair) }
    }

    private func examine(_ account: IPsecAccount, _ pair: PairCase) -> [Finding] {
        var list: [Finding] = []
        let counts = account.sequence
        let way = "\(account.source) → \(account.destination), SPI \(Words.hex(account.spi))"
        let frames = [account.firstFrame, account.lastFrame]
        func add(
            _ id: FindingID, _ certainty: Finding.Certainty, severity: Finding.Severity? = nil, _ summary: String,
            evidence: [String] = [], advice: [Finding.Advice] = [], lookAlikes: [String] = []
        ) {
            list.append(
                Finding(
                    id, certainty, severity: severity, layer: .traffic, peers: pair.peers, ikeSA: account.ikeSA,
                    spi: account.spi, frames: frames, summary: "\(summary): \(way)", evidence: evidence,
                    advice: advice, lookAlikes: lookAlikes))
        }
        if counts.lost > 0 {
            let all = counts.lost &+ UInt64(counts.distinct)
            add(
                .espLoss, .likely, "\(counts.lost) of \(all) packets are missing",
                evidence: ["\(Words.count(account.lossRuns, "gap")), the longest of \(account.longestLossRun)"],
                advice: [
                    Finding.Advice(
                        "look for loss or policing on the way before this tap, and for drops of the capture itself")
                ],
                lookAlikes: ["packets that the capture lost", "several senders on one SPI"])
        }
        if counts.late > 0 {
            add(
                .espReorder, .proved,
                "\(Words.count(counts.late, "packet")) out of order, by up to \(counts.reorderingDistance)",
                advice: [Finding.Advice("look for several paths, or for queues that change the order (QoS)")])
        }
        if let first = counts.windows.first, first.all > 0 {
            let figures = zip(SequenceCounts.windowSizes, counts.windows).map { "\($0.1.all) at \($0.0)" }
            add(
                .espReplayDrop, .proved, "a replay window of 64 drops \(Words.count(first.all, "packet"))",
                evidence: ["by window size: " + Words.seq(figures), "\(counts.duplicates) of them seen before"],
                advice: [
                    Finding.Advice(
                        "widen the window there", on: account.destination,
                        ios: ["crypto ipsec security-association replay window-size 1024"])
                ])
        }
        if counts.restarts > 0 {
            add(
                .espSeqRestart, .proved, "the sequence numbers start again under the same SPI",
                evidence: [
                    "\(Words.count(counts.restarts, "time"))"
                        + (account.verified > 0 ? ", and the ICVs after it are right" : "")
                ],
                advice: [
                    Finding.Advice(
                        "rekey after a failover; the receiver treats these packets as replays", on: account.source)
                ])
        }
        if counts.highest > 0xF000_0000, counts.highest <= 0xFFFF_FFFF, account.sequenceHigh == nil {
            add(
                .espSeqWrap, .proved, "the sequence number is about to run out", evidence: ["\(counts.highest)"],
                advice: [Finding.Advice("rekey by volume, or use extended sequence numbers")])
        }
        if account.badICV > 0, account.verified == 0, account.ikeSA == nil {
            // Nothing in the capture vouches for a key that was given.
            add(
                .dhOrKeysWrong, .likely, "the key given to IKEScope opens none of \(account.packets) packets",
                evidence: ["no ICV is right with it"],
                advice: [Finding.Advice("give the keys of exactly this SA: each rekeying creates new ones")],
                lookAlikes: ["a NAT that rewrote the packets", "another algorithm than the one given"])
        } else if account.badICV > 0 {
            let isAll = account.verified == 0
            add(
                .hmacError, .proved, severity: isAll ? .error : .warning,
                "\(account.badICV) of \(account.packets) packets have a wrong ICV",
                evidence: [
                    isAll
                        ? "none is right: another key, another algorithm, or a NAT that rewrote the packets"
                        : "the others are right: corrupted or altered on the way"
                ],
                advice: [Finding.Advice("compare what is sent with what arrives", ios: ["show crypto ipsec sa"])])
        }
        if account.outsideSelectors > 0 {
            add(
                .espSelectorViolation, .proved,
                "\(account.outsideSelectors) inner packets are outside the selectors of the SA",
                advice: [Finding.Advice("correct routes and access lists", on: account.source)])
        }
        if account.paddingFaults > 0 {
            add(.espPadBad, .proved, "\(Words.count(account.paddingFaults, "packet")) with wrong padding")
        }
        if let null = account.nullEncryption {
            add(
                .nullEncryption, .likely, "ESP without encryption",
                evidence: [
                    "\(null.certainty == .certain ? "many" : "some") packets read as IP packets with padding 1, 2, 3 … without any key"
                ],
                advice: [Finding.Advice("use AES if the traffic is meant to be secret")],
                lookAlikes: ["compressed data"])
        }
        if account.spi < 256 {
            add(.spiReserved, .proved, "SPI \(account.spi) is reserved (RFC 4303 section 2.1)")
        }
        return list
    }
}
