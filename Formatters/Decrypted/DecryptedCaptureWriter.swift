import ScopeDissect
import ScopeModel
import ScopePcap
import ScopeWire

/// `decrypt -w`: the inner packets of ESP as a pcapng capture of raw IP, each with the time of the packet that carried it
/// and a comment that names where it comes from.
///
/// Only packets whose ICV is right are written, unless `unverified` asks for those that nothing vouches for as well; a
/// packet that was seen twice is written once. Where packets were lost before they were captured, the statistics of
/// interface 0 say so.
public struct DecryptedCaptureWriter: EventFormatter {
    public struct Options: Hashable, Sendable {
        /// Write packets of SAs without integrity as well, and IKE messages whose HASH does not prove them.
        public var unverified = false
        /// Write the decrypted IKE messages as well.
        public var ike = false
        /// Leave the passwords of XAUTH in them.
        public var showSecrets = false

        public init() {}
    }

    public private(set) var summary = DecryptedSummary()
    private let options: Options
    private var hasBegun = false
    /// Comments are put together here: no `String` is built per packet.
    private let comment = ByteSink(capacity: 1 << 10)
    private var lanes = DecryptedLanes()
    private var lastTime = Instant(nanoseconds: 0)

    public init(_ options: Options = Options()) { self.options = options }

    public mutating func write(_ event: Event, frame: RawSpan, plaintext: RawSpan, to sink: ByteSink) {
        begin(sink)
        lastTime = event.time
        switch event.kind {
        case .esp(let packet):
            write(packet, of: event.frame, at: event.time, ikeSA: event.scope.ikeSA, plaintext, to: sink)
        case .ikeMessage(let message) where options.ike: write(message, event, to: sink)
        case .captureLoss(let count):
            let (sum, isTooLarge) = summary.lost.addingReportingOverflow(count)
            summary.lost = isTooLarge ? .max : sum
            var counts = PcapngWriter.InterfaceCounts()
            counts.droppedBySystem = summary.lost
            Self.write(counts, at: lastTime, to: sink)
        default: break
        }
    }

    private mutating func write(
        _ packet: Told<ESPPacket>, of frame: Int, at time: Instant, ikeSA: Int?, _ plaintext: RawSpan,
        to sink: ByteSink
    ) {
        summary.seen += 1
        if case .sighting = packet.repetition {
            summary.sightings += 1
            return
        }
        switch packet.verdict {
        case .noKey: summary.withoutKey += 1
        case .badICV: summary.badICV += 1
        case .malformed: summary.malformed += 1
        case .cut: summary.cut += 1
        case .unverified where !options.unverified: summary.unverified += 1
        case .verified, .unverified:
            guard let range = packet.innerPacket else {
                summary.dummies += 1
                return
            }
            summary.written += 1
            lanes.withLane(of: packet, ikeSA: ikeSA, sink) { lane in
                Self.describe(packet, frame, lane, comment)
                Self.write(plaintext, range, on: lane.interface, at: time, comment, to: sink)
            }
        }
    }

    private static func write(
        _ bytes: RawSpan, _ range: Range<Int>, on interface: UInt32, at time: Instant, _ comment: ByteSink,
        to sink: ByteSink
    ) {
        bytes.extracting(range.clamped(to: 0..<bytes.byteCount)).withUnsafeBytes { packet in
            comment.withBytes { comment in
                let length = PcapngWriter.packetLength(captured: packet.count, comment: comment.count)
                sink.build(length) {
                    PcapngWriter.packet(into: $0, interface: interface, time: time, bytes: packet, comment: comment)
                }
            }
        }
    }

    // MARK: IKE

    private mutating func write(_ message: IKEMessage, _ event: Event, to sink: ByteSink) {
        guard case .opened(let chain, let key, let proof) = message.opening, !chain.bytes.isEmpty else { return }
        if case .sighting = message.repetition {
            summary.ikeSightings += 1
            return
        }
        if case .verified = proof {
        } else if !options.unverified {
            summary.ikeUnverified += 1
            return
        }
        let hidden = options.showSecrets ? [] : message.secrets(in: chain)
        guard let packet = ClearIKEPacket.bytes(message, chain, hidden: hidden) else { return }
        summary.ikeWritten += 1
        comment.clear()
        comment.literal("frame ")
        comment.decimal(event.frame)
        comment.literal(": IKE message, decrypted with ")
        comment.untrusted(key.description)
        if case .verified(let kind) = proof {
            comment.literal(", ")
            comment.text(kind.description)
            comment.literal(" verified")
        } else {
            comment.literal(", not verified")
        }
        Self.write(packet.span.bytes, 0..<packet.count, on: 0, at: event.time, comment, to: sink)
    }

    /// How many bytes at the beginning of `bytes`, which begin with a block of the capture, are whole blocks.
    public static func wholeLength(_ bytes: UnsafeRawBufferPointer) -> Int { PcapngWriter.wholeBlocks(bytes) }

    public mutating func finish(to sink: ByteSink) { begin(sink) }

    public mutating func close(_ statistics: CaptureStatistics, to sink: ByteSink) {
        var counts = PcapngWriter.InterfaceCounts()
        counts.droppedByInterface = statistics.droppedByInterface
        counts.accepted = statistics.received
        counts.droppedBySystem = statistics.droppedByKernel
        counts.delivered = statistics.captured
        Self.write(counts, at: lastTime, to: sink)
    }

    private static func write(_ counts: PcapngWriter.InterfaceCounts, at time: Instant, to sink: ByteSink) {
        var block: [UInt8] = []
        PcapngWriter.statistics(time: time, counts, to: &block)
        sink.raw(block)
    }

    /// A capture without packets is a capture all the same.
    private mutating func begin(_ sink: ByteSink) {
        guard !hasBegun else { return }
        hasBegun = true
        var section: [UInt8] = []
        PcapngWriter.section(to: &section, application: "ikescope", comment: "IP packets decrypted from ESP")
        sink.raw(section)
        lanes.begin(sink)
    }

    /// Puts a comment together: `frame 9: ESP 0x205f6be9 seq 1, 10.0.0.1 → 10.0.0.2, IPsec SA 3 of IKE SA 1, ICV verified`.
    private static func describe(
        _ packet: Told<ESPPacket>, _ frame: Int, _ lane: DecryptedLanes.Lane, _ comment: ByteSink
    ) {
        comment.clear()
        comment.literal("frame ")
        comment.decimal(frame)
        comment.raw(lane.head)
        comment.decimal(packet.sequence)
        if let high = packet.finding.sequenceHigh {
            comment.literal(" high ")
            comment.decimal(high)
        }
        comment.raw(lane.tail)
        if case .verified = packet.verdict {
            comment.literal(", ICV verified")
            if packet.finding.isICVLengthUnusual {
                comment.literal(" (")
                comment.decimal(Int(packet.finding.icvLength) * 8)
                comment.literal(" bits)")
            }
        } else if let null = packet.nullEncryption {
            comment.literal(", not verified, not encrypted (")
            comment.literal(null.certainty.word)
            comment.literal(")")
        } else {
            comment.literal(", not verified")
        }
        if packet.verdict.nextHeader.map({ $0 != IPProtocol.ipv4.rawValue && $0 != IPProtocol.ipv6.rawValue }) ?? false
        {
            comment.literal(", transport mode: the IP header is the outer one")
        }
    }
}
