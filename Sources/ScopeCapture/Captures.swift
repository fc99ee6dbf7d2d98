import ScopeWire

/// Opens the sources of frames: files, standard input, interfaces.
public enum Captures {
    /// Opens files; `-` is the standard input, several are merged by time.
    ///
    /// - Parameters:
    ///   - filter: in tcpdump's language; frames that do not pass keep their numbers.
    ///   - follow: waits at a file's end for more, until `stop` is raised.
    ///   - stop: ends waiting for a pipe or a growing file.
    ///   - readsAhead: a large file may be read by a thread of its own.
    public static func open(
        paths: [String], filter: String? = nil, follow: Bool = false, stop: StopFlag? = nil, readsAhead: Bool = false
    ) throws(CaptureError) -> any CaptureSource {
        var sources: [any CaptureSource] = []
        // Of many files all together hold no more than a few.
        let blockLength = paths.count > 1 ? max((256 << 10) >> (paths.count / 32), 16 << 10) : 1 << 20
        for path in paths {
            sources.append(
                try file(
                    path, follow: follow, stop: stop, blockLength: blockLength,
                    readsAhead: readsAhead && paths.count == 1))
        }
        let source = sources.count == 1 ? sources[0] : MergedSource(sources)
        guard let filter else { return source }
        return try FilteredSource(source, filter: filter)
    }

    /// Begins to capture on an interface, see `LiveSource`.
    ///
    /// - Parameters:
    ///   - stop: ends the capture; frames that have arrived before are still returned.
    ///   - notice: receives a line when the interface goes down or comes up again, from another thread.
    public static func live(
        interface: String, settings: LiveSettings = LiveSettings(), stop: StopFlag = StopFlag(),
        notice: @escaping @Sendable (String) -> Void = { _ in }
    ) throws(CaptureError) -> any CaptureSource {
        try LiveSource(interface: interface, settings: settings, stop: stop, notice: notice)
    }

    /// Opens a file with our own reader, else with libpcap if that knows its format.
    private static func file(
        _ path: String, follow: Bool, stop: StopFlag?, blockLength: Int, readsAhead: Bool
    ) throws(CaptureError) -> any CaptureSource {
        do throws(CaptureError) {
            return try FileSource(
                path: path, follow: follow, stop: stop, blockLength: blockLength, readsAhead: readsAhead)
        } catch {
            if case .notACapture = error, path != "-", let source = OfflineSource(path: path) { return source }
            throw error
        }
    }
}
