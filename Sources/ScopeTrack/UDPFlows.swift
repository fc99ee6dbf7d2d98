import ScopeDissect
import ScopeModel
import ScopeWire

/// Tells what a UDP datagram carries: by port 500, 848 and 4500, and where a NAT has changed both ports, by what is known of
/// the peers.
struct UDPFlows {
    enum Contents {
        case ike(Range<Int>, Carrier)
        case esp(Range<Int>)
        /// One byte 0xff (RFC 3948 section 2.3).
        case keepalive
        case foreign
    }

    private struct Flow: Hashable {
        var source: Endpoint
        var destination: Endpoint
    }

    /// Flows on other ports in which IKE behind a marker was seen.
    private var moved = RecentTable<Flow, Void>(limit: 8192)

    /// Of the packet at hand, the bytes that the capture cut off.
    private var missing = 0

    /// - Parameter missing: bytes behind `payload` that the capture cut off.
    mutating func contents(
        _ packet: Packet, _ payload: Range<Int>, missing: Int = 0, _ bytes: RawSpan, knowsIKE: (UInt64) -> Bool,
        knowsESP: (UInt32) -> Bool
    ) -> Contents {
        self.missing = missing
        let start = ByteReader(bytes, in: payload, limit: .udp)
        if packet.source.port == 4500 || packet.destination.port == 4500 { return onNATPort(start, bytes) }
        if Self.isIKE(packet.source.port) || Self.isIKE(packet.destination.port) { return onIKEPort(start, bytes) }
        return elsewhere(packet, start, bytes, knowsIKE: knowsIKE, knowsESP: knowsESP)
    }

    /// IKE's port, and the one of GDOI (RFC 6407 section 2).
    private static func isIKE(_ port: UInt16) -> Bool { port == 500 || port == Packet.groupPort }

    private func onNATPort(_ start: ByteReader, _ bytes: RawSpan) -> Contents {
        let payload = start.rest
        if payload.isEmpty { return .foreign }
        if Self.isKeepalive(start, bytes) { return .keepalive }
        if Self.isZero(4, start, bytes) { return .ike(payload.dropFirst(4), .udpEncapsulated) }
        // A peer that forgets the marker: its header says its own length to the byte.
        return isIKE(start, bytes) ? .ike(payload, .udp) : .esp(payload)
    }

    private func onIKEPort(_ start: ByteReader, _ bytes: RawSpan) -> Contents {
        let payload = start.rest
        if payload.isEmpty { return .foreign }
        if Self.isKeepalive(start, bytes) { return .keepalive }
        // An initiator SPI of zero is wrong, and still one: such a header says its own length to the byte.
        guard Self.isZero(4, start, bytes), !isIKE(start, bytes) else { return .ike(payload, .udp) }
        // draft-ietf-ipsec-udp-encaps-00 and -01 put ESP behind eight zero bytes on port 500.
        if Self.isZero(8, start, bytes), payload.count >= 8 + ESPHeader.length { return .esp(payload.dropFirst(8)) }
        var behind = start
        _ = try? behind.bytes("marker", count: 4)
        return isIKE(behind, bytes) ? .ike(behind.rest, .udpEncapsulated) : .ike(payload, .udp)
    }

    private mutating func elsewhere(
        _ packet: Packet, _ start: ByteReader, _ bytes: RawSpan, knowsIKE: (UInt64) -> Bool,
        knowsESP: (UInt32) -> Bool
    ) -> Contents {
        let payload = start.rest
        if Self.isZero(4, start, bytes) {
            var behind = start
            guard (try? behind.bytes("marker", count: 4)) != nil, isIKE(behind, bytes) else { return .foreign }
            var header = behind
            guard let spi = try? header.u64(bytes, "initiator SPI"), let responder = try? header.u64(bytes, "SPI")
            else { return .foreign }
            // The first message of a negotiation is not known yet: its header alone has to do.
            guard knowsIKE(spi) || responder == 0 else { return .foreign }
            remember(packet)
            return .ike(behind.rest, .udpEncapsulated)
        }
        if !moved.isEmpty, moved.contains(Flow(source: packet.source, destination: packet.destination)) {
            if Self.isKeepalive(start, bytes) { return .keepalive }
            return payload.count >= ESPHeader.length ? .esp(payload) : .foreign
        }
        var header = start
        guard payload.count >= 16, let first = try? header.u32(bytes, "SPI") else { return .foreign }
        if knowsESP(first) { return .esp(payload) }
        var message = start
        guard let spi = try? message.u64(bytes, "initiator SPI"), knowsIKE(spi), isIKE(start, bytes) else {
            return .foreign
        }
        return .ike(payload, .udp)
    }

    private mutating func remember(_ packet: Packet) {
        moved.insert(Flow(source: packet.source, destination: packet.destination))
        moved.insert(Flow(source: packet.destination, destination: packet.source))
    }

    // MARK: -

    private static func isKeepalive(_ start: ByteReader, _ bytes: RawSpan) -> Bool {
        start.remaining == 1 && start.peek(bytes) == 0xff
    }

    private static func isZero(_ count: Int, _ start: ByteReader, _ bytes: RawSpan) -> Bool {
        for index in 0..<count where start.peek(bytes, ahead: index) != 0 { return false }
        return true
    }

    /// A header of version 1 or 2 whose length is that of the datagram.
    private func isIKE(_ start: ByteReader, _ bytes: RawSpan) -> Bool {
        var reader = start
        guard start.remaining >= ISAKMPHeader.length,
            start.peek(bytes, ahead: 17).map({ $0 >> 4 == 1 || $0 >> 4 == 2 })
                ?? false, (try? reader.bytes("header", count: 24)) != nil, let length = try? reader.u32(bytes, "length")
        else { return false }
        return Int(length) == start.remaining + missing
    }
}
