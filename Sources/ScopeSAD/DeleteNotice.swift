import ScopeDissect
import ScopeModel
import ScopeWire

/// The Delete payloads of a message that a key opened, and whether they count.
///
/// In the clear anyone may send a Delete, so those count for nothing. One whose HASH is wrong is told, and deletes nothing.
struct DeleteNotice {
    let payloads: [DeletePayload]
    let deletion: Deletion
    let frames: [Int]
    /// The IKE SA that carried the message.
    let sa: IKESA
    private let isBelieved: Bool

    /// Nil when the message has none, or belongs to no IKE SA.
    init?(_ message: IKEMessage, _ moment: Moment) {
        guard case .opened(let chain, _, _) = message.opening, chain.contains(.delete), let sa = message.sa else {
            return nil
        }
        payloads = chain.payloads.compactMap { if case .delete(let content) = $0.content { content } else { nil } }
        deletion = Deletion(by: message.source.address, role: message.sender, frame: moment.frame, time: moment.time)
        frames = message.frames
        self.sa = sa
        isBelieved = message.opening.isBelieved
    }

    /// Tells what the notice makes of an SA that it names; true when it deletes the SA.
    ///
    /// - Parameter stands: there is more than a claim that the SA exists.
    func tell(of sa: SAIdentity, stands: Bool = true, to receiver: ChangeReceiver) -> Bool {
        let counts = isBelieved && stands
        receiver(
            SAChange(sa, counts ? .deleted(deletion) : .deletionRefused(deletion), at: deletion.time, frames: frames))
        return counts
    }

    /// Tells of an SA that it names and that is not there to be deleted.
    func tellNothing(of sa: SAIdentity, to receiver: ChangeReceiver) {
        guard isBelieved else { return }
        receiver(SAChange(sa, .nothingToDelete(deletion), at: deletion.time, frames: frames))
    }
}

extension [UInt8] {
    /// The two cookies that name an IKE SA in a Delete (RFC 2408 section 3.15); nil for anything else.
    var cookies: Cookies? {
        guard count == 16 else { return nil }
        return Cookies(
            initiator: prefix(8).reduce(0) { $0 << 8 | UInt64($1) },
            responder: suffix(8).reduce(0) { $0 << 8 | UInt64($1) })
    }
}

/// Both SPIs of an IKE SA.
struct Cookies: Hashable, Sendable {
    var initiator: UInt64
    var responder: UInt64
}
