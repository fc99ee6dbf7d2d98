import ScopeModel

/// What each side has of something: in place, for there are many IKE SAs.
struct ByRole<Value> {
    private var initiator: Value?
    private var responder: Value?

    var isEmpty: Bool { initiator == nil && responder == nil }

    subscript(role: Role) -> Value? {
        get { role == .initiator ? initiator : responder }
        set { if role == .initiator { initiator = newValue } else { responder = newValue } }
    }
}
