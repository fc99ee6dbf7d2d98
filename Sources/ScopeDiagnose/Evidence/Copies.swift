import ScopeModel
import ScopeWire

/// Packets that are in the capture more than once: going in circles, or written down twice at one point.
struct Copies {
    private struct Seen {
        /// The frame in which the packet was seen first.
        var first = 0
        var hopLimit: UInt8 = 0
        var frames: [Int] = []
        var ends = (IPAddress(v4: 0), IPAddress(v4: 0))
    }

    private var seen = [Seen](repeating: Seen(), count: 64)
    private var next = 0
    private var times = [(frame: Int, time: Instant)](repeating: (0, Instant(nanoseconds: 0)), count: 64)
    private(set) var loopFrames: [Int] = []
    private(set) var loops = 0
    private(set) var loopEnds: [IPAddress] = []
    private(set) var doubles = 0
    private(set) var doubleFrames: [Int] = []

    /// Two points of one host or router see a packet with hop limits that are one apart; more than three are a circle.
    private static let hops = 4
    /// No sender repeats so soon.
    private static let instant: Int64 = 1_000_000
    private static let most = 16

    /// Notes a packet's frame; needed of each, as its copy tells the frame alone.
    mutating func note(_ event: Event) { times[event.frame & 63] = (event.frame, event.time) }

    /// The packet of frame `first` again, with another hop limit or other addresses.
    mutating func again(
        _ first: Int, _ event: Event, hopLimit: UInt8, _ source: IPAddress, _ destination: IPAddress
    ) {
        guard hopLimit > 0 else { return }
        guard let place = seen.firstIndex(where: { $0.first == first && first > 0 }) else {
            seen[next] = Seen(
                first: first, hopLimit: hopLimit, frames: [first, event.frame], ends: (source, destination))
            next = (next + 1) % seen.count
            return
        }
        guard seen[place].ends == (source, destination), hopLimit < seen[place].hopLimit else { return }
        seen[place].hopLimit = hopLimit
        if seen[place].frames.count < Self.most { seen[place].frames.append(event.frame) }
        guard seen[place].frames.count == Self.hops else { return }
        loops += 1
        if loopFrames.count < Self.most { loopFrames += seen[place].frames }
        for address in [source, destination] where loopEnds.count < 8 && !loopEnds.contains(address) {
            loopEnds.append(address)
        }
    }

    /// The packet of frame `first` again, with all that it had.
    mutating func same(_ first: Int, _ event: Event) {
        let known = times[first & 63]
        guard known.frame == first, event.time.since(known.time).magnitude < Self.instant else { return }
        doubles += 1
        if doubleFrames.count < Self.most { doubleFrames += [first, event.frame] }
    }
}
