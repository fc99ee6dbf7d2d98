import ScopeModel
import ScopeWire

/// A peer uses a nonce, a public value or a cookie in several negotiations.
struct ReusedValues: Rule {
    func findings(_ capture: CaptureCase) -> [Finding] { capture.facts.reuse.reuses.map(finding) }

    private func finding(_ reuse: ReuseMemory.Reuse) -> Finding {
        let who = reuse.peers.first.map { "\($0)" } ?? "a peer"
        let (what, why): (String, String) =
            switch reuse.kind {
            case .nonce: ("the same nonce", "a nonce has to be new each time: keys of two negotiations may be the same")
            case .publicValue:
                (
                    "the same DH public value",
                    "harmless if the value is used only for a short time and each public value is checked"
                )
            case .cookie: ("the same cookie", "a cookie has to be new each time: SAs cannot be told apart")
            }
        let isHarmless = reuse.kind == .publicValue
        return Finding(
            .weakNonceOrCookieReuse, .proved, severity: isHarmless ? .note : .warning, peers: reuse.peers,
            ikeSA: reuse.ikeSA, frames: reuse.frames, summary: "\(who) uses \(what) in several negotiations",
            evidence: ["\(Words.count(reuse.count, "time")) again after frame \(reuse.frames.first ?? 0)", why],
            advice: [
                Finding.Advice(
                    isHarmless
                        ? "not a fault; look for a newer release if this should not happen"
                        : "a fault of its software: update it",
                    on: reuse.peers.first, ios: ["show version"])
            ])
    }
}
