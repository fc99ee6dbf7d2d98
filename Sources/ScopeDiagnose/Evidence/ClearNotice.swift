import ScopeDissect
import ScopeModel
import ScopeWire

/// An error that a side of IKEv1 tells in the clear, as often as it tells it of one message.
///
/// Both sides can read it, and neither can know who sent it (RFC 2408 section 5.14).
struct ClearNotice {
    /// Where the negotiation stands: what an error means depends on what it answers.
    enum Moment { case proposal, choice, keys, proof, user, child, none }

    let type: NotifyType
    let sender: Role
    /// The message of the other side that came last before it; nil where none did.
    let answered: Attempt.Message?
    /// The last message of either side before it.
    let before: Attempt.Message?
    private(set) var messages: [Attempt.Message]

    private static let mostKinds = 32

    /// What it answers; where the other side has said nothing, nothing.
    var moment: Moment {
        guard case .v1(let step)? = answered?.step else { return .none }
        switch step {
        case .mainMode(1), .aggressive(1): return .proposal
        case .mainMode(2): return .choice
        case .mainMode(3), .mainMode(4): return .keys
        case .mainMode, .aggressive: return .proof
        case .transaction: return .user
        case .quickMode: return .child
        default: return .none
        }
    }

    var frames: [Int] { Attempt.frames(messages + [answered ?? before].compactMap { $0 }) }
    /// Of all its transmissions.
    var count: Int { messages.reduce(0) { $0 + $1.transmissions } }

    /// All of an attempt, those that say the same of the same message as one.
    static func all(_ attempt: Attempt) -> [ClearNotice] {
        var notices: [ClearNotice] = []
        for message in attempt.messages where !message.isEncrypted && message.refusal != nil {
            for case .v1(let type) in message.notifications.map(\.type) where type.isError {
                let earlier = attempt.messages.filter {
                    $0.firstFrame < message.firstFrame && !$0.step.isInformational && $0.refusal == nil
                }
                let answered = earlier.last { $0.sender == message.sender.other }
                let known = notices.firstIndex {
                    $0.type == type && $0.sender == message.sender
                        && $0.answered?.firstFrame == answered?.firstFrame
                }
                if let known {
                    notices[known].messages.append(message)
                } else if notices.count < mostKinds {
                    notices.append(
                        ClearNotice(
                            type: type, sender: message.sender, answered: answered, before: earlier.last,
                            messages: [message]))
                }
            }
        }
        return notices
    }

    /// The negotiation went on behind it: nobody took it for its end.
    func isOvercome(in attempt: Attempt) -> Bool {
        guard let first = messages.first else { return false }
        return attempt.isUp
            || attempt.messages.contains { message in
                message.firstFrame > first.firstFrame && !message.step.isInformational && message.refusal == nil
                    // Who is told of an error may send more before it arrives.
                    && message.time.since(first.time) > 0
            }
    }
}

extension Attempt {
    /// `Main Mode message 3`, `Quick Mode message 1`: with its exchange, as the field calls it.
    func fullName(_ message: Message) -> String {
        switch message.step {
        case .v1(.mainMode(let number)): "Main Mode message \(number)"
        case .v1(.aggressive(let number)): "Aggressive Mode message \(number)"
        case .v1(.quickMode(let number)): "Quick Mode message \(number)"
        case .v1(.transaction(let number)): "Transaction message \(number)"
        default: "the \(message.name)"
        }
    }
}
