/// A bounded table in which the entry that was added longest ago goes first, however often it was used.
public struct RecentTable<Key: Hashable, Value>: BoundedTable {
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

    /// Changes the value of `key` where it lies; nil when there is none.
    @inlinable
    public mutating func update<Result>(_ key: Key, _ body: (inout Value) -> Result) -> Result? {
        guard let place = list.place(key) else { return nil }
        return list.change(at: place, body)
    }

    /// Adds an entry as the newest, or replaces the value of the one with this key, which keeps its age; gives those that
    /// had to go for it, the oldest first.
    @inlinable
    @discardableResult
    public mutating func insert(_ value: Value, for key: Key, cost: Int = 0) -> [(key: Key, value: Value)] {
        list.set(value, for: key, cost: cost)
        return list.shrink(limit: limit, bytes: bytes)
    }
}

extension RecentTable: Sendable where Key: Sendable, Value: Sendable {}

extension RecentTable where Value == Void {
    /// Adds `key` to a table that is used as a set; gives those that had to go for it.
    @inlinable
    @discardableResult
    public mutating func insert(_ key: Key) -> [(key: Key, value: Void)] { insert((), for: key) }
}
