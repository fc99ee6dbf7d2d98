import ScopeDissect
import ScopeModel
import ScopeWire

/// What the capture itself lacks.
struct CaptureQuality: Rule {
    func findings(_ pair: PairCase) -> [Finding] {
        var list: [Finding] = []
        if !pair.cutFrames.isEmpty {
            list.append(
                Finding(
                    .capSnaplen, .proved, peers: pair.peers, frames: pair.cutFrames,
                    summary: "frames were cut when they were captured",
                    evidence: ["\(Words.frames(pair.cutFrames)): fewer bytes than were on the wire"]
                        + Self.unread(pair),
                    advice: [Finding.Advice("capture whole packets: tcpdump -s 0")]))
        }
        if pair.isOneWay, pair.fromInitiator + pair.fromResponder > 2,
            pair.attempts.isEmpty && pair.accounts.contains(where: { $0.packets > 3 && !$0.destination.isMulticast })
                || pair.attempts.contains(where: { !$0.isFromStart || $0.messages.count > 1 })
        {
            let seen = pair.fromInitiator > 0 ? pair.initiator : pair.responder
            list.append(
                Finding(
                    .capOneWay, .proved, peers: pair.peers, frames: [],
                    summary: "only packets from \(seen) are in the capture",
                    evidence: ["the packets of the other side may have taken another way"],
                    advice: [Finding.Advice("capture where both directions pass")]))
        }
        // A message of a version that is not followed may stand before its refusal.
        let late = pair.attempts.filter {
            !$0.isFromStart && !$0.isUnaskedAnswer && !($0.messages.first?.has(.wrongVersion) ?? false)
        }
        if pair.isContinued { return list }
        if let first = late.first {
            list.append(
                Finding(
                    .capLateStart, .proved, peers: pair.peers, ikeSA: first.sa.id, frames: late.map(\.firstFrame),
                    summary: "the capture begins in the middle of a negotiation",
                    evidence: ["the first message seen is in frame \(first.firstFrame)"],
                    advice: [Finding.Advice("start the capture before the tunnel")]))
        } else if pair.attempts.isEmpty, !pair.accounts.isEmpty, pair.cutMessages == 0, !pair.hasCutUDP {
            list.append(
                Finding(
                    .capLateStart, .likely, peers: pair.peers,
                    frames: pair.accounts.prefix(64).map(\.firstFrame),
                    summary: "the capture begins after the tunnel came up", evidence: ["ESP or AH, and no IKE"],
                    advice: [Finding.Advice("start the capture before the tunnel")]))
        }
        return list
    }

    /// What was cut so short that nothing follows from it.
    private static func unread(_ pair: PairCase) -> [String] {
        let packets = pair.cutPackets.sent + pair.cutPackets.received
        return [
            pair.cutMessages > 0
                ? "\(Words.count(pair.cutMessages, "IKE message")) \(pair.cutMessages == 1 ? "is" : "are") cut inside the header, and not followed"
                : "",
            packets > 0 ? "\(Words.count(packets, "ESP or AH packet")) cut inside the header, and counted only" : "",
        ].filter { !$0.isEmpty }
    }
}
