import CPcap
import Glibc

/// The kernel's counters of an interface that is captured on.
///
/// `pcap_stats` opens files each time, which a program without privileges or in a sandbox may not do, and takes what it
/// cannot read for 0. So the kernel is asked here, and the files are opened once.
final class LiveCounters {
    private let handle: OpaquePointer
    private let missed: [CounterFile]
    private let missedBefore: UInt64
    private var counts = FrameQueue.Counts()
    /// Of `pcap_stats`, whose counters are 32 bits wide and wrap.
    private var before = pcap_stat()

    init(_ handle: OpaquePointer, _ name: String, _ link: LinkWatch) {
        self.handle = handle
        missed = CounterFile.missed(name, link)
        missedBefore = missed.reduce(0) { $0 &+ ($1.value ?? 0) }
        // Packets that came before the filter was set do not count.
        _ = update()
        counts = FrameQueue.Counts()
    }

    /// Reads the counters; returns the sums since the beginning.
    func update() -> FrameQueue.Counts {
        if let (packets, drops) = socketCounts() {
            counts.received &+= UInt64(packets)
            counts.droppedByKernel &+= UInt64(drops)
        } else {
            var now = pcap_stat()
            if pcap_stats(handle, &now) == 0 {
                counts.received &+= UInt64(now.ps_recv &- before.ps_recv)
                counts.droppedByKernel &+= UInt64(now.ps_drop &- before.ps_drop)
                before = now
            }
        }
        let values = missed.map(\.value)
        // The counters go with the interface; their last values are kept.
        if !values.contains(nil) {
            let now = values.reduce(0) { $0 &+ ($1 ?? 0) }
            counts.droppedByInterface = max(counts.droppedByInterface, now > missedBefore ? now - missedBefore : 0)
        }
        return counts
    }

    /// Packets that passed the filter since the last question, and those of them for which there was no room; nil where the
    /// capture is not through a packet socket.
    private func socketCounts() -> (packets: UInt32, drops: UInt32)? {
        // struct tpacket_stats_v3: packets, drops, and how often the queue stood still.
        var values: (UInt32, UInt32, UInt32) = (0, 0, 0)
        var length = socklen_t(MemoryLayout.size(ofValue: values))
        // SOL_PACKET and PACKET_STATISTICS of linux/if_packet.h.
        guard getsockopt(pcap_fileno(handle), 263, 6, &values, &length) == 0, length >= 8 else { return nil }
        return (values.0, values.1)
    }
}

/// A number that the kernel shows as a file.
private final class CounterFile {
    private let descriptor: Int32

    private init?(_ path: String) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 { return nil }
    }

    deinit { close(descriptor) }

    /// Packets that the interface could not hand to the system; none where it has no such counters.
    static func missed(_ name: String, _ link: LinkWatch) -> [CounterFile] {
        let folder = "/sys/class/net/\(name)"
        // /sys may show the interfaces of another network namespace.
        guard !name.contains("/"), let index = link.index,
            CounterFile("\(folder)/ifindex")?.value == UInt64(exactly: index)
        else { return [] }
        return ["rx_missed_errors", "rx_fifo_errors"].compactMap { CounterFile("\(folder)/statistics/\($0)") }
    }

    var value: UInt64? {
        var text: [UInt8] = Array(repeating: 0, count: 32)
        let count = pread(descriptor, &text, text.count, 0)
        guard count > 0 else { return nil }
        return text[..<count].reduce(nil as UInt64?) { sum, byte in
            guard (48...57).contains(byte) else { return sum }
            return (sum ?? 0) &* 10 &+ UInt64(byte - 48)
        }
    }
}
