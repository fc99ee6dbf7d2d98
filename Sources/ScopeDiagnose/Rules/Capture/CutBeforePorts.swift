import ScopeModel

/// Packets of UDP and TCP, or of IP, of which the capture holds no ports: IKE may be among them.
struct CutBeforePorts: Rule {
    func findings(_ capture: CaptureCase) -> [Finding] {
        let cut = capture.facts.cutUDP
        guard cut.count > 0 else { return [] }
        return [
            Finding(
                .capSnaplen, .proved, peers: [], frames: cut.frames,
                summary:
                    "\(Words.count(cut.count, "packet")) \(cut.count == 1 ? "was" : "were") cut before the ports when \(cut.count == 1 ? "it was" : "they were") captured",
                evidence: ["IKE, and ESP in UDP or TCP, may be among them: nothing tells"],
                advice: [Finding.Advice("capture whole packets: tcpdump -s 0")])
        ]
    }
}
