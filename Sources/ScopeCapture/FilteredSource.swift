import ScopeWire

/// The frames of another source that pass a filter; the numbers of the others are left out.
final class FilteredSource: CaptureSource {
    private let source: any CaptureSource
    private let filter: PacketFilter

    init(_ source: any CaptureSource, filter text: String) throws(CaptureError) {
        self.source = source
        filter = try PacketFilter(text, links: source.interfaces.map(\.linkType))
    }

    var interfaces: [CaptureInterface] { source.interfaces }
    var progress: CaptureProgress? { source.progress }

    func next() throws(CaptureError) -> CaptureItem? {
        while let item = try source.next() {
            guard case .frame(let frame) = item else { return item }
            let passes = try source.withBytes { bytes throws(CaptureError) in
                try filter.passes(bytes, link: frame.linkType, originalLength: frame.originalLength)
            }
            if passes { return item }
        }
        return nil
    }

    var bytes: UnsafeRawBufferPointer { source.bytes }
    var comment: String? { source.comment }
    var statistics: CaptureStatistics? { source.statistics }
    var beforeWaiting: (() -> Void)? {
        get { source.beforeWaiting }
        set { source.beforeWaiting = newValue }
    }

    func leave() { source.leave() }
    var hasSeveralFiles: Bool { source.hasSeveralFiles }
    func place(ofFrame number: Int) -> (file: String, number: Int)? { source.place(ofFrame: number) }
    func origin(of frame: Frame) -> FrameOrigin { source.origin(of: frame) }
}
