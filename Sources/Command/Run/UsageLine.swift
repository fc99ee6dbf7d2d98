/// One line for what ArgumentParser says in several.
enum UsageLine {
    /// `message` in one line, and where to read on.
    static func make(_ message: String, for command: String) -> String {
        var line = message.split(whereSeparator: \.isNewline).map(trimmed).joined(separator: " ")
        // It begins where ours go on; a name in front keeps its letters.
        if let first = line.first, starts.contains(where: line.hasPrefix) {
            line = first.lowercased() + line.dropFirst()
        }
        while line.last == "." { line.removeLast() }
        return "\(line); see '\(command) --help'"
    }

    private static let starts = ["Unknown ", "Missing ", "The ", "Unexpected ", "Invalid ", "Value ", "Can't "]

    private static func trimmed(_ line: Substring) -> Substring {
        var line = line
        while line.first == " " { line.removeFirst() }
        while line.last == " " { line.removeLast() }
        return line
    }
}
