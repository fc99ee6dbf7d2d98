/// Shortens the messages of ArgumentParser to one line.
enum UsageLine {
    /// Returns `message` in one line, with the command that explains more.
    static func make(_ message: String, for command: String) -> String {
        var line = message.split(whereSeparator: \.isNewline).map(trimmed).joined(separator: " ")
        // Our messages go on in lower case; a name in front keeps its letters.
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
