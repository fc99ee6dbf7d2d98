/// Exchanges of one IKE SA by message id, the oldest of which go first.
struct ExchangeTable<Value> {
    private var entries: [(id: UInt32, value: Value, cost: Int)] = []
    /// What its values hold, in bytes.
    private(set) var cost = 0

    var isEmpty: Bool { entries.isEmpty }

    subscript(id: UInt32) -> Value? { entries.last { $0.id == id }?.value }

    /// Frees the memory as well: most exchanges are the only one of their time.
    mutating func remove(_ id: UInt32) {
        entries = entries.filter { $0.id != id }
        cost = entries.reduce(0) { $0 + $1.cost }
    }

    /// - Parameters:
    ///   - cost: the bytes that `value` holds.
    ///   - bytes: what all values may hold; the newest stays whatever it holds.
    mutating func set(_ value: Value, for id: UInt32, limit: Int, cost: Int = 0, bytes: Int = .max) {
        if let index = entries.lastIndex(where: { $0.id == id }) {
            self.cost += cost - entries[index].cost
            entries[index].value = value
            entries[index].cost = cost
        } else {
            entries.append((id, value, cost))
            self.cost += cost
        }
        while entries.count > 1, entries.count > limit || self.cost > bytes, let first = entries.first,
            first.id != id || entries.count > limit
        {
            self.cost -= first.cost
            entries.removeFirst()
        }
    }
}
