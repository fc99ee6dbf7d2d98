/// A table with a bound in entries and one in bytes; what was used longest ago goes first.
///
/// Each operation but the walk over all entries takes the same time however full the table is. The bytes are what its
/// user says that an entry costs. The entry that was used last stays even if it alone is over the bound in bytes.
public struct LeastUsedTable<Key: Hashable, Value> {
    @usableFromInline var list = AgeList<Key, Value>()
    @usableFromInline let limit: Int
    @usableFromInline let bytes: Int

    /// - Parameters:
    ///   - limit: entries that are kept at most, 1 at least.
    ///   - bytes: what they may cost together.
    @inlinable
    public init(limit: Int, bytes: Int = .max) {
        self.limit = Swift.min(Swift.max(limit, 1), Int(Int32.max) - 1)
        self.bytes = bytes
    }

    @inlinable public var count: Int { list.count }
    @inlinable public var isEmpty: Bool { list.count == 0 }
    /// The sum of what its entries cost.
    @inlinable public var cost: Int { list.cost }

    /// The value of `key`; looking is no use of it.
    @inlinable
    public subscript(key: Key) -> Value? { list.place(key).flatMap { list.value(at: $0) } }

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

    /// Adds an entry, or replaces the one with this key; gives those that had to go for it, the oldest first.
    @inlinable
    @discardableResult
    public mutating func insert(_ value: Value, for key: Key, cost: Int = 0) -> [(key: Key, value: Value)] {
        if let place = list.place(key) {
            list.renew(place)
            _ = list.change(at: place) { $0 = value }
            list.price(place, at: cost)
        } else {
            list.append(value, for: key, cost: cost)
        }
        return list.shrink(limit: limit, bytes: bytes)
    }

    /// Says anew what the entry of `key` costs, which is no use of it; gives those that had to go, the oldest first.
    @inlinable
    @discardableResult
    public mutating func price(_ key: Key, at cost: Int) -> [(key: Key, value: Value)] {
        guard let place = list.place(key) else { return [] }
        list.price(place, at: cost)
        return list.shrink(limit: limit, bytes: bytes)
    }

    @inlinable
    @discardableResult
    public mutating func remove(_ key: Key) -> Value? {
        guard let place = list.place(key) else { return nil }
        return list.remove(at: place)?.value
    }

    /// Takes out the entry that was used longest ago.
    @inlinable
    @discardableResult
    public mutating func removeOldest() -> (key: Key, value: Value)? {
        list.count == 0 ? nil : list.remove(at: list.oldest)
    }

    /// All entries, the one that was used longest ago first.
    @inlinable public var entries: AgeOrder<Key, Value> { AgeOrder(list) }
}

extension LeastUsedTable: Sendable where Key: Sendable, Value: Sendable {}
