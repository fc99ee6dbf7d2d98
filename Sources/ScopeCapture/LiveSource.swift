import CPcap
import Glibc
import ScopeWire

/// Frames as an interface sees them.
public final class LiveSource: CaptureSource {
    /// What IPsec needs to be understood: IKE (also behind NAT, in TCP, and GDOI's on UDP 848), ESP, AH, the fragments that lack
    /// the ports or protocol of their first one, and the ICMP errors that quote any of these.
    public static let defaultFilter =
        "udp port 500 or udp port 4500 or udp port 848 or tcp port 4500 or ip proto 50 or ip proto 51 or ip6 proto 50 or ip6 proto 51"
        + " or (ip and ip[6:2] & 0x1fff != 0) or ip6 proto 44"
        + " or icmp[icmptype] = 3 or icmp[icmptype] = 4 or icmp[icmptype] = 11 or icmp[icmptype] = 12"
        + " or (ip6 proto 58 and ip6[40] < 128)"

    /// Bytes kept of each frame.
    private static let snapLength: Int32 = 262_144
    /// Bytes of the ring that the kernel fills.
    private static let bufferLength: Int32 = 8 << 20
    /// Frames after which the kernel is asked for its losses, also when traffic never pauses.
    private static let framesBetweenStatistics = 4096

    public private(set) var interfaces: [CaptureInterface]
    public var progress: CaptureProgress? { nil }
    public var comment: String? { nil }

    private let name: String
    private let handle: OpaquePointer
    private let stop: StopFlag
    private let isNanosecond: Bool
    private let linkType: LinkType
    private var frames = 0
    private var dropped: UInt32 = 0
    private var framesToStatistics = 0
    public private(set) var bytes = UnsafeRawBufferPointer(start: nil, count: 0)

    /// Begins to capture on `interface` at once.
    ///
    /// - Parameters:
    ///   - filter: in tcpdump's language; it runs in the kernel.
    ///   - stop: ends `next` within 100 ms of being raised.
    public init(
        interface name: String, filter: String = defaultFilter, promiscuous: Bool = true, stop: StopFlag = StopFlag()
    ) throws(CaptureError) {
        var buffer = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
        guard let handle = pcap_create(name, &buffer) else {
            throw .interfaceFailed(name, reason: text(buffer))
        }
        do throws(CaptureError) {
            isNanosecond = try Self.activate(handle, name, promiscuous)
            linkType = Self.chooseLinkType(handle)
            try Self.install(filter, on: handle)
        } catch {
            pcap_close(handle)
            throw error
        }
        self.handle = handle
        self.name = name
        self.stop = stop
        interfaces = [CaptureInterface(name: name, linkType: linkType, snapLength: Int(Self.snapLength))]
        framesToStatistics = Self.framesBetweenStatistics
    }

    deinit { pcap_close(handle) }

    public func next() throws(CaptureError) -> CaptureItem? {
        bytes = UnsafeRawBufferPointer(start: nil, count: 0)
        if framesToStatistics <= 0, let lost = losses() { return lost }
        if stop.isRaised { return losses() }
        let before = SystemClock.now()
        if let frame = try poll() { return frame }
        if let lost = losses() { return lost }
        var waiting = pollfd(fd: pcap_get_selectable_fd(handle), events: Int16(POLLIN), revents: 0)
        if Glibc.poll(&waiting, 1, StopFlag.pause) > 0, let frame = try poll() { return frame }
        if stop.isRaised { return losses() }
        // What was stamped before the first look would have been there at that look.
        return .quiet(until: before)
    }

    /// The next frame, if one is there.
    private func poll() throws(CaptureError) -> CaptureItem? {
        var header: UnsafeMutablePointer<pcap_pkthdr>?
        var data: UnsafePointer<UInt8>?
        switch pcap_next_ex(handle, &header, &data) {
        case 1:
            guard let header = header?.pointee, let data else { return nil }
            bytes = UnsafeRawBufferPointer(start: data, count: Int(header.caplen))
            frames += 1
            framesToStatistics -= 1
            let fraction = Int64(header.ts.tv_usec) &* (isNanosecond ? 1 : 1000)
            return .frame(
                Frame(
                    number: frames, time: Instant(nanoseconds: Int64(header.ts.tv_sec) &* 1_000_000_000 &+ fraction),
                    linkType: linkType, capturedLength: Int(header.caplen), originalLength: Int(header.len)))
        case 0, PCAP_ERROR_BREAK: return nil
        default: throw .interfaceFailed(name, reason: String(cString: pcap_geterr(handle)))
        }
    }

    /// The kernel's losses since they were asked for last, if there are any.
    private func losses() -> CaptureItem? {
        framesToStatistics = Self.framesBetweenStatistics
        var statistics = pcap_stat()
        guard pcap_stats(handle, &statistics) == 0 else { return nil }
        // Both counters are 32 bits wide and wrap.
        let sum = statistics.ps_drop &+ statistics.ps_ifdrop
        let lost = sum &- dropped
        dropped = sum
        interfaces[0].received = UInt64(statistics.ps_recv)
        interfaces[0].dropped = (interfaces[0].dropped ?? 0) &+ UInt64(lost)
        return lost > 0 ? .dropped(UInt64(lost)) : nil
    }

    /// Sets everything up and starts; whether times are in nanoseconds.
    private static func activate(
        _ handle: OpaquePointer, _ name: String, _ promiscuous: Bool
    ) throws(CaptureError) -> Bool {
        pcap_set_snaplen(handle, snapLength)
        pcap_set_promisc(handle, promiscuous ? 1 : 0)
        pcap_set_timeout(handle, StopFlag.pause)
        pcap_set_immediate_mode(handle, 1)
        pcap_set_buffer_size(handle, bufferLength)
        pcap_set_tstamp_precision(handle, PCAP_TSTAMP_PRECISION_NANO)
        let result = pcap_activate(handle)
        if result < 0 { throw activationError(result, handle, name) }
        var buffer = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
        if pcap_setnonblock(handle, 1, &buffer) != 0 { throw .interfaceFailed(name, reason: text(buffer)) }
        return pcap_get_tstamp_precision(handle) == PCAP_TSTAMP_PRECISION_NANO
    }

    private static func activationError(_ code: Int32, _ handle: OpaquePointer, _ name: String) -> CaptureError {
        let detail = String(cString: pcap_geterr(handle))
        switch code {
        case PCAP_ERROR_PERM_DENIED, PCAP_ERROR_PROMISC_PERM_DENIED:
            return .notPermitted(
                "capture on \(name)",
                advice: "run as root, or grant it: sudo setcap cap_net_raw,cap_net_admin+ep \(program())")
        case PCAP_ERROR_NO_SUCH_DEVICE: return .noSuchInterface(name)
        case PCAP_ERROR_IFACE_NOT_UP: return .interfaceFailed(name, reason: "the interface is not up")
        default:
            let general = String(cString: pcap_statustostr(code))
            return .interfaceFailed(name, reason: detail.isEmpty ? general : detail)
        }
    }

    /// Where this program lies, for the advice.
    private static func program() -> String {
        var path = [CChar](repeating: 0, count: Int(PATH_MAX))
        return readlink("/proc/self/exe", &path, path.count - 1) > 0 ? text(path) : "ikescope"
    }

    /// Cooked capture ("any") in its second version, which names the interface of each frame; else what there is.
    private static func chooseLinkType(_ handle: OpaquePointer) -> LinkType {
        if pcap_datalink(handle) == Int32(LinkType.linuxSLL.rawValue) {
            pcap_set_datalink(handle, Int32(LinkType.linuxSLL2.rawValue))
        }
        return LinkType(libpcapNumber: pcap_datalink(handle))
    }

    private static func install(_ filter: String, on handle: OpaquePointer) throws(CaptureError) {
        var program = bpf_program()
        defer { pcap_freecode(&program) }
        if pcap_compile(handle, &program, filter, 1, UInt32.max) != 0 || pcap_setfilter(handle, &program) != 0 {
            throw .badFilter(filter: filter, message: String(cString: pcap_geterr(handle)))
        }
    }
}

/// The text that libpcap left in an error buffer.
func text(_ buffer: [CChar]) -> String {
    String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}
