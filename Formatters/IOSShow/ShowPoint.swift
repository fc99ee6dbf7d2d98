import Glibc
import ScopeWire

/// The moment that a show view is of: what `--at` says.
public enum ShowPoint: Hashable, Sendable {
    case instant(Instant)
    /// Nanoseconds since midnight, on the capture's day.
    case timeOfDay(Int64)
    /// Nanoseconds since the first frame.
    case elapsed(Int64)

    /// Reads RFC 3339, `HH:MM:SS[.fff]` or `+12.5`; nil for anything else.
    public init?(_ text: String) {
        if text.hasPrefix("+") {
            guard let elapsed = Self.seconds(text.dropFirst()) else { return nil }
            self = .elapsed(elapsed)
        } else if let split = text.firstIndex(where: { $0 == "T" || $0 == "t" }) {
            guard let instant = Self.instant(text[..<split], text[text.index(after: split)...]) else { return nil }
            self = .instant(instant)
        } else {
            guard let time = Self.timeOfDay(text[...]) else { return nil }
            self = .timeOfDay(time)
        }
    }

    /// The instant it is in a capture that begins at `first`; a time of day before that is the next day's.
    func instant(first: Instant, zone: Clock.Zone) -> Instant {
        switch self {
        case .instant(let instant): return instant
        case .elapsed(let elapsed): return Instant(nanoseconds: first.nanoseconds &+ elapsed)
        case .timeOfDay(let time):
            var second = time_t(first.parts.seconds)
            var fields = tm()
            if zone == .utc { gmtime_r(&second, &fields) } else { localtime_r(&second, &fields) }
            let passed = Int64(fields.tm_hour) * 3600 + Int64(fields.tm_min) * 60 + Int64(fields.tm_sec)
            let midnight = first.parts.seconds &- passed
            let instant = Instant(nanoseconds: midnight &* 1_000_000_000 &+ time)
            let day: Int64 = 86_400_000_000_000
            return time / 1_000_000_000 < passed ? Instant(nanoseconds: instant.nanoseconds &+ day) : instant
        }
    }

    // MARK: Reading

    private static func number(_ text: Substring, width: Int) -> Int64? {
        guard text.utf8.count == width, text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int64(text)
    }

    /// Decimal seconds as nanoseconds.
    private static func seconds(_ text: Substring) -> Int64? {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = parts.first, (1...9).contains(whole.utf8.count),
            let seconds = number(whole, width: whole.utf8.count)
        else { return nil }
        guard parts.count == 2 else { return seconds * 1_000_000_000 }
        let digits = parts[1].utf8.count
        guard (1...9).contains(digits), var fraction = number(parts[1], width: digits) else { return nil }
        for _ in digits..<9 { fraction *= 10 }
        return seconds * 1_000_000_000 + fraction
    }

    private static func timeOfDay(_ text: Substring) -> Int64? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, let hours = number(parts[0], width: 2), hours < 24,
            let minutes = number(parts[1], width: 2), minutes < 60, let seconds = seconds(parts[2]),
            parts[2].prefix(while: { $0 != "." }).utf8.count == 2, seconds < 61_000_000_000
        else { return nil }
        return (hours * 3600 + minutes * 60) * 1_000_000_000 + seconds
    }

    private static func instant(_ date: Substring, _ time: Substring) -> Instant? {
        let parts = date.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, let year = number(parts[0], width: 4), (1678...2261).contains(year),
            let month = number(parts[1], width: 2), (1...12).contains(month), let day = number(parts[2], width: 2),
            (1...31).contains(day), let mark = time.firstIndex(where: { "Zz+-".contains($0) }),
            let clock = timeOfDay(time[..<mark])
        else { return nil }
        var offset: Int64 = 0
        let zone = time[mark...]
        if zone.uppercased() != "Z" {
            let parts = zone.dropFirst().split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, let hours = number(parts[0], width: 2), let minutes = number(parts[1], width: 2),
                hours < 24, minutes < 60
            else { return nil }
            offset = (hours * 3600 + minutes * 60) * (zone.hasPrefix("-") ? -1 : 1)
        }
        var fields = tm()
        fields.tm_year = Int32(year - 1900)
        fields.tm_mon = Int32(month - 1)
        fields.tm_mday = Int32(day)
        let midnight = Int64(timegm(&fields))
        return Instant(nanoseconds: (midnight - offset) * 1_000_000_000 + clock)
    }
}
