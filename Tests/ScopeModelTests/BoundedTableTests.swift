import ScopeModel
import Testing

@Suite("A bounded table") struct BoundedTableTests {
    @Test("lets go first of what was used longest ago")
    func leastUsed() {
        var table = LeastUsedTable<String, Int>(limit: 3)
        #expect(table.insert(1, for: "a").isEmpty)
        table.insert(2, for: "b")
        table.insert(3, for: "c")
        #expect(table.use("a") == 1)
        #expect(table["b"] == 2, "looking is no use")
        #expect(table.insert(4, for: "d").map(\.key) == ["b"])
        #expect(table.entries.map(\.key) == ["c", "a", "d"])
        #expect(table.insert(5, for: "c").isEmpty, "it replaces")
        #expect(table.insert(6, for: "e").map(\.key) == ["a"])
        #expect(table["a"] == nil && table.count == 3)
    }

    @Test("lets go first of what was added longest ago, however often it was used")
    func recent() {
        var table = RecentTable<String, Int>(limit: 3)
        for (value, key) in ["a", "b", "c"].enumerated() { table.insert(value, for: key) }
        table.update("a") { $0 += 10 }
        table.insert(20, for: "b")
        #expect(table.insert(3, for: "d").map(\.value) == [10])
        #expect(table.insert(4, for: "e").map(\.value) == [20])
        #expect(table.oldest?.key == "c")
        #expect(table.removeOldest()?.key == "c")
        #expect(table.entries.map(\.value) == [3, 4])
    }

    @Test("keeps to its bytes, and keeps the newest entry whatever it costs")
    func bytes() {
        var table = LeastUsedTable<Int, String>(limit: 100, bytes: 10)
        table.insert("x", for: 1, cost: 4)
        table.insert("y", for: 2, cost: 4)
        #expect(table.insert("z", for: 3, cost: 4).map(\.key) == [1])
        #expect(table.cost == 8)
        #expect(table.price(2, at: 7).map(\.key) == [2], "the oldest goes, be it the one that grew")
        #expect(table.insert("whale", for: 4, cost: 50).map(\.key) == [3])
        #expect(table.count == 1 && table.cost == 50)
        #expect(table.remove(4) == "whale")
        #expect(table.isEmpty && table.cost == 0)
        #expect(table.removeOldest() == nil)
    }

    /// The plainest table that can be: an array in order of age.
    private struct Plain {
        var entries: [(key: Int, value: Int, cost: Int)] = []

        mutating func shrink(_ limit: Int, _ bytes: Int) -> [Int] {
            var gone: [Int] = []
            while entries.count > 1, entries.count > limit || entries.reduce(0, { $0 + $1.cost }) > bytes {
                gone.append(entries.removeFirst().key)
            }
            return gone
        }
    }

    @Test("does what an array in order of age does, over 20,000 operations", arguments: [true, false])
    func againstAnArray(renews: Bool) {
        var generator = Seeded(state: renews ? 1 : 2)
        var leastUsed = LeastUsedTable<Int, Int>(limit: 40, bytes: 300)
        var recent = RecentTable<Int, Int>(limit: 40, bytes: 300)
        var plain = Plain()
        for _ in 0..<20_000 {
            let key = Int.random(in: 0..<80, using: &generator)
            let at = plain.entries.firstIndex { $0.key == key }
            switch Int.random(in: 0..<10, using: &generator) {
            case 0..<5:
                let (value, cost) = (
                    Int.random(in: 0..<1000, using: &generator), Int.random(in: 0..<20, using: &generator)
                )
                if let at, renews {
                    plain.entries.remove(at: at)
                    plain.entries.append((key, value, cost))
                } else if let at {
                    plain.entries[at] = (key, value, cost)
                } else {
                    plain.entries.append((key, value, cost))
                }
                let gone =
                    renews
                    ? leastUsed.insert(value, for: key, cost: cost).map(\.key)
                    : recent.insert(value, for: key, cost: cost).map(\.key)
                #expect(gone == plain.shrink(40, 300))
            case 5..<7:
                #expect((renews ? leastUsed.use(key) : recent[key]) == at.map { plain.entries[$0].value })
                if let at, renews { plain.entries.append(plain.entries.remove(at: at)) }
            case 7:
                let removed = renews ? leastUsed.remove(key) : recent.remove(key)
                #expect(removed == at.map { plain.entries[$0].value })
                if let at { plain.entries.remove(at: at) }
            case 8:
                let removed = renews ? leastUsed.removeOldest()?.key : recent.removeOldest()?.key
                #expect(removed == plain.entries.first?.key)
                if !plain.entries.isEmpty { plain.entries.removeFirst() }
            default:
                let cost = Int.random(in: 0..<30, using: &generator)
                if let at { plain.entries[at].cost = cost }
                let gone =
                    renews
                    ? leastUsed.price(key, at: cost).map(\.key) : recent.price(key, at: cost).map(\.key)
                #expect(gone == (at == nil ? [] : plain.shrink(40, 300)))
            }
        }
        let left = renews ? leastUsed.entries.map(\.key) : recent.entries.map(\.key)
        #expect(left == plain.entries.map(\.key))
        #expect((renews ? leastUsed.cost : recent.cost) == plain.entries.reduce(0) { $0 + $1.cost })
    }

    /// A generator that gives the same numbers in each run (SplitMix64).
    private struct Seeded: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var value = state
            value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
            value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
            return value ^ value >> 31
        }
    }
}
