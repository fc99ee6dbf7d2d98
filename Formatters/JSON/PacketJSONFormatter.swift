import ScopeDissect
import ScopeModel
import ScopeWire

/// `packets --format json`: `ikescope.packet/1`, one object a line for each IKE, ESP or AH packet, also for one that does
/// not decode, and for each ICMP error that quotes one.
///
/// Names are stable; fields may be added. What is not known is left out. Offsets in an `error` count in what its `in`
/// names: the frame, the message or the plaintext.
public struct PacketJSONFormatter: EventFormatter {
    private let options: PacketOptions
    private var clock = WorldClock()

    public init(_ options: PacketOptions = PacketOptions()) { self.options = options }

    public mutating func write(_ event: Event, frame: RawSpan, plaintext: RawSpan, to sink: ByteSink) {
        switch event.kind {
        case .esp(let packet): writeObject(event, to: sink) { $0.write(packet.packet) }
        case .ah(let packet): writeObject(event, to: sink) { $0.write(packet.packet) }
        case .ikeMessage(let message), .ikeFragment(let message):
            let content = IKEMessageJSON(message: message, showSecrets: options.showSecrets)
            writeObject(event, to: sink) { content.write(to: &$0) }
        case .malformed(let packet):
            guard let name = Self.packetLayer(packet.layer) else { return }
            writeObject(event, to: sink) { json in
                json.writeRoute(event.scope)
                json.writeWord("protocol", name)
                json.writeError(packet.error, in: event.material == .frame ? "frame" : "packet")
            }
        case .cut(let packet) where packet.layer == .ip: return
        case .cut(let packet): writeObject(event, to: sink) { $0.write(packet) }
        case .icmpError(let notice):
            writeObject(event, to: sink) { json in
                json.writeWord("protocol", "icmp")
                json.write(notice)
            }
        // Neither IKE nor ESP nor AH packets, nor errors about them.
        case .natKeepalive, .reassembly, .captureLoss, .comment, .evicted, .ikeKeys, .ipsecSAs,
            .ipsecAccount, .clearTraffic, .unusedKey:
            return
        }
    }

    public mutating func finish(to sink: ByteSink) {}

    public mutating func close(_ statistics: CaptureStatistics, to sink: ByteSink) {
        CaptureJSON.write(statistics, to: sink)
    }

    private mutating func writeObject(_ event: Event, to sink: ByteSink, _ body: (inout JSONWriter) -> Void) {
        var json = JSONWriter(sink)
        json.writeObject { json in
            json.writeWord("schema", "ikescope.packet/1")
            json.writeNumber("frame", event.frame)
            json.writeQuoted("time") { clock.write(event.time, to: $0) }
            body(&json)
        }
        sink.newline()
    }

    private static func packetLayer(_ layer: PacketLayer) -> StaticString? {
        switch layer {
        case .isakmp, .esp, .ah: layer.name
        case .link, .ip, .udp: nil
        }
    }
}

extension JSONWriter {
    mutating func writeRepetition(_ repetition: IKEMessage.Repetition) {
        switch repetition {
        case .first: break
        case .retransmission(let frame, let count):
            writeObject("repetition") { json in
                json.writeWord("kind", "retransmission")
                json.writeNumber("of", frame)
                json.writeNumber("count", count)
            }
        case .sighting(let frame):
            writeObject("repetition") { json in
                json.writeWord("kind", "sighting")
                json.writeNumber("of", frame)
            }
        case .reflection(let frame):
            writeObject("repetition") { json in
                json.writeWord("kind", "reflection")
                json.writeNumber("of", frame)
            }
        }
    }
}
