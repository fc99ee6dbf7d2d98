import ScopeWire

/// How the clock of tap B stands to that of tap A.
struct TapClock {
    /// How much later it is at the first packet that is at both, in nanoseconds.
    var offset: Int64
    /// Packets of both directions told: the travel time is left out.
    var isTwoWay: Bool
    /// How much it gains, in parts of a thousand million; 0 where the two run alike, as far as the capture tells.
    var rate: Double = 0
    /// From the first packet to the last that is at both, in nanoseconds.
    var span: Int64
}

/// Fits offset and rate of two clocks to the packets that both taps saw.
///
/// What A saw first went to B, so B saw it later by the offset and the way; what B saw first came sooner by the way. The line
/// lies between the two: the quickest packets of each way, in each part of the time, are nearest to it.
struct TapClockFit {
    private struct Point {
        var time: Instant
        var later: Int64
        var isToB: Bool
    }

    private var points: [Point] = []

    private static let parts = 16
    /// A crystal is off by less than this (parts of a thousand million), and a capture of less than that says nothing.
    private static let mostRate = 10_000_000.0
    private static let leastSpan: Int64 = 10_000_000_000

    mutating func add(at time: Instant, later: Int64, isToB: Bool) {
        points.append(Point(time: time, later: later, isToB: isToB))
    }

    var clock: TapClock? {
        guard let start = points.map(\.time).min(), let end = points.map(\.time).max() else { return nil }
        let span = end.since(start)
        guard let plain = offset(from: start, rate: 0) else { return nil }
        var clock = TapClock(offset: plain.offset, isTwoWay: plain.isTwoWay, span: span)
        guard plain.isTwoWay, span >= Self.leastSpan, let rate = rate(from: start, span) else { return clock }
        // Where the two ways contradict each other without a rate, there is one; else only a gain beyond the travel time is.
        let gained = rate * Double(span) / 1e9
        guard let fitted = offset(from: start, rate: rate),
            plain.slack < 0 || gained.magnitude > 2 * Double(fitted.slack)
        else { return clock }
        (clock.offset, clock.rate) = (fitted.offset, rate)
        return clock
    }

    /// The offset at `start`, and how far apart the quickest packets of the two ways are.
    private func offset(from start: Instant, rate: Double) -> (offset: Int64, isTwoWay: Bool, slack: Int64)? {
        func level(_ point: Point) -> Int64 {
            point.later &- Int64((rate * Double(point.time.since(start)) / 1e9).rounded())
        }
        let there = points.lazy.filter(\.isToB).map(level).min()
        let back = points.lazy.filter { !$0.isToB }.map(level).max()
        switch (there, back) {
        case (let there?, let back?): return (there / 2 &+ back / 2, true, there &- back)
        case (let only?, nil), (nil, let only?): return (only, false, 0)
        case (nil, nil): return nil
        }
    }

    /// The slope of the middle between both ways, by least squares over parts of the time.
    private func rate(from start: Instant, _ span: Int64) -> Double? {
        var quickest = [(there: Int64, back: Int64, sum: Double, count: Int)](
            repeating: (.max, .min, 0, 0), count: Self.parts)
        for point in points {
            let passed = point.time.since(start)
            let part = min(Self.parts - 1, Int(Double(passed) / Double(span) * Double(Self.parts)))
            guard quickest.indices.contains(part) else { continue }
            if point.isToB {
                quickest[part].there = min(quickest[part].there, point.later)
            } else {
                quickest[part].back = max(quickest[part].back, point.later)
            }
            quickest[part].sum += Double(passed)
            quickest[part].count += 1
        }
        let middles: [(x: Double, y: Double)] = quickest.compactMap { part in
            guard part.there != .max, part.back != .min else { return nil }
            return (part.sum / Double(part.count), Double(part.there) / 2 + Double(part.back) / 2)
        }
        guard middles.count >= 2 else { return nil }
        let count = Double(middles.count)
        let (x, y) = (middles.reduce(0) { $0 + $1.x } / count, middles.reduce(0) { $0 + $1.y } / count)
        let spread = middles.reduce(0) { $0 + ($1.x - x) * ($1.x - x) }
        guard spread > 0 else { return nil }
        let rate = middles.reduce(0) { $0 + ($1.x - x) * ($1.y - y) } / spread * 1e9
        return rate.isFinite && rate.magnitude <= Self.mostRate ? rate : nil
    }
}
