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

    /// A packet that the capture cut inside its header, or before it: what is there.
    static func write(_ packet: CutPacket, to sink: ByteSink) {
        route(packet.source, packet.destination, to: sink)
        sink.literal(CutWords.name(packet))
        sink.literal(" cut by the capture")
        if let spi = packet.spi {
            sink.literal(" spi=0x")
            sink.hex(UInt64(spi), digits: 8)
        }
        guard let header = packet.header else { return sink.literal(packet.spi == nil ? ": no header" : "") }
        if let spi = header.initiatorSPI {
            sink.literal(" spi=")
            sink.hex(spi, digits: 16)
        } else {
            sink.literal(": no header")
        }
        if let spi = header.responderSPI {
            sink.byte(UInt8(ascii: "/"))
            sink.hex(spi, digits: 16)
        }
        if let next = header.nextPayload {
            sink.literal(" next=")
            sink.text(next.shortName)
        }
        if let version = header.version {
            sink.literal(" version=")
            sink.text("\(version >> 4).\(version & 15)")
        }
        if let exchange = header.exchange {
            sink.byte(UInt8(ascii: " "))
            sink.text(exchange.name ?? "exchange \(exchange.rawValue)")
        }
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
