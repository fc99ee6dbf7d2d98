import ScopeModel

/// The diagnosis had to do without something, for want of memory.
struct CaptureTooLarge: Rule {
    func findings(_ capture: CaptureCase) -> [Finding] {
        let bounds = capture.bounds
        let evidence = [
            bounds.early > 0
                ? "\(Words.count(bounds.early, "pair")) of peers that were silent longest were judged before the end of the capture; their later packets are judged separately"
                : "",
            bounds.withoutRow > 0 ? "\(Words.count(bounds.withoutRow, "pair")) of peers have no row of their own" : "",
            bounds.accounts > 0 ? "\(Words.count(bounds.accounts, "SA")) are counted only by their packets" : "",
            bounds.attempts > 0
                ? "of \(Words.count(bounds.attempts, "negotiation")) only the first messages are kept" : "",
            bounds.forgottenIKESAs > 0
                ? "\(Words.count(bounds.forgottenIKESAs, "IKE SA")) \(bounds.forgottenIKESAs == 1 ? "was" : "were") not kept to the end: what became of \(bounds.forgottenIKESAs == 1 ? "it" : "them") later may be missing here"
                : "",
            bounds.forgottenAccounts > 0
                ? "\(Words.count(bounds.forgottenAccounts, "ESP or AH SA")) \(bounds.forgottenAccounts == 1 ? "was" : "were") not kept to the end: traffic of \(bounds.forgottenAccounts == 1 ? "it" : "them") is not counted"
                : "",
        ].filter { !$0.isEmpty }
        guard !evidence.isEmpty else { return [] }
        return [
            Finding(
                .capTooLarge, .proved, peers: bounds.peers, frames: [],
                summary: "the capture holds more than the diagnosis keeps in memory", evidence: evidence,
                advice: [Finding.Advice("diagnose a part of it: -f 'host ADDRESS', or a shorter capture")])
        ]
    }
}
