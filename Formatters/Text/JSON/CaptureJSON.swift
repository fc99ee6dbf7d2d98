import ScopeModel
import ScopeWire

/// `ikescope.capture/1`: the last object of a live run, whatever the objects before it are: how complete they are.
enum CaptureJSON {
    static func write(_ statistics: CaptureStatistics, to sink: ByteSink) {
        var json = JSONWriter(sink)
        json.writeObject { json in
            json.writeWord("schema", "ikescope.capture/1")
            json.writeString("interface", statistics.interface)
            json.writeNumber("captured", statistics.captured)
            json.writeNumber("received", statistics.received)
            json.writeNumber("dropped_by_kernel", statistics.droppedByKernel)
            json.writeNumber("dropped_by_interface", statistics.droppedByInterface)
            json.writeNumber("unread", statistics.unread)
        }
        sink.newline()
    }
}
