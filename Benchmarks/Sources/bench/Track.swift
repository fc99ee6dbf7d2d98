import Foundation

/// A program that takes part, and what its runs took.
final class Runner {
    let name: String
    let words: [String]
    let output: String
    private(set) var runs: [Run] = []

    init(_ name: String, _ words: [String], output: String) {
        self.name = name
        self.words = words
        self.output = output
    }

    func run() throws { runs.append(try Run.of(words, output: output)) }

    var seconds: Double { Self.median(runs.map(\.seconds)) }
    var processor: Double { Self.median(runs.map(\.processor)) }
    var memory: Double { Self.median(runs.map(\.memory)) }

    private static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return .nan }
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}

/// Lets programs run in turn, so that what else the machine does touches all of them alike.
final class Track {
    let folder: URL
    let table = Table()
    private let ikescope: String
    private let rounds: Int
    private var outputs = 0

    init(ikescope: String, folder: URL, rounds: Int) {
        self.ikescope = ikescope
        self.folder = folder
        self.rounds = rounds
    }

    func program(_ name: String, _ words: [String]) -> Runner {
        outputs += 1
        return Runner(name, words, output: folder.appending(path: "\(outputs).txt").path)
    }

    func ikescope(_ words: [String]) -> Runner {
        let told = words.filter { !$0.contains("/") && $0 != "--quiet" }
        return program("ikescope " + told.joined(separator: " "), [ikescope] + words)
    }

    /// A profile folder with Wireshark's tables of the keys that open a capture.
    func exportTables(of capture: MadeCapture, _ keys: String) throws -> String {
        let place = folder.appending(path: "profile").path
        let words = [
            "keys", "export", "--quiet", "--keys", keys, "--to", "wireshark", "--force", "-o", place, capture.path,
        ]
        _ = try Run.of([ikescope] + words)
        return place
    }

    func run(_ runners: [Runner], on capture: MadeCapture) throws {
        // Nobody pays for being the first to read it.
        _ = try Run.of(["dd", "if=\(capture.path)", "of=/dev/null", "bs=1M"])
        for round in 1...rounds {
            for runner in runners {
                try runner.run()
                say("  \(round)/\(rounds) \(runner.name): \(runner.runs.last?.seconds.figure(2) ?? "") s")
            }
        }
    }
}

/// The table of all programs.
final class Table {
    private var rows = [["", "seconds", "processor s", "MB/s", "peak MB", "ikescope is faster by"]]

    /// `own` is what ikescope did of the same.
    func add(_ runner: Runner, _ capture: MadeCapture, beside own: Runner?) {
        rows.append([
            runner.name, runner.seconds.figure(2), runner.processor.figure(2),
            (capture.megabytes / runner.seconds).figure(0), runner.memory.figure(0),
            own.map { (runner.seconds / $0.seconds).figure(1) } ?? "",
        ])
    }

    func add(_ name: String, seconds: Double) { rows.append([name, seconds.figure(2), "", "", "", ""]) }

    var text: String {
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            row.indices.map { column in
                let room = String(repeating: " ", count: widths[column] - row[column].count)
                return column == 0 ? row[column] + room : room + row[column]
            }.joined(separator: "  ")
        }.joined(separator: "\n")
    }
}

/// A line at once, for whoever waits.
func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

extension Double {
    func figure(_ digits: Int) -> String { String(format: "%.\(digits)f", self) }
}
