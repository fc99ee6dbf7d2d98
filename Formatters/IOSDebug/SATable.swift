import ScopeModel

/// What the annotations remember of one IKE SA, whichever device's lines stand between them.
final class SAStory {
    /// Why its messages stay sealed was said.
    var hasSaidWhatIsMissing = false
    /// The key that was named last.
    var keyName: String?
    /// The key that each side was seen to use: with different pre-shared keys they are not the same.
    var usedKeys = UsedKeys()
    /// Who sent the last message.
    var lastSender: Role?
}

/// The name of the key of each side, once it was seen to use one.
struct UsedKeys {
    private var initiator: String?
    private var responder: String?

    subscript(role: Role) -> String? {
        get { role == .initiator ? initiator : responder }
        set { if role == .initiator { initiator = newValue } else { responder = newValue } }
    }
}

/// An object for each IKE SA that was seen lately.
struct SATable<Value: AnyObject> {
    private let make: () -> Value
    private var entries: [Int: Value] = [:]
    private var order: [Int] = []
    /// The oldest of `order` that still counts.
    private var first = 0
    private let bound = 4096

    init(_ make: @escaping () -> Value) { self.make = make }

    /// What is remembered of the IKE SA `id`; nil when it was not seen, or not lately.
    func find(_ id: Int) -> Value? { entries[id] }

    /// The same, made when there is none.
    mutating func value(_ id: Int) -> Value {
        if let known = entries[id] { return known }
        let value = make()
        entries[id] = value
        order.append(id)
        while entries.count > bound, first < order.count {
            entries[order[first]] = nil
            first += 1
        }
        if first > bound {
            order.removeFirst(first)
            first = 0
        }
        return value
    }
}
