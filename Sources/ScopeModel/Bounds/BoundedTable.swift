/// A table with a bound in entries and one in bytes, of which the oldest entry goes first.
///
/// Each operation but the walk over all entries takes the same time however full the table is. The bytes are what its
/// user says that an entry costs. The newest entry stays even if it alone is over the bound in bytes. Of the two kinds
/// `LeastUsedTable` counts age from the last use, and `RecentTable` from the first.
public protocol BoundedTable<Key, Value> {
    associatedtype Key: Hashable
    associatedtype Value

    /// The entries by age: for the operations of a table alone.
    var list: AgeList<Key, Value> { get set }
    /// Entries that are kept at most.
    var limit: Int { get }
    /// What they may cost together.
    var bytes: Int { get }
}

extension BoundedTable {
    @inlinable public var count: Int { list.count }
    @inlinable public var isEmpty: Bool { list.count == 0 }
    /// The sum of what its entries cost.
    @inlinable public var cost: Int { list.cost }

    @inlinable
    public func contains(_ key: Key) -> Bool { list.place(key) != nil }

    /// The value of `key`; looking is no use of it.
    @inlinable
    public subscript(key: Key) -> Value? { list.place(key).flatMap { list.value(at: $0) } }

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

    /// The oldest entry.
    @inlinable public var oldest: (key: Key, value: Value)? {
        list.count == 0 ? nil : list.nodes[Int(list.oldest)].entry
    }

    @inlinable
    @discardableResult
    public mutating func removeOldest() -> (key: Key, value: Value)? {
        list.count == 0 ? nil : list.remove(at: list.oldest)
    }

    /// All entries, the oldest first.
    @inlinable public var entries: AgeOrder<Key, Value> { AgeOrder(list) }

    /// A bound in entries that can be counted: 1 at least.
    @inlinable
    static func countable(_ limit: Int) -> Int { Swift.min(Swift.max(limit, 1), Int(Int32.max) - 1) }
}

/// The entries of a bounded table, the oldest first.
public struct AgeOrder<Key: Hashable, Value>: Sequence, IteratorProtocol {
    @usableFromInline let list: AgeList<Key, Value>
    @usableFromInline var place: Int32

    @inlinable
    init(_ list: AgeList<Key, Value>) {
        self.list = list
        place = list.oldest
    }

    @inlinable
    public mutating func next() -> (key: Key, value: Value)? {
        guard place != AgeList<Key, Value>.none else { return nil }
        let node = list.nodes[Int(place)]
        place = node.newer
        return node.entry
    }
}
