import ScopeModel
import ScopeWire

/// What the diagnosis did without, for want of memory: told with what was found.
struct Bounds {
    /// Pairs that were judged before the end of the capture.
    var early = 0
    /// Pairs that have no row of their own.
    var withoutRow = 0
    /// SAs that were counted by their packets alone.
    private var accounts = 0
    /// Attempts of which not everything was kept.
    private var attempts = 0
    private var peers: [IPAddress] = []

    mutating func note(_ pair: PairCase) {
        accounts += pair.moreAccounts
        let count = pair.attempts.count(where: \.isPartial)
        attempts += count
        if pair.moreAccounts + count > 0, peers.count < 32 { peers += pair.peers }
    }

    var findings: [Finding] {
        let evidence = [
            early > 0
                ? "\(Words.count(early, "pair")) of peers that were silent longest were judged before its end; what came after is judged by itself"
                : "",
            withoutRow > 0 ? "\(Words.count(withoutRow, "pair")) of peers have no row of their own" : "",
            accounts > 0 ? "\(Words.count(accounts, "SA")) are counted by their packets alone" : "",
            attempts > 0 ? "of \(Words.count(attempts, "negotiation")) the first messages are kept whole" : "",
        ].filter { !$0.isEmpty }
        guard !evidence.isEmpty else { return [] }
        return [
            Finding(
                "cap-too-large", .note, .proved, .capture, peers: peers, frames: [],
                summary: "the capture holds more than the diagnosis keeps in memory", evidence: evidence,
                advice: [Finding.Advice("diagnose a part of it: -f 'host ADDRESS', or a shorter capture")])
        ]
    }
}
