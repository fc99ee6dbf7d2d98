/// What became of one key of a file: kept beside it, so that one that fits nothing can be named at the end.
package final class KeyUse {
    /// `psk[0] (198.51.100.20)`.
    package let name: String
    /// It opened or proved something.
    package var fitted = false
    /// How often it was tried without fitting.
    package var failures = 0
    /// Where it was tried: the first message of each of the first few IKE SAs, in words.
    private(set) var triedOn: [String] = []
    /// Messages beside those.
    private(set) var triedMore = 0
    private var firstSPIs: Set<UInt64> = []

    package init(name: String) { self.name = name }

    package func note(triedOn place: String, of initiatorSPI: UInt64) {
        guard triedOn.count < 3, firstSPIs.insert(initiatorSPI).inserted else {
            triedMore += 1
            return
        }
        triedOn.append(place)
    }
}
