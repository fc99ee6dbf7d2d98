import ScopeDissect
import ScopeModel
import ScopeWire

/// The negotiations of child SAs that wait for the other side: what a notification may refuse.
///
/// A notification does not say which Quick Mode it is about (its message id is its own), so it is about the one that began
/// last of those that its sender has to answer.
struct PendingChildren: Sendable {
    private struct Pending: Sendable {
        var messageID: UInt32
        /// Who has to answer.
        var awaited: Role
        var identity: ChildSAIdentity
    }

    private var pending: LeastUsedTable<IKESAIdentity, [Pending]>
    /// Of one IKE SA; devices have one or two under way.
    private static let most = 16

    init(limit: Int) { pending = LeastUsedTable(limit: limit) }

    /// Takes in a message that a key opened; tells what it refuses.
    mutating func take(_ message: IKEMessage, of sa: borrowing IKESA, _ moment: Moment, tell: ChangeReceiver) {
        switch message.step {
        case .v1(.quickMode): note(message, of: sa.identity, moment)
        case .v1(.informational):
            guard let refusal = message.refusal, let refused = refuse(refusal, of: sa.identity) else { return }
            tell(SAChange(.child(refused), .refused(refusal), at: moment.time, frames: message.frames))
        default: break
        }
    }

    private mutating func note(_ message: IKEMessage, of sa: IKESAIdentity, _ moment: Moment) {
        guard let negotiation = message.quickMode else { return }
        let messageID = message.message.header.messageID
        var list = pending.remove(sa) ?? []
        let known = list.firstIndex { $0.messageID == messageID }
        let identity = known.map { list[$0].identity } ?? ChildSAIdentity(asked: negotiation, in: moment.frame)
        if let known { list.remove(at: known) }
        if negotiation.position < 3 {
            if list.count >= Self.most { list.removeFirst() }
            list.append(Pending(messageID: messageID, awaited: message.sender.other, identity: identity))
        }
        if !list.isEmpty { pending.insert(list, for: sa) }
    }

    private mutating func refuse(_ refusal: Refusal, of sa: IKESAIdentity) -> ChildSAIdentity? {
        guard var list = pending.remove(sa) else { return nil }
        let index = list.lastIndex { $0.awaited == refusal.role }
        let refused = index.map { list.remove(at: $0).identity }
        if !list.isEmpty { pending.insert(list, for: sa) }
        return refused
    }
}

extension ChildSAIdentity {
    /// Of what is asked for in `frame`, and not answered yet: one side's SPI alone.
    fileprivate init(asked negotiation: ChildNegotiation, in frame: Int) {
        let proposal = negotiation.offer?.proposals.first
        self.init(
            protocolID: proposal?.protocolID ?? .esp, spiToInitiator: proposal?.spiNumber, spiToResponder: nil,
            firstFrame: frame)
    }
}

extension IKEMessage {
    /// Its first error notification that can be read and refuses something: that an SPI is unknown refuses nothing.
    var refusal: Refusal? {
        for payload in readable?.payloads ?? [] {
            guard case .notification(let notification) = payload.content, notification.type.isError else { continue }
            let why = NotifyMeaning(notification.type)
            if why != .unknownSPI { return Refusal(role: sender, why: why) }
        }
        return nil
    }
}
