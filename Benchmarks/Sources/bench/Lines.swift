import Foundation

/// The lines of an output, one at a time: some are larger than memory should be.
enum Lines {
    static func each(_ path: String, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        guard let file = fopen(path, "r") else { return }
        defer { fclose(file) }
        var line: UnsafeMutablePointer<CChar>?
        var room = 0
        defer { free(line) }
        while true {
            let count = getline(&line, &room, file)
            guard count > 0, let line else { return }
            line.withMemoryRebound(to: UInt8.self, capacity: count) {
                body(UnsafeBufferPointer(start: $0, count: $0[count - 1] == 10 ? count - 1 : count))
            }
        }
    }

    /// Lines that begin with `start` and hold all of `parts`.
    static func count(_ path: String, start: String, _ parts: String..., except: String? = nil) -> Int {
        let (start, parts) = (Array(start.utf8), parts.map { Array($0.utf8) })
        let except = except.map { Array($0.utf8) }
        var found = 0
        each(path) { line in
            guard line.starts(with: start), parts.allSatisfy({ line.holds($0) }) else { return }
            if let except, line.holds(except) { return }
            found += 1
        }
        return found
    }
}

extension UnsafeBufferPointer<UInt8> {
    func holds(_ part: [UInt8]) -> Bool {
        guard let first = part.first else { return true }
        var at = 0
        while at + part.count <= count {
            if self[at] == first, self[at..<(at + part.count)].elementsEqual(part) { return true }
            at += 1
        }
        return false
    }

    var text: String { String(decoding: self, as: UTF8.self) }
}

/// What the outputs say was found.
enum Findings {
    /// Headings of IKE messages in a transcript.
    static func messages(_ transcript: String) -> Int {
        Lines.count(transcript, start: "! frame ", " bytes")
            - Lines.count(transcript, start: "! frame ", " · comment: ")
    }

    /// SPI → packets that `debug` verified, from its accounts at the end.
    static func accounts(_ transcript: String) -> [String: Int] {
        var found: [String: Int] = [:]
        let start = Array("! ESP 0x".utf8)
        Lines.each(transcript) { line in
            guard line.starts(with: start) else { return }
            let words = line.text.split(separator: " ")
            guard let packets = words.firstIndex(where: { $0.hasPrefix("packet") }), packets > 0,
                let all = Int(words[packets - 1]), let verified = words.firstIndex(where: { $0.hasPrefix("verified") })
            else { return }
            found[String(words[2])] = words[verified - 1] == "all" ? all : Int(words[verified - 1]) ?? 0
        }
        return found
    }

    /// SPI → packets whose ICV tshark calls right; the columns are frame, SPI, ICV.
    static func tsharkVerified(_ fields: String) -> [String: Int] {
        var found: [String: Int] = [:]
        Lines.each(fields) { line in
            let cells = line.text.split(separator: "\t", omittingEmptySubsequences: false)
            guard cells.count > 2, cells[2].hasPrefix("1") || cells[2].hasPrefix("True") else { return }
            found[String(cells[1]), default: 0] += 1
        }
        return found
    }

    static func packets(_ capture: String, _ folder: URL) throws -> Int {
        let told = try Run.text(["capinfos", "-TMrc", capture], in: folder)
        return Int(told.split(separator: "\t").last?.trimmingCharacters(in: .whitespacesAndNewlines) ?? "") ?? -1
    }
}
