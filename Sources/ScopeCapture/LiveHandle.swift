import CPcap
import Glibc
import ScopeWire

/// An interface that libpcap captures on.
///
/// After `init` it needs no privilege, and opens nothing.
final class LiveHandle: @unchecked Sendable {
    let linkType: LinkType
    let isNanosecond: Bool
    let counters: LiveCounters
    let link: LinkWatch
    private let name: String
    private let handle: OpaquePointer
    /// The filter of a spare handle, which is set when the handle is needed.
    private var filter: bpf_program?

    /// Creates a spare handle, which lets nothing in before `wake`; that needs no privilege.
    convenience init(spare name: String, _ settings: LiveSettings) throws(CaptureError) {
        try self.init(name, settings)
        var program = bpf_program()
        guard pcap_compile(handle, &program, settings.filter, 1, UInt32.max) == 0 else { return }
        filter = program
        _ = shut()
    }

    /// Begins to capture the packets that pass the filter.
    func wake() {
        // Packets that came in before the handle was shut are discarded.
        if var filter { pcap_setfilter(handle, &filter) }
        _ = counters.update()
    }

    /// Begins to capture at once.
    init(_ name: String, _ settings: LiveSettings) throws(CaptureError) {
        var buffer = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
        guard let handle = pcap_create(name, &buffer) else {
            throw .interfaceFailed(name, reason: text(buffer))
        }
        do throws(CaptureError) {
            isNanosecond = try Self.activate(handle, name, settings)
            linkType = Self.chooseLinkType(handle)
            try Self.install(settings.filter, on: handle)
        } catch {
            pcap_close(handle)
            throw error
        }
        self.handle = handle
        self.name = name
        link = LinkWatch(name, socket: pcap_fileno(handle))
        counters = LiveCounters(handle, name, link)
    }

    deinit {
        if var filter { pcap_freecode(&filter) }
        pcap_close(handle)
    }

    /// Calls `body` with `user` for each frame that is available, up to `most`; returns their number.
    func read(
        most: Int32, _ user: UnsafeMutableRawPointer, _ body: pcap_handler
    ) throws(CaptureError) -> Int {
        let count = pcap_dispatch(handle, most, body, user.assumingMemoryBound(to: UInt8.self))
        if count >= 0 { return Int(count) }
        if count == PCAP_ERROR_BREAK { return 0 }
        throw .interfaceFailed(
            name, reason: link.state == .gone ? LinkWatch.gone : String(cString: pcap_geterr(handle)))
    }

    /// Waits until frames may be available, or so many milliseconds.
    func wait(_ milliseconds: Int32) {
        var waiting = pollfd(fd: pcap_get_selectable_fd(handle), events: Int16(POLLIN), revents: 0)
        _ = poll(&waiting, 1, milliseconds)
        // An error that nobody has fetched would end every wait at once.
        if waiting.revents != 0, waiting.revents & Int16(POLLIN) == 0 { _ = poll(nil, 0, milliseconds) }
    }

    /// Stops capturing; frames that the kernel already has can still be read.
    ///
    /// Returns false where that cannot be done.
    func shut() -> Bool {
        // The filter is one instruction: keep nothing. It is set directly, since libpcap discards waiting frames.
        var nothing = bpf_insn(code: UInt16(BPF_RET | BPF_K), jt: 0, jf: 0, k: 0)
        return withUnsafeMutablePointer(to: &nothing) { program in
            var filter = SocketFilter(length: 1, program: program)
            let length = socklen_t(MemoryLayout<SocketFilter>.size)
            return setsockopt(pcap_fileno(handle), SOL_SOCKET, SO_ATTACH_FILTER, &filter, length) == 0
        }
    }

    /// `struct sock_fprog` of linux/filter.h; its instructions are those of libpcap.
    private struct SocketFilter {
        var length: UInt16
        var program: UnsafeMutablePointer<bpf_insn>
    }

    // MARK: Opening

    /// Sets the handle up and starts it; returns whether times are in nanoseconds.
    ///
    /// Not in libpcap's immediate mode: its buffer has a slot of the longest frame's size for each packet, of which a few
    /// hundred fill it. This one (TPACKET_V3) is filled byte by byte.
    private static func activate(
        _ handle: OpaquePointer, _ name: String, _ settings: LiveSettings
    ) throws(CaptureError) -> Bool {
        pcap_set_snaplen(handle, Int32(clamping: settings.snapLength))
        pcap_set_promisc(handle, settings.isPromiscuous ? 1 : 0)
        pcap_set_timeout(handle, settings.delay)
        pcap_set_buffer_size(handle, Int32(clamping: max(settings.bufferLength, 2 * LiveSettings.longestFrame)))
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
                advice: "run as root, or grant it: sudo setcap cap_net_raw+ep \(program())")
        case PCAP_ERROR_NO_SUCH_DEVICE: return .noSuchInterface(name)
        case PCAP_ERROR_IFACE_NOT_UP: return .interfaceFailed(name, reason: "the interface is not up")
        default:
            let general = String(cString: pcap_statustostr(code))
            return .interfaceFailed(name, reason: detail.isEmpty ? general : detail)
        }
    }

    /// The path of this program, for the advice.
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
