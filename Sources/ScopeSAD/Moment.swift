import ScopeModel
import ScopeWire

/// When something happened, and where: an event without what it tells.
struct Moment {
    var time: Instant
    var frame: Int
    var ikeSA: Int?

    init(_ event: Event) {
        time = event.time
        frame = event.frame
        ikeSA = event.scope.ikeSA
    }
}

/// Takes the changes of SAs, in the order in which they happen.
package typealias ChangeReceiver = (SAChange) -> Void
