/// What both bounded tables stand on: entries found by key, in a list from the oldest to the newest.
///
/// The entries lie in one array and are linked by their places in it, so that adding, finding, moving and removing one
/// take the same time however many there are. A place that was given up is used again.
public struct AgeList<Key: Hashable, Value> {
    @usableFromInline
    struct Node {
        /// Stays, with its value gone, until the place is used again.
        @usableFromInline let key: Key
        /// Nil of a place that was given up.
        @usableFromInline var value: Value?
        @usableFromInline var cost: Int
        @usableFromInline var older: Int32
        @usableFromInline var newer: Int32

        @inlinable
        init(_ key: Key, _ value: Value, cost: Int) {
            self.key = key
            self.value = value
            self.cost = cost
            older = AgeList.none
            newer = AgeList.none
        }

        @inlinable
        mutating func change<Result>(_ body: (inout Value) -> Result) -> Result? {
            // Taken out meanwhile, so that a value with storage of its own is not copied.
            guard var value else { return nil }
            self.value = nil
            defer { self.value = value }
            return body(&value)
        }

        @inlinable var entry: (key: Key, value: Value)? { value.map { (key, $0) } }
    }

    @usableFromInline var nodes: [Node] = []
    @usableFromInline var places: [Key: Int32] = [:]
    /// The first of the places that were given up, each of which names the next one as `newer`.
    @usableFromInline var free = AgeList.none
    @usableFromInline var oldest = AgeList.none
    @usableFromInline var newest = AgeList.none
    /// The sum of all costs.
    @usableFromInline private(set) var cost = 0

    @usableFromInline static var none: Int32 { -1 }

    @inlinable
    init() {}

    @inlinable var count: Int { places.count }

    /// What is in use is asked for again and again, so the newest entry is found without a hash.
    @inlinable
    func place(_ key: Key) -> Int32? {
        if newest != Self.none, nodes[Int(newest)].key == key { return newest }
        return places[key]
    }

    @inlinable
    func value(at place: Int32) -> Value? { nodes[Int(place)].value }

    @inlinable
    mutating func append(_ value: Value, for key: Key, cost: Int) {
        let node = Node(key, value, cost: max(cost, 0))
        let place: Int32
        if free != Self.none {
            place = free
            free = nodes[Int(place)].newer
            nodes[Int(place)] = node
        } else {
            place = Int32(nodes.count)
            nodes.append(node)
        }
        places[key] = place
        add(cost: node.cost)
        link(place)
    }

    /// Replaces the value of `key` where it lies, or adds it as the newest.
    @inlinable
    mutating func set(_ value: Value, for key: Key, cost: Int) {
        guard let place = place(key) else { return append(value, for: key, cost: cost) }
        _ = change(at: place) { $0 = value }
        price(place, at: cost)
    }

    /// Changes the value at `place` in place.
    @inlinable
    mutating func change<Result>(at place: Int32, _ body: (inout Value) -> Result) -> Result? {
        nodes[Int(place)].change(body)
    }

    @inlinable
    mutating func price(_ place: Int32, at cost: Int) {
        let cost = max(cost, 0)
        add(cost: cost - nodes[Int(place)].cost)
        nodes[Int(place)].cost = cost
    }

    /// Makes the entry at `place` the newest.
    @inlinable
    mutating func renew(_ place: Int32) {
        guard newest != place else { return }
        unlink(place)
        link(place)
    }

    @inlinable
    mutating func remove(at place: Int32) -> (key: Key, value: Value)? {
        guard let entry = nodes[Int(place)].entry else { return nil }
        unlink(place)
        add(cost: -nodes[Int(place)].cost)
        nodes[Int(place)].value = nil
        nodes[Int(place)].newer = free
        free = place
        places[entry.key] = nil
        return entry
    }

    @usableFromInline
    mutating func add(cost change: Int) {
        let (sum, isOver) = cost.addingReportingOverflow(change)
        cost = isOver ? .max : max(sum, 0)
    }

    @inlinable
    mutating func link(_ place: Int32) {
        nodes[Int(place)].older = newest
        nodes[Int(place)].newer = Self.none
        if newest == Self.none { oldest = place } else { nodes[Int(newest)].newer = place }
        newest = place
    }

    @inlinable
    mutating func unlink(_ place: Int32) {
        let (older, newer) = (nodes[Int(place)].older, nodes[Int(place)].newer)
        if older == Self.none { oldest = newer } else { nodes[Int(older)].newer = newer }
        if newer == Self.none { newest = older } else { nodes[Int(newer)].older = older }
    }

    /// Takes out entries, the oldest first, until both bounds hold; the newest stays whatever it costs.
    @inlinable
    mutating func shrink(limit: Int, bytes: Int) -> [(key: Key, value: Value)] {
        var gone: [(key: Key, value: Value)] = []
        while count > 1, count > limit || cost > bytes, let entry = remove(at: oldest) { gone.append(entry) }
        return gone
    }
}

extension AgeList: Sendable where Key: Sendable, Value: Sendable {}
extension AgeList.Node: Sendable where Key: Sendable, Value: Sendable {}
