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
        json.object { json in
            json.word("schema", "ikescope.event/1")
            json.number("ordinal", event.ordinal)
            json.word("kind", event.kind.word)
            if event.frame > 0 { json.number("frame", event.frame) }
            json.quoted("time") { clock.write(event.time, to: $0) }
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
            if let sa = message.sa { json.progress(of: sa) }
            if let liveness = message.liveness { json.write(liveness) }
        case .esp(let packet):
            json.write(packet.packet)
            json.ikeSA(of: event)
        case .ah(let packet):
            json.write(packet.packet)
            json.ikeSA(of: event)
        case .natKeepalive(let source, let destination): json.route(source, destination)
        case .icmpError(let notice): json.write(notice)
        case .ikeKeys(let sa, let status):
            json.route(event.scope)
            json.write(sa)
            json.write(status)
        case .ipsecSAs(let pair):
            json.route(event.scope)
            json.write(pair)
        case .malformed(let packet):
            json.route(event.scope)
            json.ikeSA(of: event)
            json.word("layer", packet.layer.name)
            json.error(packet.error, in: event.material == .frame ? "frame" : "packet")
        case .reassembly(let notice):
            json.route(event.scope)
            json.ikeSA(of: event)
            json.write(notice)
        case .captureLoss(let count): json.number("count", count)
        case .comment(let text):
            json.route(event.scope)
            json.string("text", text)
        case .evicted(let table, let count):
            json.string("table", table)
            json.number("count", count)
        case .ipsecAccount(let account): json.write(account)
        case .clearTraffic(let traffic):
            json.route(event.scope)
            json.number("packets", traffic.packets)
            json.number("copies", traffic.copies)
        case .unusedKey(let text): json.string("text", text)
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
    fileprivate mutating func ikeSA(of event: Event) {
        if let id = event.scope.ikeSA { number("ike_sa", id) }
    }

    fileprivate mutating func write(_ notice: ICMPNotice) {
        route(notice.quotedSource, notice.quotedDestination)
        string("quoted_protocol", notice.quotedProtocol.description)
        address("from", notice.from)
        address("to", notice.to)
        number("icmp_version", notice.error.isV6 ? 6 : 4)
        number("icmp_type", notice.error.type)
        number("icmp_code", notice.error.code)
        if notice.error.mtu > 0 { number("mtu", notice.error.mtu) }
        string("reason", NoticeLines.reason(notice.error))
    }

    fileprivate mutating func write(_ notice: ReassemblyNotice) {
        switch notice {
        case .overlap: word("problem", "overlap")
        case .incomplete: word("problem", "incomplete")
        case .refused: word("problem", "refused")
        }
        list("frames") { list in for frame in NoticeLines.frames(of: notice) { list.element(frame) } }
        switch notice {
        case .overlap: break
        case .incomplete(_, let missing): string("missing", missing)
        case .refused(_, let why): string("why", why)
        }
    }
}
