import ScopeWire

/// The unit and offset of a pcapng interface's timestamps (if_tsresol and if_tsoffset).
struct TimestampClock: Hashable, Sendable {
    /// Ticks per second: a power of 10, or of 2 when `isBinary`.
    var exponent: UInt8 = 6
    var isBinary = false
    /// Seconds to add to every timestamp.
    var offset: Int64 = 0

    /// From the if_tsresol octet: its top bit tells powers of 2 from powers of 10.
    mutating func setResolution(_ octet: UInt8) {
        exponent = octet & 0x7f
        isBinary = octet & 0x80 != 0
    }

    /// Converts to nanoseconds and cuts what is finer; a time beyond the range of `Instant` becomes its end.
    @inline(__always) func instant(ticks: UInt64) -> Instant {
        let nanoseconds: Int64
        if !isBinary, exponent <= 9 {
            nanoseconds = Self.clamped(ticks.multipliedReportingOverflow(by: Self.powers[9 - Int(exponent)]))
        } else {
            nanoseconds = fine(ticks)
        }
        if offset == 0 { return Instant(nanoseconds: nanoseconds) }
        let shift = offset.multipliedReportingOverflow(by: 1_000_000_000)
        if shift.overflow { return Instant(nanoseconds: offset < 0 ? .min : .max) }
        let sum = nanoseconds.addingReportingOverflow(shift.partialValue)
        return Instant(nanoseconds: sum.overflow ? (offset < 0 ? .min : .max) : sum.partialValue)
    }

    private func fine(_ ticks: UInt64) -> Int64 {
        if !isBinary {
            let places = Int(exponent) - 9
            return places < Self.powers.count ? Int64(clamping: ticks / Self.powers[places]) : 0
        }
        let product = ticks.multipliedFullWidth(by: 1_000_000_000)
        switch exponent {
        case 0: return product.high == 0 ? Int64(clamping: product.low) : .max
        case 1...63:
            if product.high >> UInt64(exponent) != 0 { return .max }
            return Int64(clamping: product.high << (64 - UInt64(exponent)) | product.low >> UInt64(exponent))
        default: return Int64(clamping: product.high >> UInt64(exponent - 64))
        }
    }

    private static func clamped(_ product: (partialValue: UInt64, overflow: Bool)) -> Int64 {
        product.overflow ? .max : Int64(clamping: product.partialValue)
    }

    /// 10 to the power of 0 to 19.
    private static let powers: [UInt64] = (0..<20).map { (0..<$0).reduce(1) { power, _ in power * 10 } }
}
