import ScopeModel
import ScopeWire

extension Packet {
    /// Whether the checksum of the UDP header before `payload` is that of the pseudo-header alone (RFC 768).
    ///
    /// So it stands in a packet that the sending host captured before its network card finished it.
    func isChecksumPartial(before payload: Range<Int>, _ bytes: RawSpan) -> Bool {
        guard payload.lowerBound >= 8, !isCut else { return false }
        var reader = ByteReader(bytes, in: (payload.lowerBound - 4)..<bytes.byteCount, limit: .ip)
        guard let length = try? reader.u16(bytes, "length"), let checksum = try? reader.u16(bytes, "checksum"),
            checksum != 0
        else { return false }
        var pseudo = UInt64(length) + 17
        for address in [source.address, destination.address] {
            for word in [address.high, address.low] where address.isV6 || word == address.low {
                for shift in stride(from: 0, to: 64, by: 16) { pseudo += word >> UInt64(shift) & 0xffff }
            }
        }
        guard Self.folded(pseudo) == UInt64(checksum) else { return false }
        // By chance it may be right all the same.
        var sum = pseudo
        let udp = (payload.lowerBound - 8)..<min(payload.lowerBound - 8 + Int(length), bytes.byteCount)
        bytes.extracting(udp).withUnsafeBytes { raw in
            for index in raw.indices { sum += UInt64(raw[index]) << (index & 1 == 0 ? 8 : 0) }
        }
        return Self.folded(sum) != 0xffff
    }

    private static func folded(_ sum: UInt64) -> UInt64 {
        var sum = sum
        while sum > 0xffff { sum = sum & 0xffff + sum >> 16 }
        return sum
    }
}
