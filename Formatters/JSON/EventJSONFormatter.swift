import ScopeDissect
import ScopeModel
import ScopeWire

/// `debug --format json`: `ikescope.event/1`, one object a line for each event, with the members that
/// `ikescope.packet/1` has where the event is a packet.
///
/// Names are stable; members may be added. What is not known is left out. Passwords are hidden.
public struct EventJSONFormatter: EventFormatter {
    private var clock = WorldClock()

    private let showSecrets: Bool

    /// `showSecrets`: passwords that XAUTH carries are no longer masked.
    public init(showSecrets: Bool = false) { self.showSecrets = showSecrets }

    public mutating func write(_ event: Event, frame: RawSpan, plaintext: RawSpan, to sink: ByteSink) {
        var json = JSONWriter(sink)
        json.writeObject { json in
            json.writeWord("schema", "ikescope.event/1")
            json.writeNumber("ordinal", event.ordinal)
            json.writeWord("kind", event.kind.word)
            if event.frame > 0 { json.writeNumber("frame", event.frame) }
            json.writeQuoted("time") { clock.write(event.time, to: $0) }
            content(of: event, to: &json)
        }
        sink.newline()
    }

    public mutating func finish(to sink: ByteSink) {}

    public mutating func close(_ statistics: CaptureStatistics, to sink: ByteSink) {
        CaptureJSON.write(statistics, to: sink)
    }

    private func content(of event: Event, to json: inout JSONWriter) {
        switch event.kind {
        case .ikeMessage(let message), .ikeFragment(let message):
            IKEMessageJSON(message: message, showSecrets: showSecrets).write(to: &json)
            if let sa = message.sa { json.writeProgress(of: sa) }
            if let liveness = message.liveness { json.write(liveness) }
        case .esp(let packet):
            json.write(packet.packet)
            json.writeIKESA(of: event)
        case .ah(let packet):
            json.write(packet.packet)
            json.writeIKESA(of: event)
        case .natKeepalive(let source, let destination): json.writeRoute(source, destination)
        case .icmpError(let notice): json.write(notice)
        case .ikeKeys(let sa, let status):
            json.writeRoute(event.scope)
            json.write(sa)
            json.write(status)
        case .ipsecSAs(let pair):
            json.writeRoute(event.scope)
            json.write(pair)
        case .malformed(let packet):
            json.writeRoute(event.scope)
            json.writeIKESA(of: event)
            json.writeWord("layer", packet.layer.name)
            json.writeError(packet.error, in: event.material == .frame ? "frame" : "packet")
        case .cut(let packet): json.write(packet)
        case .reassembly(let notice):
            json.writeRoute(event.scope)
            json.writeIKESA(of: event)
            json.write(notice)
        case .captureLoss(let count): json.writeNumber("count", count)
        case .comment(let text):
            json.writeRoute(event.scope)
            json.writeString("text", text)
        case .evicted(let table, let count):
            json.writeString("table", table)
            json.writeNumber("count", count)
        case .ipsecAccount(let account): json.write(account)
        case .clearTraffic(let traffic):
            json.writeRoute(event.scope)
            json.writeNumber("packets", traffic.packets)
            json.writeNumber("copies", traffic.copies)
        case .unusedKey(let text): json.writeString("text", text)
        }
    }
}

extension Event.Kind {
    /// Its name in JSON.
    fileprivate var word: StaticString {
        switch self {
        case .ikeMessage: "ike_message"
        case .ikeFragment: "ike_fragment"
        case .esp: "esp"
        case .ah: "ah"
        case .natKeepalive: "nat_keepalive"
        case .icmpError: "icmp_error"
        case .ikeKeys: "ike_keys"
        case .ipsecSAs: "ipsec_sas"
        case .malformed: "malformed"
        case .cut: "cut"
        case .reassembly: "reassembly"
        case .captureLoss: "capture_loss"
        case .comment: "comment"
        case .evicted: "evicted"
        case .ipsecAccount: "ipsec_account"
        case .clearTraffic: "clear_traffic"
        case .unusedKey: "unused_key"
        }
    }
}

extension JSONWriter {
    fileprivate mutating func writeIKESA(of event: Event) {
        if let id = event.scope.ikeSA { writeNumber("ike_sa", id) }
    }

    mutating func write(_ packet: CutPacket) {
        if packet.layer != .ip { writeRoute(packet.source, packet.destination) }
        writeWord("protocol", packet.layer.name)
        if let spi = packet.spi {
            writeQuoted("spi") { sink in
                sink.literal("0x")
                sink.hex(UInt64(spi), digits: 8)
            }
        }
        if let header = packet.header {
            if let spi = header.initiatorSPI { writeQuoted("initiator_spi") { $0.hex(spi, digits: 16) } }
            if let spi = header.responderSPI { writeQuoted("responder_spi") { $0.hex(spi, digits: 16) } }
            if let next = header.nextPayload { writeNumber("next_payload", next.rawValue) }
            if let version = header.version { writeString("version", "\(version >> 4).\(version & 15)") }
            if let exchange = header.exchange { writeNumber("exchange_type", exchange.rawValue) }
        }
        writeBool("cut", true)
    }

    mutating func write(_ notice: ICMPNotice) {
        writeRoute(notice.quotedSource, notice.quotedDestination)
        writeString("quoted_protocol", notice.quotedProtocol.description)
        writeAddress("from", notice.from)
        writeAddress("to", notice.to)
        writeNumber("icmp_version", notice.error.isV6 ? 6 : 4)
        writeNumber("icmp_type", notice.error.type)
        writeNumber("icmp_code", notice.error.code)
        if notice.error.mtu > 0 { writeNumber("mtu", notice.error.mtu) }
        writeString("reason", NoticeLines.reason(notice.error))
    }

    fileprivate mutating func write(_ notice: ReassemblyNotice) {
        switch notice {
        case .overlap: writeWord("problem", "overlap")
        case .incomplete: writeWord("problem", "incomplete")
        case .refused: writeWord("problem", "refused")
        }
        writeList("frames") { list in for frame in NoticeLines.frames(of: notice) { list.writeElement(frame) } }
        switch notice {
        case .overlap: break
        case .incomplete(_, let missing): writeString("missing", missing)
        case .refused(_, let why): writeString("why", why)
        }
    }
}
