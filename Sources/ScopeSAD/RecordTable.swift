import ScopeModel

/// Records under growing ids, with a bound in number and one in bytes: of more, those of less worth go first, and of these
/// what was used longest ago.
///
/// A record has a slot, which stays as long as it does, so that whoever comes with each packet need not look for it.
struct RecordTable<Record> {
    fileprivate struct Entry {
        let id: Int
        var record: Record
        var isLesser: Bool

        mutating func change<Result>(_ body: (inout Record) -> Result) -> Result { body(&record) }
    }

    private var entries: [Entry?] = []
    private var free: [Int] = []
    /// Slots by id, in the order of use.
    private var worthy: LeastUsedTable<Int, Int>
    private var lesser: LeastUsedTable<Int, Int>
    private let limit: Int
    private let bytes: Int

    init(limit: Int, bytes: Int) {
        self.limit = max(limit, 1)
        self.bytes = bytes
        // Which of the two has to give is decided here.
        worthy = LeastUsedTable(limit: .max)
        lesser = LeastUsedTable(limit: .max)
    }

    var count: Int { worthy.count + lesser.count }

    func slot(of id: Int) -> Int? { worthy[id] ?? lesser[id] }

    subscript(slot: Int) -> Record? { entries.indices.contains(slot) ? entries[slot]?.record : nil }

    /// All of them, by id.
    var inOrder: [Record] {
        entries.compactMap { $0 }.sorted { $0.id < $1.id }.map(\.record)
    }

    /// Changes the record in `slot` where it lies.
    mutating func update<Result>(_ slot: Int, _ body: (inout Record) -> Result) -> Result? {
        guard entries.indices.contains(slot) else { return nil }
        return entries[slot]?.change(body)
    }

    /// Notes that the record in `slot` was used.
    mutating func touch(_ slot: Int) {
        guard entries.indices.contains(slot), let id = entries[slot]?.id, let isLesser = entries[slot]?.isLesser else {
            return
        }
        _ = isLesser ? lesser.use(id) : worthy.use(id)
    }

    /// Adds a record whose id no other one had.
    mutating func insert(_ record: Record, id: Int, cost: Int, isLesser: Bool = false) -> Int {
        let slot = free.popLast() ?? entries.count
        let entry = Entry(id: id, record: record, isLesser: isLesser)
        if slot < entries.count { entries[slot] = entry } else { entries.append(entry) }
        if isLesser { lesser.insert(slot, for: id, cost: cost) } else { worthy.insert(slot, for: id, cost: cost) }
        return slot
    }

    /// Says anew what the record in `slot` costs.
    mutating func price(_ slot: Int, at cost: Int) {
        guard entries.indices.contains(slot), let id = entries[slot]?.id, let isLesser = entries[slot]?.isLesser else {
            return
        }
        if isLesser { lesser.price(id, at: cost) } else { worthy.price(id, at: cost) }
    }

    /// Says anew whether the record `id` is of less worth than others.
    mutating func rank(_ id: Int, isLesser: Bool, cost: Int) {
        if isLesser, let slot = worthy.remove(id) {
            lesser.insert(slot, for: id, cost: cost)
            entries[slot]?.isLesser = true
        } else if !isLesser, let slot = lesser.remove(id) {
            worthy.insert(slot, for: id, cost: cost)
            entries[slot]?.isLesser = false
        }
    }

    /// Takes out what has to go before another one that costs so much may come; nil when there is room for it.
    mutating func makeRoom(for cost: Int) -> Record? {
        guard count > 0, count >= limit || worthy.cost + lesser.cost + cost > bytes,
            let (_, slot) = lesser.removeOldest() ?? worthy.removeOldest()
        else { return nil }
        let record = entries[slot]?.record
        entries[slot] = nil
        free.append(slot)
        return record
    }
}

extension RecordTable: Sendable where Record: Sendable {}
extension RecordTable.Entry: Sendable where Record: Sendable {}
