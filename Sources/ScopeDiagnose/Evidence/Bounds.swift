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
    /// IKE SAs that were forgotten while they were followed.
    private(set) var forgottenIKESAs = 0
    /// ESP and AH SAs that were, with their counts.
    private(set) var forgottenAccounts = 0

    mutating func note(evicted count: Int, of table: String) {
        if table == "IKE SAs" { forgottenIKESAs += count } else { forgottenAccounts += count }
    }

    mutating func note(_ pair: PairCase) {
        accounts += pair.moreAccounts
        let count = pair.attempts.count(where: \.isPartial)
        attempts += count
        if pair.moreAccounts + count > 0, peers.count < 32 { peers += pair.peers }
    }
}
