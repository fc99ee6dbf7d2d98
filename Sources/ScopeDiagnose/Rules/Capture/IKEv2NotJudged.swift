import ScopeDissect
import ScopeModel
import ScopeWire

/// What is known of two peers' IKEv2: that it is there.
struct IKEv2Seen {
    /// Each message once.
    private(set) var messages = 0
    private(set) var frames: [Int] = []
    /// When the last messages were sent, the latest ones at the end.
    private var times: [Instant] = []

    /// Two ends of an exchange, with what may be repeated of it.
    private static let mostTimes = 4
    private static let mostFrames = 16

    var isPresent: Bool { messages > 0 }
    /// An SA takes four messages (RFC 7296 section 1.2).
    var mayHaveBuilt: Bool { messages >= 4 }

    mutating func note(_ message: IKEMessage, _ event: Event) {
        guard message.message.header.majorVersion == 2 else { return }
        if times.count >= Self.mostTimes { times.removeFirst() }
        times.append(event.time)
        guard case .first = message.repetition else { return }
        messages += 1
        if frames.count < Self.mostFrames { frames.append(event.frame) }
    }

    /// Whether one of the last messages came soon after `time`: it may be a Delete.
    func mayEnd(at time: Instant, within patience: Int64) -> Bool {
        times.contains { $0 >= time && $0.since(time) < patience }
    }
}

/// IKEv2 between the two, which no rule judges yet: what would rest on the absence of IKE is not said.
struct IKEv2NotJudged: PairRule {
    func findings(_ pair: PairCase) -> [Finding] {
        guard pair.ikev2.isPresent else { return [] }
        return [
            Finding(
                "ikev2-not-judged", .note, .proved, .capture, peers: pair.peers, frames: pair.ikev2.frames,
                summary:
                    "IKEv2 between \(pair.initiator) and \(pair.responder), \(Words.count(pair.ikev2.messages, "message")): listed, not judged yet",
                evidence: ["what these messages negotiated, refused or deleted is not followed"],
                advice: [Finding.Advice("read them in the listing: ikescope packets -v")])
        ]
    }
}
