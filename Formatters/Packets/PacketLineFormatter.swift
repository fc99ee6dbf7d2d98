import ScopeDissect
import ScopeModel
import ScopeWire

/// `packets`: one line for each packet that belongs to IPsec, and under it what the options ask for.
///
///     Nov 23 08:25:52.123 #1 10.0.0.1:500 → 10.0.0.2:500 IKEv1 Main Mode 1 of 6 spi=… len=204 SA,VID×4
///     Nov 23 08:25:52.400 #9 10.0.0.1 → 10.0.0.2 ESP spi=0x205f6be9 seq=1 len=116 icv=ok 192.168.1.1 → 192.168.2.2 icmp
public struct PacketLineFormatter: EventFormatter {
    private let options: PacketOptions
    private var clock: Clock
    /// The reasons why messages stay closed that were printed: each is printed in full once.
    private var reasons: Set<String> = []

    public init(_ options: PacketOptions = PacketOptions()) {
        self.options = options
        clock = Clock(options.zone)
    }

    public mutating func write(_ event: Event, frame: RawSpan, plaintext: RawSpan, to sink: ByteSink) {
        switch event.kind {
        case .esp(let packet):
            writeLine(event, Self.style(of: packet.packet), to: sink) {
                IPsecLine.write(packet.packet, to: sink)
            }
        case .ah(let packet):
            writeLine(event, Self.style(packet.repetition, .plain), to: sink) {
                IPsecLine.write(packet.packet, to: sink)
            }
        case .ikeMessage(let message), .ikeFragment(let message):
            var line = IKELine(message: message)
            if case .sealed(let why) = message.opening { line.isReasonKnown = !reasons.insert(why).inserted }
            if reasons.count > Self.mostReasons { reasons.removeAll() }
            self.writeLine(event, line.style, frames: message.frames, to: sink) { line.write(to: sink) }
        case .natKeepalive(let source, let destination):
            writeLine(event, .dim, to: sink) {
                NoticeLine.route(Endpoint(source.address, port: source.port), destination, to: sink)
                sink.literal("NAT keepalive")
            }
        case .icmpError(let notice): writeLine(event, .warning, to: sink) { NoticeLine.write(notice, to: sink) }
        case .malformed(let packet):
            writeLine(event, .warning, to: sink) { NoticeLine.write(packet, event.scope, to: sink) }
        // There may be very many of no interest: what they are nobody knows.
        case .cut(let packet) where packet.layer == .ip: return
        case .cut(let packet): writeLine(event, .plain, to: sink) { NoticeLine.write(packet, to: sink) }
        case .reassembly(let notice):
            writeLine(event, .warning, frames: NoticeLines.frames(of: notice), to: sink) {
                NoticeLine.write(notice, event.scope, to: sink)
            }
        case .captureLoss(let count):
            writeLine(event, .warning, to: sink) {
                sink.literal("the capturing system lost ")
                sink.decimal(count)
                sink.literal(count == 1 ? " packet here" : " packets here")
            }
            return
        case .comment(let text):
            writeLine(event, .dim, to: sink) {
                sink.literal("comment: ")
                sink.untrusted(text)
            }
            return
        case .evicted(let table, let count):
            writeLine(event, .warning, to: sink) {
                sink.literal("the table of ")
                sink.text(table)
                sink.literal(" was full: entries removed: ")
                sink.decimal(count)
            }
            return
        case .ikeKeys, .ipsecSAs, .ipsecAccount, .clearTraffic, .unusedKey: return
        }
        guard options.fields || options.bytes, event.origin != nil else { return }
        for section in PacketSections.all(of: event, frame, plaintext) { write(section, to: sink) }
    }

    public mutating func finish(to sink: ByteSink) {}

    private static let mostReasons = 256

    /// Time and frames, then what `body` writes, in one line.
    private mutating func writeLine(
        _ event: Event, _ style: LineStyle, frames: [Int] = [], to sink: ByteSink, _ body: () -> Void
    ) {
        style.begin(sink, options.color)
        clock.write(event.time, to: sink)
        if !frames.isEmpty || event.frame > 0 {
            sink.literal(" #")
            if frames.isEmpty { sink.decimal(event.frame) }
            for (index, frame) in frames.enumerated() {
                if index > 0 { sink.byte(UInt8(ascii: ",")) }
                sink.decimal(frame)
            }
        }
        sink.byte(UInt8(ascii: " "))
        body()
        style.end(sink, options.color)
        sink.newline()
    }

    private func write(_ section: PacketSection, to sink: ByteSink) {
        let hidden = options.showSecrets ? [] : section.hidden
        sink.literal("  ")
        sink.text(section.title)
        sink.literal(section.bytes.count == 1 ? ", 1 byte:" : ", ")
        if section.bytes.count != 1 {
            sink.decimal(section.bytes.count)
            sink.literal(" bytes:")
        }
        sink.newline()
        if options.fields {
            FieldTreeWriter(sink: sink, bytes: section.bytes, hidden: hidden, hasColor: options.color)
                .write(section.nodes)
        }
        if options.bytes { HexDump.write(section.bytes, hidden: hidden, to: sink) }
    }

    private static func style(of packet: ESPPacket) -> LineStyle {
        switch packet.verdict {
        case .badICV, .malformed: style(packet.repetition, .warning)
        case .noKey, .verified, .unverified, .cut: style(packet.repetition, .plain)
        }
    }

    private static func style(_ repetition: IKEMessage.Repetition, _ style: LineStyle) -> LineStyle {
        if case .sighting = repetition { .dim } else { style }
    }
}
