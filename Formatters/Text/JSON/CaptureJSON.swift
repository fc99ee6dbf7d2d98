import ScopeModel
import ScopeWire

/// `ikescope.capture/1`: the last object of a live run, whatever the objects before it are: how complete they are.
enum CaptureJSON {
    static func write(_ statistics: CaptureStatistics, to sink: ByteSink) {
        var json = JSONWriter(sink)
        json.object { json in
            json.word("schema", "ikescope.capture/1")
            json.string("interface", statistics.interface)
            json.number("captured", statistics.captured)
            json.number("received", statistics.received)
            json.number("dropped_by_kernel", statistics.droppedByKernel)
            json.number("dropped_by_interface", statistics.droppedByInterface)
            json.number("unread", statistics.unread)
        }
        sink.newline()
    }
}
