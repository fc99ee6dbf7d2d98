import Glibc
import ScopeModel
import ScopeWire

/// Writes a frame's time as IOS stamps its debug lines: `Nov  3 08:25:52.123`.
public struct Clock {
    public enum Zone: Hashable, Sendable { case utc, local }

    private let zone: Zone
    /// The second that `text` stands for.
    private var second = Int64.min
    /// The stamp that was asked for last, with its milliseconds.
    private var text: [UInt8] = []

    public init(_ zone: Zone) { self.zone = zone }

    /// The stamp of `instant`, with milliseconds, and `mark` behind it.
    public mutating func stamp(_ instant: Instant, mark: StaticString = "") -> [UInt8] {
        move(to: instant)
        return mark.utf8CodeUnitCount == 0 ? text : mark.withUTF8Buffer { text + $0 }
    }

    /// Writes the stamp of `instant`; allocates nothing while the second stays the same.
    public mutating func write(_ instant: Instant, to sink: ByteSink) {
        move(to: instant)
        sink.raw(text)
    }

    /// Brings `text` up to `instant`.
    private mutating func move(to instant: Instant) {
        let (whole, nanoseconds) = instant.parts
        if whole != second || text.isEmpty {
            second = whole
            text = Self.format(whole, in: zone) + [46, 48, 48, 48]
        }
        let millisecond = nanoseconds / 1_000_000
        let end = text.count
        text[end - 3] = 48 + UInt8(millisecond / 100)
        text[end - 2] = 48 + UInt8(millisecond / 10 % 10)
        text[end - 1] = 48 + UInt8(millisecond % 10)
    }

    private static let months: [StaticString] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private static func format(_ second: Int64, in zone: Zone) -> [UInt8] {
        var time = time_t(second)
        var fields = tm()
        switch zone {
        case .utc: gmtime_r(&time, &fields)
        case .local: localtime_r(&time, &fields)
        }
        let month = Int(fields.tm_mon)
        var result = months.indices.contains(month) ? months[month].withUTF8Buffer { Array($0) } : [63, 63, 63]
        result.append(32)
        result += fields.tm_mday < 10 ? [32] : []
        result += digits(Int(fields.tm_mday), width: 1)
        result.append(32)
        result += digits(Int(fields.tm_hour), width: 2) + [58]
        result += digits(Int(fields.tm_min), width: 2) + [58]
        result += digits(Int(fields.tm_sec), width: 2)
        return result
    }

    private static func digits(_ value: Int, width: Int) -> [UInt8] {
        let text = Array(String(value).utf8)
        return Array(repeating: 48, count: max(0, width - text.count)) + text
    }
}

extension Instant {
    /// Whole seconds since 1970, and the nanoseconds behind them: never negative, also before 1970.
    var parts: (seconds: Int64, nanoseconds: Int) {
        let (quotient, remainder) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        return remainder < 0 ? (quotient - 1, Int(remainder + 1_000_000_000)) : (quotient, Int(remainder))
    }
}
