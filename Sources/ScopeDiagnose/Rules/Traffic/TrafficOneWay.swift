import ScopeDissect
import ScopeModel
import ScopeWire

/// The tunnel is up, and ESP goes one way only.
struct TrafficOneWay: Rule {
    /// So many packets in a row, or so long, without anything coming back.
    private static let packets = 4
    private static let time: Int64 = 1_000_000_000

    func findings(_ pair: PairCase) -> [Finding] {
        guard pair.attempts.contains(where: { !$0.pairs.isEmpty || $0.isUp }) || pair.accounts.count > 1 else {
            return []
        }
        // A side without SAs sends nothing (qm3-lost).
        guard !pair.attempts.contains(where: \.lacksThirdMessage) else { return [] }
        let accounts = pair.accounts.filter { $0.packets > 0 && $0.enclosure.depth == 0 }
        guard let last = accounts.max(by: { $0.lastTime < $1.lastTime }) else { return [] }
        let sender = last.source
        let receiver = last.destination
        let back = accounts.filter { $0.source == receiver }
        let lastBack = back.map(\.lastTime).max()
        // What went since something came back.
        let since = lastBack ?? accounts.map(\.firstTime).min() ?? last.firstTime
        let silence = last.lastTime.since(since)
        let lonely = lastBack == nil ? last.packets : pair.sentSince(receiver)
        let isOneWay =
            lastBack == nil
            ? last.packets >= Self.packets && silence >= Self.time : lonely >= Self.packets && silence >= Self.time
        guard isOneWay, !isEnded(pair, last.lastTime) else { return [] }
        let never = lastBack == nil
        let hasKeys = last.verified > 0
        return [
            Finding(
                never ? .espBlocked : .oneWayInner, hasKeys || never ? .likely : .possible,
                peers: pair.peers, ikeSA: last.ikeSA, spi: last.spi, frames: [last.firstFrame, last.lastFrame],
                summary: never
                    ? "the tunnel is up, but no \(last.isAH ? "AH" : "ESP") comes back from \(receiver)"
                    : "nothing comes back from \(receiver) any more",
                evidence: [
                    "\(Words.count(never ? last.packets : lonely, "packet")) from \(sender) in \(Words.seconds(from: since, to: last.lastTime)), SPI \(Words.hex(last.spi))",
                    never
                        ? "not one packet from \(receiver) to \(sender)"
                        : "the last one from \(receiver) was \(Words.seconds(from: since, to: last.lastTime)) before",
                ],
                advice: [
                    Finding.Advice(
                        "let ESP (IP protocol 50) or UDP 4500 pass in both directions",
                        ios: ["permit esp any any", "permit udp any any eq non500-isakmp"]),
                    Finding.Advice(
                        "see whether packets arrive and are decrypted there, and whether the hosts behind it have a route back",
                        on: receiver, ios: ["show crypto ipsec sa", "show ip route"]),
                ],
                lookAlikes: never
                    ? [
                        "hosts behind \(receiver) that do not answer (\(FindingID.oneWayInner.text))",
                        "answers that do not pass this tap",
                    ]
                    : [
                        "ESP that is dropped on the way back (\(FindingID.espBlocked.text))",
                        "hosts that had nothing more to say",
                    ])
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
