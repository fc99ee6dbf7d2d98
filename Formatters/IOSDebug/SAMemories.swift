import ScopeModel

/// An object for each IKE SA that was used lately.
struct SAMemories<Value: AnyObject> {
    private let make: () -> Value
    private var entries: LeastUsedTable<Int, Value>

    /// - Parameter bytes: what all of them together may hold beside what each one has anyway.
    init(bytes: Int = .max, _ make: @escaping () -> Value) {
        self.make = make
        entries = LeastUsedTable(limit: 4096, bytes: bytes)
    }

    /// What is remembered of the IKE SA `id`; nil when it was not seen, or not lately.
    func find(_ id: Int) -> Value? { entries[id] }

    /// The same, made when there is none.
    mutating func value(_ id: Int) -> Value {
        if let known = entries.use(id) { return known }
        let value = make()
        entries.insert(value, for: id)
        return value
    }

    /// Says what is held for the IKE SA `id` now.
    mutating func price(_ id: Int, at cost: Int) { entries.price(id, at: cost) }
}
