import ScopeDissect
import ScopeModel
import ScopeWire

/// Packets that the capture cut before what is needed to follow them.
extension Tracker {
    /// The bytes of a UDP payload on the wire, by the length in the header before it (RFC 768); as many as there are where
    /// it says nothing.
    func wireLength(of payload: Range<Int>, _ bytes: RawSpan) -> Int {
        let at = payload.lowerBound - 4
        guard at >= 0, payload.lowerBound <= bytes.byteCount else { return payload.count }
        var reader = ByteReader(bytes, in: at..<payload.lowerBound, limit: .capture)
        guard let length = try? reader.u16(bytes, "length") else { return payload.count }
        return max(Int(length) - 8, payload.count)
    }

    /// Takes in a UDP packet of IKE's ports that was cut inside the IKE header, or before it; nil where more is there.
    func cutShort(_ packet: Packet, _ payload: Range<Int>, missing: Int, _ bytes: RawSpan) -> Bool? {
        let ports = [packet.source.port, packet.destination.port]
        guard missing > 0, payload.count < ISAKMPHeader.length + 4 else { return nil }
        let isOnNATPort = ports.contains(4500)
        guard isOnNATPort || ports.contains(500) || packet.isOnGroupPort else { return nil }
        // A keepalive is one byte (RFC 3948 section 2.3).
        if payload.isEmpty, missing == 1 { return nil }
        var packet = packet
        packet.carrier = .udp
        guard isOnNATPort else { return cutMessage(packet, payload, missing: missing, bytes) }
        packet.carrier = .udpEncapsulated
        guard payload.count >= 4 else {
            cut(.udp, packet, bytes)
            return true
        }
        var reader = ByteReader(bytes, in: payload, limit: .capture)
        guard let marker = try? reader.u32(bytes, "marker"), marker == 0 else {
            guard payload.count < ESPHeader.length else { return nil }
            cutESP(packet, payload, bytes)
            return true
        }
        return cutMessage(packet, payload.dropFirst(4), missing: missing, bytes)
    }

    /// An IKE message that was cut inside its header: followed where the length alone is missing, which UDP says too.
    private func cutMessage(_ packet: Packet, _ range: Range<Int>, missing: Int, _ bytes: RawSpan) -> Bool? {
        guard range.count < ISAKMPHeader.length else { return nil }
        if range.count >= ISAKMPHeader.length - 4, range.count + missing >= ISAKMPHeader.length {
            ike.message(packet, range, length: UInt32(clamping: range.count + missing), bytes)
            return true
        }
        var reader = ByteReader(bytes, in: range, limit: .capture)
        let header = CutPacket.PartialHeader(reading: &reader, bytes)
        emit(
            CutPacket(
                layer: .isakmp, source: packet.source, destination: packet.destination, carrier: packet.carrier,
                header: header), packet, bytes)
        return true
    }

    /// An ESP packet that was cut inside its header.
    func cutESP(_ packet: Packet, _ range: Range<Int>, _ bytes: RawSpan) {
        var reader = ByteReader(bytes, in: range, limit: .capture)
        emit(
            CutPacket(
                layer: .esp, source: packet.source, destination: packet.destination, carrier: packet.carrier,
                spi: try? reader.u32(bytes, "SPI")), packet, bytes)
    }

    /// An AH packet that was cut inside its header.
    func cutAH(_ packet: Packet, _ range: Range<Int>, _ bytes: RawSpan) {
        var reader = ByteReader(bytes, in: range.dropFirst(4), limit: .capture)
        emit(
            CutPacket(
                layer: .ah, source: packet.source, destination: packet.destination, carrier: packet.carrier,
                spi: try? reader.u32(bytes, "SPI")), packet, bytes)
    }

    /// A segment of TCP on IKE's ports that was cut (RFC 9329): no record of the stream can be put together.
    func cutTCP(_ segment: TCPSegment, _ packet: Packet, _ bytes: RawSpan) {
        let ports = [segment.sourcePort, segment.destinationPort]
        guard ports.contains(4500) || ports.contains(500) else { return }
        var packet = packet
        (packet.source.port, packet.destination.port) = (segment.sourcePort, segment.destinationPort)
        packet.carrier = .tcp
        cut(.udp, packet, bytes)
    }

    /// A frame that was cut inside the header of IP, or before it.
    func cut(_ frame: Frame, _ bytes: RawSpan) {
        let nobody = Endpoint(IPAddress(v4: 0))
        let cut = CutPacket(layer: .ip, source: nobody, destination: nobody, carrier: .ip)
        emitter.emit(.cut(cut), at: frame.time, from: frame, .frame, Scope(), bytes)
    }

    /// A packet of which nothing but the addresses, and perhaps the ports, is there.
    func cut(_ layer: PacketLayer, _ packet: Packet, _ bytes: RawSpan) {
        emit(
            CutPacket(layer: layer, source: packet.source, destination: packet.destination, carrier: packet.carrier),
            packet, bytes)
    }

    private func emit(_ cut: CutPacket, _ packet: Packet, _ bytes: RawSpan) {
        guard packet.enclosure.depth == 0 else { return }
        emitter.emit(.cut(cut), of: packet, bytes)
    }
}
