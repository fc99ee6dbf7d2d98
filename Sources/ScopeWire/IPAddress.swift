/// An IPv4 or IPv6 address in 17 bytes, without a heap object.
@frozen public struct IPAddress: Hashable, Sendable {
    /// The address as a 128-bit number; an IPv4 address sits in the low 32 bits.
    public let high: UInt64, low: UInt64
    public let isV6: Bool

    @inlinable public init(v4 value: UInt32) {
        high = 0
        low = UInt64(value)
        isV6 = false
    }

    /// Hashes one or two words, because addresses are keys of tables that are looked into for each packet.
    @inlinable public func hash(into hasher: inout Hasher) {
        hasher.combine(low)
        if high != 0 { hasher.combine(high) }
    }

    @inlinable public init(v6high high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
        isV6 = true
    }

    /// Parses dotted-quad or RFC 4291 text; nil when it is neither.
    public init?(_ text: some StringProtocol) {
        guard let parsed = AddressText.parse(String(text)) else { return nil }
        self = parsed
    }

    /// The address from 4 or 16 wire bytes; nil for any other count.
    @inlinable public init?(bytes: some Collection<UInt8>) {
        switch bytes.count {
        case 4: self.init(v4: UInt32(bytes: bytes))
        case 16:
            self.init(
                v6high: UInt64(bytes: bytes.prefix(8)),
                low: UInt64(bytes: bytes.suffix(8)))
        default: return nil
        }
    }

    /// The wire form: 4 or 16 bytes.
    public var bytes: [UInt8] {
        func octets(_ value: UInt64, _ count: Int) -> [UInt8] {
            (0..<count).reversed().map { UInt8(truncatingIfNeeded: value >> UInt64($0 * 8)) }
        }
        return isV6 ? octets(high, 8) + octets(low, 8) : octets(low, 4)
    }

    public var bitCount: Int { isV6 ? 128 : 32 }

    /// 224.0.0.0/4 and ff00::/8: a group of receivers, none of which chose the SPI, and none of which answers.
    public var isMulticast: Bool { isV6 ? high >> 56 == 0xff : low >> 28 == 0xe }
}

extension IPAddress: Comparable {
    /// IPv4 before IPv6, then by number.
    public static func < (a: IPAddress, b: IPAddress) -> Bool {
        if a.isV6 != b.isV6 { return !a.isV6 }
        return (a.high, a.low) < (b.high, b.low)
    }
}

extension IPAddress: CustomStringConvertible {
    /// Dotted quad, or the canonical IPv6 text of RFC 5952.
    public var description: String { AddressText.format(self) }
}

/// An address and a prefix length.
public struct IPPrefix: Hashable, Sendable, CustomStringConvertible {
    public let address: IPAddress
    /// 0 to 32, or 0 to 128.
    public let length: Int

    /// Nil when the length does not fit the family; host bits are cleared.
    public init?(_ address: IPAddress, length: Int) {
        guard (0...address.bitCount).contains(length) else { return nil }
        self.length = length
        if address.isV6 {
            self.address = IPAddress(
                v6high: address.high & Self.mask(Swift.min(length, 64), of: 64),
                low: address.low & Self.mask(Swift.max(length - 64, 0), of: 64))
        } else {
            self.address = IPAddress(
                v4: UInt32(truncatingIfNeeded: address.low & Self.mask(length, of: 32)))
        }
    }

    /// Parses `address` or `address/length`.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = IPAddress(first) else { return nil }
        guard parts.count == 2 else {
            self.init(address, length: address.bitCount)
            return
        }
        guard !parts[1].isEmpty, parts[1].utf8.allSatisfy({ (48...57).contains($0) }), let length = Int(parts[1])
        else { return nil }
        self.init(address, length: length)
    }

    public func contains(_ other: IPAddress) -> Bool {
        IPPrefix(other, length: length)?.address == address && other.isV6 == address.isV6
    }

    public var description: String { "\(address)/\(length)" }

    private static func mask(_ length: Int, of width: Int) -> UInt64 {
        guard length > 0 else { return 0 }
        let ones = length >= 64 ? UInt64.max : (1 << UInt64(length)) - 1
        return ones << UInt64(width - length)
    }
}
