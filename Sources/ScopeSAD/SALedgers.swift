import ScopeDissect
import ScopeModel
import ScopeWire

/// The ledgers of IKE SAs and of their children, which one message may change both.
package struct SALedgers: Sendable {
    var ike: IKELedger
    var children: ChildLedger

    /// - Parameter packets: the packets of SAs are folded in as well; else what negotiations made is all that is known.
    package init(bounds: SADatabase.Bounds, packets: Bool) {
        ike = IKELedger(limit: bounds.ike, bytes: bounds.ikeBytes)
        children = ChildLedger(
            limit: bounds.children, bytes: bounds.childBytes, use: packets ? .everything : .negotiationsAlone)
    }

    /// Takes in a message of an IKE SA, told by `event`; `tell` is given what it changes.
    package mutating func fold(_ message: IKEMessage, at event: Event, tell: ChangeReceiver) {
        guard let sa = message.sa, sa.version == .v1 else { return }
        if case .sighting = message.repetition { return }
        let moment = Moment(event)
        ike.fold(message, of: sa, moment, tell: tell)
        guard case .first = message.repetition else { return }
        children.note(message, ikeSA: sa.id)
        children.follow(message, of: sa, moment, tell: tell)
        guard let notice = DeleteNotice(message, moment) else { return }
        ike.delete(notice, tell: tell)
        children.delete(notice, tell: tell)
    }

    /// Takes in a pair that a negotiation made, told by `event`.
    package mutating func fold(_ pair: ChildSA, at event: Event, tell: ChangeReceiver) {
        children.fold(pair, at: event, tell: tell)
    }
}
