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
        guard message.step.version == .v2 else { return }
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
