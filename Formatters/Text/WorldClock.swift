import Glibc
import ScopeModel
import ScopeWire

/// Writes times as RFC 3339 has them, in UTC with nine digits behind the second: `2026-11-23T08:25:52.123456789Z`.
struct WorldClock {
    /// The second that `text` stands for.
    private var second = Int64.min
    private var text: [UInt8] = []

    /// Allocates nothing while the second stays the same.
    mutating func write(_ instant: Instant, to sink: ByteSink) {
        let (whole, nanoseconds) = instant.parts
        if whole != second || text.isEmpty {
            second = whole
            text = Self.format(whole)
        }
        sink.raw(text)
        var unit = 100_000_000
        while unit > 0 {
            sink.byte(48 + UInt8(nanoseconds / unit % 10))
            unit /= 10
        }
        sink.byte(UInt8(ascii: "Z"))
    }

    /// 64 bits of nanoseconds reach from 1677 to 2262: the year always has four digits.
    private static func format(_ second: Int64) -> [UInt8] {
        var time = time_t(second)
        var fields = tm()
        gmtime_r(&time, &fields)
        let parts: [(value: Int32, width: Int, mark: UInt8)] = [
            (fields.tm_year + 1900, 4, UInt8(ascii: "-")), (fields.tm_mon + 1, 2, UInt8(ascii: "-")),
            (fields.tm_mday, 2, UInt8(ascii: "T")), (fields.tm_hour, 2, UInt8(ascii: ":")),
            (fields.tm_min, 2, UInt8(ascii: ":")), (fields.tm_sec, 2, UInt8(ascii: ".")),
        ]
        return parts.flatMap { part in
            let digits = Array(String(part.value).utf8)
            return Array(repeating: 48, count: max(0, part.width - digits.count)) + digits + [part.mark]
        }
    }
}
