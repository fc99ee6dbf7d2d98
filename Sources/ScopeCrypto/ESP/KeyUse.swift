/// What became of one key of a file: kept beside it, so that one that fits nothing can be named at the end.
package final class KeyUse {
    /// `psk[0] (198.51.100.20)`.
    package let name: String
    /// It opened or proved something.
    package var fitted = false
    /// How often it was tried without fitting.
    package var failures = 0
    /// Where it was tried, in words, the first few of them.
    private(set) var triedOn: [String] = []
    private(set) var triedMore = 0

    package init(name: String) { self.name = name }

    package func note(triedOn place: String) {
        guard !triedOn.contains(place) else { return }
        if triedOn.count < 3 { triedOn.append(place) } else { triedMore += 1 }
    }
}
