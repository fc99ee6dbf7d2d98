import ScopeDissect
import ScopeModel
import ScopeWire

/// Gives the payload of transport mode an IP header again: that of the packet around it (RFC 4303 section 3.1.1).
enum TransportPacket {
    /// Writes the header before the payload at `payload` of `buffer`; gives the range of the whole IP packet.
    ///
    /// `header` is the outer IP header with its options or extension headers; nil when it does not fit.
    static func rebuild(
        _ buffer: PlaintextBuffer, payload: Range<Int>, next: IPProtocol, _ packet: Packet,
        header: Range<Int>, _ bytes: RawSpan
    ) -> Range<Int>? {
        var header = header.clamped(to: 0..<bytes.byteCount)
        let isV6 = packet.source.address.isV6
        let made = header.isEmpty ? made(packet) : []
        let length = made.isEmpty ? header.count : made.count
        header = header.lowerBound..<(header.lowerBound + length)
        guard length >= (isV6 ? 40 : 20), length <= PlaintextBuffer.headroom, payload.lowerBound >= length else {
            return nil
        }
        let start = payload.lowerBound - length
        buffer.withUnsafeMutableBytes { target in
            let place = UnsafeMutableRawBufferPointer(rebasing: target[start..<payload.lowerBound])
            if made.isEmpty {
                bytes.extracting(header).withUnsafeBytes { place.copyMemory(from: $0) }
            } else {
                place.copyBytes(from: made)
            }
            if isV6 {
                finishV6(place, payloadLength: length - 40 + payload.count, next)
            } else {
                finishV4(place, totalLength: length + payload.count, next)
            }
        }
        return start..<payload.upperBound
    }

    private static func finishV4(_ header: UnsafeMutableRawBufferPointer, totalLength: Int, _ next: IPProtocol) {
        put(totalLength, at: 2, header)
        // What was put together is no fragment any more.
        header[6] &= 0x40
        header[7] = 0
        header[9] = next.rawValue
        put(0, at: 10, header)
        var sum = 0
        for index in stride(from: 0, to: header.count - 1, by: 2) {
            sum += Int(header[index]) << 8 | Int(header[index + 1])
        }
        while sum > 0xffff { sum = (sum & 0xffff) + (sum >> 16) }
        put(~sum & 0xffff, at: 10, header)
    }

    private static func finishV6(_ header: UnsafeMutableRawBufferPointer, payloadLength: Int, _ next: IPProtocol) {
        put(payloadLength, at: 4, header)
        // The header that named ESP names what ESP carried.
        var naming = 6
        var at = 40
        while at + 1 < header.count {
            naming = at
            at += (Int(header[at + 1]) + 1) * 8
        }
        header[naming] = next.rawValue
    }

    private static func put(_ value: Int, at index: Int, _ header: UnsafeMutableRawBufferPointer) {
        header[index] = UInt8(truncatingIfNeeded: value >> 8)
        header[index + 1] = UInt8(truncatingIfNeeded: value)
    }

    /// The plainest header, for a packet that had none of its own: one of a TCP stream.
    private static func made(_ packet: Packet) -> [UInt8] {
        let addresses = packet.source.address.bytes + packet.destination.address.bytes
        guard packet.source.address.isV6 else { return [0x45, 0, 0, 0, 0, 0, 0, 0, 64, 0, 0, 0] + addresses }
        return [0x60, 0, 0, 0, 0, 0, 0, 64] + addresses
    }
}
