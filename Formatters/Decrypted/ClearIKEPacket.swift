import ScopeDissect
import ScopeModel
import ScopeWire

/// A decrypted IKE message as a packet that any analyzer reads: the header without its encryption flag, the payloads in
/// the clear, under IP and UDP headers with the addresses and ports of the packet that carried it.
enum ClearIKEPacket {
    private static let udp: UInt8 = 17
    private static let largest = 65_535

    /// The packet; nil when it does not fit a datagram.
    ///
    /// Bytes in `hidden`, which count in the plaintext, become `*`.
    static func bytes(_ message: IKEMessage, _ chain: PayloadChain, hidden: [Range<Int>]) -> [UInt8]? {
        var body = Array(chain.bytes[..<min(max(chain.end, 0), chain.bytes.count)])
        for range in hidden { for index in range.clamped(to: 0..<body.count) { body[index] = UInt8(ascii: "*") } }
        let isV6 = message.source.address.isV6
        // A message from a TCP stream needs the non-ESP marker in UDP, and the port that analyzers know for it.
        let isEncapsulated = message.carrier == .udpEncapsulated || message.carrier == .tcp
        let payload =
            (isEncapsulated ? [0, 0, 0, 0] : []) + header(message.message.header, chain.firstType, body.count) + body
        let length = 8 + payload.count
        guard length + (isV6 ? 0 : 20) <= largest else { return nil }
        let ports = message.carrier == .tcp ? (4500, 4500) : (message.source.port, message.destination.port)
        var datagram = u16(ports.0) + u16(ports.1) + u16(length) + [0, 0] + payload
        let (source, destination) = (message.source.address.bytes, message.destination.address.bytes)
        let pseudo = source + destination + u16(0) + u16(length) + [0, udp]
        // Zero would say that there is no checksum (RFC 768).
        let sum = u16(checksum(pseudo + datagram))
        datagram.replaceSubrange(6..<8, with: sum == [0, 0] ? [0xff, 0xff] : sum)
        return ip(source, destination, isV6: isV6, length) + datagram
    }

    private static func header(_ header: ISAKMPHeader, _ first: PayloadType, _ bodyLength: Int) -> [UInt8] {
        let flags = header.flags.subtracting(.encryption).rawValue
        let fields: [UInt8] = [first.rawValue, header.version, header.exchange.rawValue, flags]
        return big(header.initiatorSPI) + big(header.responderSPI) + fields + big(header.messageID)
            + big(UInt32(truncatingIfNeeded: ISAKMPHeader.length + bodyLength))
    }

    private static func ip(_ source: [UInt8], _ destination: [UInt8], isV6: Bool, _ length: Int) -> [UInt8] {
        if isV6 { return [0x60, 0, 0, 0] + u16(length) + [udp, 64] + source + destination }
        var header: [UInt8] = [0x45, 0] + u16(20 + length) + [0, 0, 0, 0, 64, udp, 0, 0] + source + destination
        header.replaceSubrange(10..<12, with: u16(checksum(header)))
        return header
    }

    /// RFC 1071.
    private static func checksum(_ bytes: [UInt8]) -> UInt16 {
        var sum: UInt64 = 0
        for (index, byte) in bytes.enumerated() { sum += index & 1 == 0 ? UInt64(byte) << 8 : UInt64(byte) }
        while sum > 0xffff { sum = (sum & 0xffff) + (sum >> 16) }
        return ~UInt16(truncatingIfNeeded: sum)
    }

    private static func u16(_ value: some BinaryInteger) -> [UInt8] { big(UInt16(truncatingIfNeeded: value)) }

    private static func big(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }
}
