import ScopeDissect
import ScopeModel
import ScopePcap
import ScopeWire

/// `decrypt -w`: the inner packets of ESP as a pcapng capture of raw IP, each with the time of the packet that carried it
/// and a comment that names where it comes from.
///
/// Only packets whose ICV is right are written, unless `unverified` asks for those that nothing vouches for as well; a
/// packet that was seen twice is written once.
public struct DecryptedCaptureWriter: EventFormatter {
    public struct Options: Hashable, Sendable {
        /// Write packets of SAs without integrity as well.
        public var unverified = false

        public init() {}
    }

    public private(set) var summary = DecryptedSummary()
    private let options: Options
    private var hasBegun = false
    /// Comments are put together here: no `String` is built per packet.
    private let comment = ByteSink()

    public init(_ options: Options = Options()) { self.options = options }

    public mutating func write(_ event: Event, frame: RawSpan, plaintext: RawSpan, to sink: ByteSink) {
        begin(sink)
        guard case .esp(let packet) = event.kind else { return }
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
            describe(packet, event)
            let comment = comment.bytes
            sink.build { out in
                PcapngWriter.packet(to: &out, time: event.time, bytes: plaintext, in: range) { text in
                    text.append(contentsOf: comment)
                }
            }
        }
    }

    public mutating func finish(to sink: ByteSink) { begin(sink) }

    /// A capture without packets is a capture all the same.
    private mutating func begin(_ sink: ByteSink) {
        guard !hasBegun else { return }
        hasBegun = true
        sink.build { out in
            PcapngWriter.section(to: &out, application: "ikescope", comment: "IP packets decrypted from ESP")
            PcapngWriter.interface(
                CaptureInterface(name: "esp", description: "inside the tunnels", linkType: .raw), to: &out)
        }
    }

    /// Puts a comment together: `frame 9: ESP 0x205f6be9 seq 1, 10.0.0.1 → 10.0.0.2, IPsec SA 3 of IKE SA 1, ICV verified`.
    private func describe(_ packet: ESPPacket, _ event: Event) {
        comment.clear()
        comment.literal("frame ")
        comment.decimal(event.frame)
        comment.literal(": ESP ")
        comment.spi(packet.spi)
        comment.literal(" seq ")
        comment.decimal(packet.sequence)
        comment.literal(", ")
        comment.endpoint(packet.source)
        comment.literal(" → ")
        comment.endpoint(packet.destination)
        comment.literal(", IPsec SA ")
        comment.decimal(packet.account)
        if let sa = event.scope.ikeSA {
            comment.literal(" of IKE SA ")
            comment.decimal(sa)
        }
        if case .verified = packet.verdict {
            comment.literal(", ICV verified")
        } else {
            comment.literal(", not verified")
        }
        if packet.verdict.nextHeader.map({ $0 != IPProtocol.ipv4.rawValue && $0 != IPProtocol.ipv6.rawValue }) ?? false
        {
            comment.literal(", transport mode: the IP header is the outer one")
        }
    }
}
