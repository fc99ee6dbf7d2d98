import ScopeModel

/// How far apart the clocks of two taps are: a fact.
struct TapClocks: Rule {
    func findings(_ taps: TapCase) -> [Finding] {
        guard let clock = taps.clocks else { return [] }
        let names = taps.names
        let milliseconds = Int((Double(clock.offset.magnitude) / 1e6).rounded())
        let seconds = "\(milliseconds / 1000)." + String("00\(milliseconds % 1000)".suffix(3))
        let word = clock.offset < 0 ? "behind" : "ahead of"
        let offset =
            milliseconds == 0
            ? "the clocks of \(names.a) and \(names.b) agree to the millisecond"
            : "the clock of \(names.b) is \(seconds) s \(word) that of \(names.a)"
        return [
            Finding(
                .tapsClockOffset, clock.isTwoWay ? .proved : .likely, peers: [], frames: [],
                summary: offset + (clock.rate == 0 ? "" : " at first, and \(Self.gain(clock))"),
                evidence: [
                    "from packets at both taps"
                        + (clock.isTwoWay
                            ? ", in both directions" : ", in one direction only: the travel time is included")
                ])
        ]
    }

    /// What a clock that runs faster or slower gains or loses over the capture.
    private static func gain(_ clock: TapClock) -> String {
        let millionths = Int((clock.rate.magnitude / 1000).rounded())
        let gained = clock.rate.magnitude * Double(clock.span) / 1e18
        return
            "\(clock.rate < 0 ? "loses" : "gains") \(Words.seconds(gained)) in \(Words.seconds(Double(clock.span) / 1e9)) (\(millionths) ppm)"
    }
}
