import ScopeModel

/// What the annotations remember of one IKE SA, whichever device's lines stand between them.
struct SAStory {
    /// Why its messages stay sealed was said.
    var hasSaidWhatIsMissing = false
    /// The key that was named last.
    var keyName: String?
    /// The key that each side was seen to use: with different pre-shared keys they are not the same.
    var usedKeys: [Role: String] = [:]
    /// Who sent the last message.
    var lastSender: Role?
}

/// A value for each IKE SA that was seen lately.
struct SATable<Value> {
    private let initial: Value
    private var entries: [Int: Value] = [:]
    private var order: [Int] = []
    /// The oldest of `order` that still counts.
    private var first = 0
    private let bound = 4096

    init(_ initial: Value) { self.initial = initial }

    subscript(id: Int) -> Value {
        get { entries[id] ?? initial }
        set {
            if entries.updateValue(newValue, forKey: id) == nil { order.append(id) }
            while entries.count > bound, first < order.count {
                entries[order[first]] = nil
                first += 1
            }
            if first > bound {
                order.removeFirst(first)
                first = 0
            }
        }
    }
}
