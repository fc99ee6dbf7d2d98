import ScopeDissect
import ScopeModel
import ScopeWire

/// Lines about what is not an IKE, ESP or AH packet itself, but concerns one.
enum NoticeLine {
    static func route(_ source: Endpoint, _ destination: Endpoint, to sink: ByteSink) {
        sink.endpoint(source)
        sink.literal(" → ")
        sink.endpoint(destination)
        sink.byte(UInt8(ascii: " "))
    }

    static func write(_ notice: ICMPNotice, to sink: ByteSink) {
        route(Endpoint(notice.from), Endpoint(notice.to), to: sink)
        sink.literal(notice.error.isV6 ? "ICMPv6 " : "ICMP ")
        sink.text(NoticeLines.reason(notice.error))
        sink.literal(" for ")
        route(notice.quotedSource, notice.quotedDestination, to: sink)
        sink.untrusted(notice.quotedProtocol.description)
    }

    static func write(_ packet: MalformedPacket, _ scope: Scope, to sink: ByteSink) {
        route(scope, to: sink)
        sink.literal("malformed ")
        sink.literal(packet.layer.name)
        sink.literal(": ")
        sink.untrusted(packet.error.description)
    }

    static func write(_ notice: ReassemblyNotice, _ scope: Scope, to sink: ByteSink) {
        route(scope, to: sink)
        switch notice {
        case .overlap: sink.literal("fragments overlap with different bytes")
        case .incomplete(_, let missing):
            sink.literal("fragments that were never complete: ")
            sink.untrusted(missing)
        case .refused(_, let why):
            sink.literal("fragment refused: ")
            sink.untrusted(why)
        }
    }

    private static func route(_ scope: Scope, to sink: ByteSink) {
        guard let source = scope.source, let destination = scope.destination else { return }
        route(Endpoint(source), Endpoint(destination), to: sink)
    }
}
