import ScopeWire

/// The front door: opens whatever frames are to be read from.
public enum Captures {
    /// Opens files; `-` is the standard input, several are merged by time.
    ///
    /// - Parameters:
    ///   - filter: in tcpdump's language; frames that do not pass keep their numbers.
    ///   - follow: waits at a file's end for more, until `stop` is raised.
    ///   - stop: ends waiting for a pipe or a growing file.
    public static func open(
        paths: [String], filter: String? = nil, follow: Bool = false, stop: StopFlag? = nil
    ) throws(CaptureError) -> any CaptureSource {
        var sources: [any CaptureSource] = []
        let blockLength = paths.count > 1 ? 256 << 10 : 1 << 20
        for path in paths {
            sources.append(try FileSource(path: path, follow: follow, stop: stop, blockLength: blockLength))
        }
        let source = sources.count == 1 ? sources[0] : MergedSource(sources)
        guard let filter else { return source }
        return try FilteredSource(source, filter: filter)
    }
}
