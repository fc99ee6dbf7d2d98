import ScopeModel

/// The time stamps do not tell the time.
struct NoClock: Rule {
    func findings(_ capture: CaptureCase) -> [Finding] {
        let clock = capture.facts.clock
        guard clock.isMissing else { return [] }
        return [
            Finding(
                .capTimeStep, .proved, peers: [], frames: [],
                summary: clock.isConstant
                    ? "the capture has no clock: all its time stamps are the same"
                    : "the capture has no clock: its time stamps only count the frames",
                evidence: [
                    "what rests on time is not said: lifetimes, intervals, how long an answer was awaited",
                    "a message that comes again is taken for sent again, unless it is the same IP packet",
                ],
                advice: [
                    Finding.Advice("keep the time stamps: text2pcap -t, editcap without -t, a capture with tcpdump -w")
                ])
        ]
    }
}
