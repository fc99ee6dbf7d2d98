/// The order in which pre-shared keys are tried, each once: some first, then all others as they come.
///
/// The first ones mostly fit, and there may be thousands of others: what comes behind the first is worked out when it is
/// asked for.
struct PSKOrder: Sequence, IteratorProtocol {
    private let first: [Int]
    private let count: Int
    private var place = 0
    private var rest = 0
    private var told: Set<Int> = []

    /// - Parameter count: of all keys; their numbers begin at 0.
    init(first: [Int], count: Int) {
        self.first = first
        self.count = count
    }

    mutating func next() -> Int? {
        while place < first.count {
            defer { place += 1 }
            if told.insert(first[place]).inserted { return first[place] }
        }
        while rest < count {
            defer { rest += 1 }
            if !told.contains(rest) { return rest }
        }
        return nil
    }
}
