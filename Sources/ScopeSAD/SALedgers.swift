import ScopeDissect
import ScopeModel
import ScopeWire

/// The ledgers of IKE SAs and of their children, which one message may change both.
package struct SALedgers: Sendable {
    var ike: IKELedger
    var children: ChildLedger
    /// SAs of IKEv2 are there from their first message on; else from the first one that a key opens.
    private let followsUnread: Bool

    /// - Parameter packets: the packets of SAs are folded in as well; else what negotiations made is all that is known.
    package init(bounds: SADatabase.Bounds, packets: Bool) {
        followsUnread = packets
        ike = IKELedger(limit: bounds.ike, bytes: bounds.ikeBytes)
        children = ChildLedger(
            limit: bounds.children, bytes: bounds.childBytes, use: packets ? .everything : .negotiationsAlone)
    }

    /// Takes in a message of an IKE SA, told by `event`; `tell` is given what it changes.
    package mutating func fold(_ message: IKEMessage, at event: Event, tell: ChangeReceiver) {
        guard let sa = message.sa, sa.version == .v1 || follows(message, sa) else { return }
        if case .sighting = message.repetition { return }
        let moment = Moment(event)
        ike.fold(message, of: sa, moment, tell: tell)
        guard case .first = message.repetition else { return }
        children.note(message, ikeSA: sa.id)
        children.follow(message, of: sa, moment, tell: tell)
        if let successor = message.v2?.successor, ike.succeed(successor, message, moment, tell: tell) {
            children.inherit(from: sa.identity, to: successor.identity)
        }
        // So does an SA whose peer proved to be another one, without a Delete (RFC 7296 section 2.21.2).
        if let failure = DeleteNotice(failure: message, moment) { children.deleteAll(failure, tell: tell) }
        guard let notice = DeleteNotice(message, moment) else { return }
        ike.delete(notice, tell: tell)
        children.delete(notice, tell: tell)
        // The children of an SA of IKEv2 go with it (RFC 7296 section 1.4.1).
        if message.v2?.purpose == .deletedIKE { children.deleteAll(notice, tell: tell) }
    }

    private func follows(_ message: IKEMessage, _ sa: borrowing IKESA) -> Bool {
        followsUnread || message.opening.isBelieved || ike.knows(sa.id)
    }

    /// Takes in a pair that a negotiation made, told by `event`.
    package mutating func fold(_ pair: ChildSA, at event: Event, tell: ChangeReceiver) {
        children.fold(pair, at: event, tell: tell)
    }
}
