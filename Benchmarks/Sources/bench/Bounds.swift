/// What has to hold, with its figure.
struct Bounds {
    private(set) var allHold = true
    private var lines: [String] = []

    /// MB beside what the keys take.
    static let memory = 64.0

    var text: String { lines.joined(separator: "\n") }

    mutating func hold(_ name: String, _ holds: Bool, _ value: String) {
        lines.append("\(holds ? "ok  " : "FAIL") \(name): \(value)")
        if !holds { allHold = false }
    }

    mutating func most(_ name: String, _ value: Double, _ bound: Double) {
        hold("\(name), at most \(bound.figure(1))", value <= bound, value.figure(2))
    }

    mutating func least(_ name: String, _ value: Double, _ bound: Double) {
        hold("\(name), at least \(bound.figure(1))", value >= bound, value.figure(2))
    }

    /// `keys` is what the file of keys takes by itself, in MB.
    mutating func memory(_ runner: Runner, keys: Double = 0) {
        let bound = Self.memory + keys
        hold(
            "\(runner.name): peak memory under \(bound.figure(0)) MB", runner.memory < bound,
            "\(runner.memory.figure(0)) MB")
    }

    mutating func equal(_ name: String, _ counts: KeyValuePairs<String, Int>) {
        let told = counts.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        hold("same number of \(name)", Set(counts.map(\.value)).count == 1, told)
    }

    mutating func equal(_ name: String, _ counts: KeyValuePairs<String, [String: Int]>) {
        let told = counts.map { "\($0.key) \($0.value.count) SAs" }.joined(separator: ", ")
        hold("same \(name)", Set(counts.map(\.value)).count == 1, told)
    }
}
