import ScopeModel

/// How far apart the clocks of two taps are: a fact.
struct TapClocks: Rule {
    func findings(_ taps: TapCase) -> [Finding] {
        guard let offset = taps.offset else { return [] }
        let names = taps.names
        let milliseconds = Int((Double(offset.nanoseconds.magnitude) / 1e6).rounded())
        let seconds = "\(milliseconds / 1000)." + String("00\(milliseconds % 1000)".suffix(3))
        let word = offset.nanoseconds < 0 ? "behind" : "ahead of"
        return [
            Finding(
                .tapsClockOffset, offset.isTwoWay ? .proved : .likely, peers: [], frames: [],
                summary: milliseconds == 0
                    ? "the clocks of \(names.a) and \(names.b) agree to the millisecond"
                    : "the clock of \(names.b) is \(seconds) s \(word) that of \(names.a)",
                evidence: [
                    "from packets at both taps"
                        + (offset.isTwoWay
                            ? ", in both directions" : ", in one direction only: the travel time is included")
                ])
        ]
    }
}
