import ScopeModel

/// No packet is in both captures.
struct TapsUnrelated: Rule {
    func findings(_ taps: TapCase) -> [Finding] {
        guard !taps.isRelated else { return [] }
        return [
            Finding(
                .tapsUnrelated, .proved, peers: [], frames: [],
                summary:
                    "no packet is in both captures: \(taps.names.a) and \(taps.names.b) show different tunnels or times",
                advice: [Finding.Advice("give two captures of the same minutes")])
        ]
    }
}
