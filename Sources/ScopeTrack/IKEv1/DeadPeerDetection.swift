import ScopeDissect
import ScopeModel

/// A question of Dead Peer Detection that was asked, once or more often (RFC 3706 section 5.4).
struct LivenessQuestion {
    let sequence: UInt32
    let firstFrame: Int
    var attempts: Int
}

extension IKEv1Follower {
    /// What `chain` asks or answers; a question with the number of the one before it is that one again, in a message of
    /// its own.
    func liveness(_ chain: PayloadChain, from sender: Role, frames: [Int]) -> Liveness? {
        for payload in chain.all(.notification) {
            guard case .notification(let notification) = payload.content,
                let sequence = notification.sequenceNumber
            else { continue }
            if notification.type == .rUThereAck {
                let question = questions[sender.other]
                return .answers(sequence: sequence, asked: question?.sequence == sequence ? question?.firstFrame : nil)
            }
            var question =
                questions[sender] ?? LivenessQuestion(sequence: sequence, firstFrame: frames.last ?? 0, attempts: 0)
            if question.sequence != sequence {
                question = LivenessQuestion(sequence: sequence, firstFrame: frames.last ?? 0, attempts: 0)
            }
            question.attempts += 1
            questions[sender] = question
            return .asks(sequence: sequence, first: question.firstFrame, attempt: question.attempts)
        }
        return nil
    }
}
