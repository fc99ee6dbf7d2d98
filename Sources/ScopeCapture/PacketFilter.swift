import CPcap
import ScopeWire

/// A filter in tcpdump's language, compiled by libpcap for each link type that frames come in.
final class PacketFilter {
    /// As the user wrote it.
    let text: String
    private var programs: [LinkType: bpf_program] = [:]
    /// The program used last: nearly always the one used next.
    private var current: (link: LinkType, program: bpf_program)?

    /// Compiles `text` for one of `links`, or for some usual link type, to check that it is a filter.
    init(_ text: String, links: [LinkType]) throws(CaptureError) {
        self.text = text
        var first: CaptureError?
        for link in links.isEmpty ? [.ethernet, .raw, .linuxSLL, LinkType(rawValue: 105)] : links {
            do throws(CaptureError) {
                _ = try program(for: link)
                return
            } catch {
                first = first ?? error
            }
        }
        if let first { throw first }
    }

    deinit {
        for var program in programs.values { pcap_freecode(&program) }
    }

    /// Whether a frame with these bytes passes; `originalLength` is what `len` and `greater` look at.
    func passes(_ bytes: RawSpan, link: LinkType, originalLength: Int) throws(CaptureError) -> Bool {
        let program = try program(for: link)
        return bytes.withUnsafeBytes { bytes in
            // An empty frame has no address; the filter reads none of its bytes.
            var nothing: UInt8 = 0
            let length = UInt32(clamping: bytes.count)
            let original = UInt32(clamping: originalLength)
            guard let base = bytes.baseAddress else { return bpf_filter(program.bf_insns, &nothing, original, 0) != 0 }
            return bpf_filter(program.bf_insns, base.assumingMemoryBound(to: UInt8.self), original, length) != 0
        }
    }

    private func program(for link: LinkType) throws(CaptureError) -> bpf_program {
        if let current, current.link == link { return current.program }
        if let known = programs[link] {
            current = (link, known)
            return known
        }
        guard let handle = pcap_open_dead(link.libpcapNumber, 262_144) else {
            throw .badFilter(filter: text, message: "no memory")
        }
        defer { pcap_close(handle) }
        var program = bpf_program()
        guard pcap_compile(handle, &program, text, 1, UInt32.max) == 0 else {
            throw .badFilter(filter: text, message: String(cString: pcap_geterr(handle)))
        }
        programs[link] = program
        current = (link, program)
        return program
    }
}

extension LinkType {
    /// libpcap's own number (DLT_) where it differs from the file formats' (LINKTYPE_) on Linux.
    private static let libpcapNumbers: [LinkType: Int32] = [
        LinkType(rawValue: 100): 11, .raw: 12, LinkType(rawValue: 102): 15, LinkType(rawValue: 103): 16,
        LinkType(rawValue: 106): 19,
    ]

    var libpcapNumber: Int32 { Self.libpcapNumbers[self] ?? Int32(rawValue) }

    /// The file formats' number of libpcap's `number`.
    init(libpcapNumber number: Int32) {
        self =
            Self.libpcapNumbers.first { $0.value == number }?.key
            ?? LinkType(rawValue: UInt16(truncatingIfNeeded: number))
    }
}
