import ScopeDissect
import ScopeModel
import ScopeWire

/// One message is sent far more often than any device does.
struct RetransmitStorm: AttemptRule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        attempt.messages.filter { $0.repeats > 10 }.map { message in
            Finding(
                .retransmitStorm, .proved, peers: attempt.peers, frames: message.frames,
                summary: "\(attempt.address(message.sender)) sent one message \(message.transmissions) times",
                evidence: ["within \(Words.seconds(from: message.time, to: message.lastTime))"],
                advice: [Finding.Advice("look for loss in one direction, and for a device that is too busy")])
        }
    }
}
