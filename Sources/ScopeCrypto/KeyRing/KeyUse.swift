import ScopeModel

/// What became of one key of a file.
///
/// It is kept beside the key, so that a key that fits nothing can be named at the end.
package final class KeyUse {
    /// `psk[0] (198.51.100.20)`.
    package let name: KeyName
    /// It opened or proved something.
    package var fitted = false
    /// How often it was tried in vain.
    package var failures = 0
    /// Where it was tried, in words: the first message of each of the first three IKE SAs.
    private(set) var triedOn: [String] = []
    /// How many other messages it was tried on.
    private(set) var triedMore = 0
    private var firstSPIs: Set<UInt64> = []

    package init(name: KeyName) { self.name = name }

    package func note(triedOn place: String, of initiatorSPI: UInt64) {
        guard triedOn.count < 3, firstSPIs.insert(initiatorSPI).inserted else {
            triedMore += 1
            return
        }
        triedOn.append(place)
    }
}
