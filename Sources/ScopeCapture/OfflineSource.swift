import CPcap
import Glibc
import ScopeWire

/// A file in a format that only libpcap knows.
final class OfflineSource: CaptureSource {
    private(set) var interfaces: [CaptureInterface]
    var progress: CaptureProgress? { nil }
    var comment: String? { nil }
    /// A file is complete, so nothing is waited for.
    var beforeWaiting: (() -> Void)?

    private let name: String
    private let handle: OpaquePointer
    private let linkType: LinkType
    private var frames = 0
    private var hasEnded = false
    private(set) var bytes = UnsafeRawBufferPointer(start: nil, count: 0)

    /// Opens `path`; nil when libpcap does not know the file either.
    init?(path: String) {
        guard let file = fopen(path, "rbe") else { return nil }
        var buffer = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
        guard
            let handle = pcap_fopen_offline_with_tstamp_precision(file, UInt32(PCAP_TSTAMP_PRECISION_NANO), &buffer)
        else {
            fclose(file)
            return nil
        }
        self.handle = handle
        name = path
        linkType = LinkType(libpcapNumber: pcap_datalink(handle))
        interfaces = [CaptureInterface(linkType: linkType, snapLength: Int(pcap_snapshot(handle)))]
    }

    deinit { pcap_close(handle) }

    func next() throws(CaptureError) -> CaptureItem? {
        bytes = UnsafeRawBufferPointer(start: nil, count: 0)
        if hasEnded { return nil }
        var header: UnsafeMutablePointer<pcap_pkthdr>?
        var data: UnsafePointer<UInt8>?
        let result = pcap_next_ex(handle, &header, &data)
        guard result == 1, let header = header?.pointee, let data else {
            hasEnded = true
            if result == PCAP_ERROR_BREAK { return nil }
            throw .unreadable(file: name, frames: frames, reason: String(cString: pcap_geterr(handle)))
        }
        bytes = UnsafeRawBufferPointer(start: data, count: Int(header.caplen))
        frames += 1
        let time = Int64(header.ts.tv_sec) &* 1_000_000_000 &+ Int64(header.ts.tv_usec)
        return .frame(
            Frame(
                number: frames, time: Instant(nanoseconds: time), linkType: linkType,
                capturedLength: Int(header.caplen), originalLength: Int(header.len)))
    }
}
