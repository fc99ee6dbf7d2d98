import ScopeDissect
import ScopeModel
import ScopeWire

/// What the sizes of one side's ESP packets tell of the path: packets larger than an ICMP error allows, and large ones that
/// are sent again and again as TCP does it.
struct SizeFacts {
    /// A large packet that was sent again, each time after about twice as long.
    struct Repeats {
        /// The IP packet around ESP, in bytes.
        var length = 0
        var count = 0
        var firstFrame = 0
        var lastFrame = 0
        var first = Instant(nanoseconds: 0)
        var last = Instant(nanoseconds: 0)
        /// Smaller packets of the other side from the first of them on.
        fileprivate(set) var answers = 0
        fileprivate var gap: Int64 = 0
        /// The sequence number of the TCP segment inside, where it could be opened and is the same in all of them.
        fileprivate var segment: UInt32?
        /// Keys show that they are one TCP segment.
        fileprivate(set) var isOneSegment = false
    }

    private var current = Repeats()
    /// The longest row of repeats.
    private(set) var repeats = Repeats()
    /// What an ICMP error said of this side's packets, first.
    private(set) var mtu = 0
    /// Larger packets behind it.
    private(set) var ignored = 0
    private(set) var ignoredFrames: [Int] = []

    /// Smaller packets pass almost everywhere.
    private static let large = 1000

    mutating func note(_ packet: borrowing Told<ESPPacket>, _ event: Event) {
        let header = packet.source.address.isV6 ? 40 : 20
        let length = packet.length + header + (packet.carrier == .ip ? 0 : 8)
        if mtu > 0, length > mtu {
            ignored += 1
            if ignoredFrames.count < 16 { ignoredFrames.append(event.frame) }
        }
        guard length >= Self.large else { return }
        repeated(length, Self.segment(packet.inner), event)
    }

    /// The other side sent an ESP packet of so many bytes.
    mutating func noteAnswer(_ length: Int) {
        guard current.count > 0, length < Self.large else { return }
        current.answers += 1
        if current.firstFrame == repeats.firstFrame { repeats.answers = current.answers }
    }

    /// A router says that packets of this side are too big.
    mutating func note(mtu: Int) {
        guard mtu > 0 else { return }
        self.mtu = self.mtu == 0 ? mtu : min(self.mtu, mtu)
    }

    private mutating func repeated(_ length: Int, _ segment: UInt32?, _ event: Event) {
        let gap = event.time.since(current.last)
        let doubles = current.count < 2 || gap > current.gap &* 3 / 2 && gap < current.gap &* 3
        if length == current.length, gap > 100_000_000, doubles, segment == current.segment {
            current.count += 1
            current.gap = gap
            current.isOneSegment = segment != nil
        } else {
            current = Repeats(
                length: length, count: 1, firstFrame: event.frame, first: event.time, segment: segment)
        }
        (current.last, current.lastFrame) = (event.time, event.frame)
        if current.count > repeats.count { repeats = current }
    }

    private static func segment(_ inner: Datagram?) -> UInt32? {
        guard let inner, case .tcp(let segment) = inner.content else { return nil }
        return segment.sequence
    }
}
