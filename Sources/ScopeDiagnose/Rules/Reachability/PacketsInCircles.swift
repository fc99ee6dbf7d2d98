import ScopeModel
import ScopeWire

/// Packets that come by again: in a loop of routers, or doubled within a millisecond.
struct PacketsInCircles: Rule {
    func findings(_ capture: CaptureCase) -> [Finding] {
        let copies = capture.facts.copies
        return (copies.loops > 0 ? [loop(copies)] : [])
            + (copies.doubles > 0 && !capture.facts.clock.isMissing ? [double(copies)] : [])
    }

    private func loop(_ copies: Copies) -> Finding {
        Finding(
            .duplicateLoop, .proved, peers: copies.loopEnds, frames: copies.loopFrames,
            summary: "routing loop: \(Words.count(copies.loops, "packet")) passed here again and again",
            evidence: ["the same bytes between the same addresses, each time with a lower TTL"],
            advice: [
                Finding.Advice("find the routers that send it to each other", ios: ["show ip route", "traceroute"])
            ])
    }

    private func double(_ copies: Copies) -> Finding {
        Finding(
            .duplicateLoop, .proved, severity: .note, layer: .capture, peers: [], frames: copies.doubleFrames,
            summary:
                "\(Words.count(copies.doubles, "packet")) \(copies.doubles == 1 ? "is" : "are") captured twice within a millisecond",
            evidence: [
                "the same bytes with the same TTL: a mirror port that copies a packet coming in and going out, or a network that doubles it",
                "the counts of repeats and replays include them",
            ],
            advice: [
                Finding.Advice(
                    "mirror one direction of each port, or take the copies out: editcap -d",
                    ios: ["monitor session 1 source interface IF rx"])
            ])
    }
}
