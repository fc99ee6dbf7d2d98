import ScopeModel

/// Frames of several files, by file.
enum FileFrames {
    /// `a.pcap frames 3, 5; b.pcap frame 1`; nil where nothing is known.
    static func text(_ frames: some Sequence<Int>, _ places: FramePlaces) -> String? {
        let known = frames.compactMap { places($0) }
        var files: [(name: String, numbers: [String])] = []
        for place in known {
            if let at = files.firstIndex(where: { $0.name == place.file }) {
                files[at].numbers.append("\(place.number)")
            } else {
                files.append((place.file, ["\(place.number)"]))
            }
        }
        guard !files.isEmpty else { return nil }
        return files.map { file in
            "\(file.name) frame\(file.numbers.count == 1 ? "" : "s") \(file.numbers.joined(separator: ", "))"
        }.joined(separator: "; ")
    }
}
