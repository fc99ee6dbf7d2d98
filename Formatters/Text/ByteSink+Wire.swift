import ScopeModel
import ScopeWire

/// Addresses written without a `String` in between: packets come by the million.
extension ByteSink {
    /// Dotted quad, or the text of RFC 5952.
    func address(_ address: IPAddress) {
        guard address.isV6 else {
            var shift: UInt64 = 24
            while shift > 0 {
                decimal(address.low >> shift & 255)
                byte(UInt8(ascii: "."))
                shift -= 8
            }
            return decimal(address.low & 255)
        }
        let zeros = Self.longestZeroRun(of: address)
        var index = 0
        while index < 8 {
            if index == zeros.lowerBound, !zeros.isEmpty {
                literal("::")
                index = zeros.upperBound
                continue
            }
            if index > 0, index != zeros.upperBound || zeros.isEmpty { byte(UInt8(ascii: ":")) }
            hex(Self.group(index, of: address))
            index += 1
        }
    }

    /// `10.0.0.1:500`, `[2001:db8::1]:500`, or the address alone when there is no port.
    func endpoint(_ endpoint: Endpoint) {
        guard endpoint.port != 0 else { return address(endpoint.address) }
        if endpoint.address.isV6 { byte(UInt8(ascii: "[")) }
        address(endpoint.address)
        if endpoint.address.isV6 { byte(UInt8(ascii: "]")) }
        byte(UInt8(ascii: ":"))
        decimal(endpoint.port)
    }

    /// An SPI of ESP or AH: `0x` and eight digits.
    func spi(_ value: UInt32) {
        literal("0x")
        hex(UInt64(value), digits: 8)
    }

    private static func group(_ index: Int, of address: IPAddress) -> UInt64 {
        (index < 4 ? address.high : address.low) >> UInt64(48 - 16 * (index & 3)) & 0xffff
    }

    /// The first of the longest runs of two or more zero groups; empty when there is none.
    private static func longestZeroRun(of address: IPAddress) -> Range<Int> {
        var best = 0..<0
        var start = 0
        for index in 0..<8 {
            if group(index, of: address) != 0 {
                start = index + 1
            } else if index + 1 - start >= 2, index + 1 - start > best.count {
                best = start..<(index + 1)
            }
        }
        return best
    }
}
