import ScopeDissect
import ScopeWire

/// Makes one IP packet of the headers of its first fragment and its whole payload.
enum RebuiltPacket {
    /// Nil when the packet would be longer than its header can say, or the headers are none.
    static func join(
        _ headers: [UInt8], _ payload: ArraySlice<UInt8>, nextProtocol: IPProtocol, hopLimit: UInt8
    ) -> [UInt8]? {
        guard let first = headers.first else { return nil }
        var packet: [UInt8] = []
        packet.reserveCapacity(headers.count + payload.count)
        packet += headers
        packet += payload
        let isBuilt =
            first >> 4 == 6
            ? finishV6(&packet, headerLength: headers.count, nextProtocol, hopLimit)
            : finishV4(&packet, headerLength: headers.count, hopLimit)
        return isBuilt ? packet : nil
    }

    private static func finishV4(_ packet: inout [UInt8], headerLength: Int, _ hopLimit: UInt8) -> Bool {
        guard headerLength >= 20, packet.count <= 65_535 else { return false }
        put(packet.count, at: 2, in: &packet)
        // Neither "more fragments" nor an offset; "do not fragment" stays as it was sent.
        packet[6] &= 0x40
        packet[7] = 0
        packet[8] = hopLimit
        put(0, at: 10, in: &packet)
        var sum = 0
        for index in stride(from: 0, to: headerLength - 1, by: 2) {
            sum += Int(packet[index]) << 8 | Int(packet[index + 1])
        }
        while sum > 0xffff { sum = (sum & 0xffff) + (sum >> 16) }
        put(~sum & 0xffff, at: 10, in: &packet)
        return true
    }

    private static func finishV6(
        _ packet: inout [UInt8], headerLength: Int, _ nextProtocol: IPProtocol, _ hopLimit: UInt8
    ) -> Bool {
        guard headerLength >= 40, packet.count - 40 <= 65_535 else { return false }
        put(packet.count - 40, at: 4, in: &packet)
        packet[7] = hopLimit
        // The last header before the fragment header names the fragment header: now it names what that one named.
        var naming = 6
        var at = 40
        while at + 1 < headerLength {
            naming = at
            at += (Int(packet[at + 1]) + 1) * 8
        }
        packet[naming] = nextProtocol.rawValue
        return true
    }

    private static func put(_ value: Int, at index: Int, in packet: inout [UInt8]) {
        packet[index] = UInt8(truncatingIfNeeded: value >> 8)
        packet[index + 1] = UInt8(truncatingIfNeeded: value)
    }
}
