/// A bounded table in which the entry that was used longest ago goes first.
public struct LeastUsedTable<Key: Hashable, Value>: BoundedTable {
    public var list = AgeList<Key, Value>()
    public let limit: Int
    public let bytes: Int

    /// - Parameters:
    ///   - limit: entries that are kept at most, 1 at least.
    ///   - bytes: what they may cost together.
    @inlinable
    public init(limit: Int, bytes: Int = .max) {
        self.limit = Self.countable(limit)
        self.bytes = bytes
    }

    /// The value of `key`, which now counts as used last.
    @inlinable
    public mutating func use(_ key: Key) -> Value? {
        guard let place = list.place(key) else { return nil }
        list.renew(place)
        return list.value(at: place)
    }

    /// Counts the entry of `key` as used last, at what it costs now; gives those that had to go, the oldest first.
    @inlinable
    @discardableResult
    public mutating func use(_ key: Key, cost: Int) -> [(key: Key, value: Value)] {
        guard let place = list.place(key) else { return [] }
        list.renew(place)
        list.price(place, at: cost)
        return list.shrink(limit: limit, bytes: bytes)
    }

    /// Changes the value of `key` where it lies, which now counts as used last; nil when there is none.
    @inlinable
    public mutating func update<Result>(_ key: Key, _ body: (inout Value) -> Result) -> Result? {
        guard let place = list.place(key) else { return nil }
        list.renew(place)
        return list.change(at: place, body)
    }

    /// Adds an entry, or replaces the one with this key, as the one used last; gives those that had to go for it, the
    /// oldest first.
    @inlinable
    @discardableResult
    public mutating func insert(_ value: Value, for key: Key, cost: Int = 0) -> [(key: Key, value: Value)] {
        if let place = list.place(key) { list.renew(place) }
        list.set(value, for: key, cost: cost)
        return list.shrink(limit: limit, bytes: bytes)
    }
}

extension LeastUsedTable: Sendable where Key: Sendable, Value: Sendable {}
