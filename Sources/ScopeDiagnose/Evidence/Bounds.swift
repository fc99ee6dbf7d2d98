import ScopeModel
import ScopeWire

/// What the diagnosis did without, for want of memory.
struct Bounds {
    /// Pairs that were judged before the end of the capture.
    var early = 0
    /// Pairs that have no row of their own.
    var withoutRow = 0
    /// SAs that were counted by their packets alone.
    private(set) var accounts = 0
    /// Attempts of which not everything was kept.
    private(set) var attempts = 0
    private(set) var peers: [IPAddress] = []

    mutating func note(_ pair: PairCase) {
        accounts += pair.moreAccounts
        let count = pair.attempts.count(where: \.isPartial)
        attempts += count
        if pair.moreAccounts + count > 0, peers.count < 32 { peers += pair.peers }
    }
}
