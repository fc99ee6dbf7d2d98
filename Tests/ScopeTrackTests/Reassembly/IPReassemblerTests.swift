import ScopeDissect
import ScopeWire
import TestSupport
import Testing

@testable import ScopeTrack

/// Feeds fragments to a reassembler, and notes what it gives, in plain words.
struct FragmentFeed {
    var reassembler: IPReassembler
    private(set) var frame = 0
    private(set) var packets: [[UInt8]] = []
    private(set) var said: [String] = []

    init(_ bounds: IPReassembler.Bounds = IPReassembler.Bounds()) { reassembler = IPReassembler(bounds: bounds) }

    /// Dissects `packet` and hands its fragment on, `second` seconds into the capture.
    mutating func add(
        _ packet: [UInt8], second: Double = 0, interface: Int = 0, originalLength: Int? = nil
    ) throws {
        frame += 1
        var captured = CapturedFrame(
            packet, link: .raw, number: frame, time: Int64(second * 1e9), originalLength: originalLength)
        captured.frame.interface = interface
        let datagram = try #require(
            try FrameDissector.datagram(of: captured.frame, packet.span.bytes, recorder: nil))
        guard case .fragment(let fragment) = datagram.content else {
            Issue.record("no fragment: \(datagram.content)")
            return
        }
        switch reassembler.add(fragment, of: datagram, frame: captured.frame, bytes: packet.span.bytes) {
        case .pending: break
        case .complete(let whole, let frames, let overlap):
            packets.append(whole)
            said.append("\(frames)\(overlap ? " overlap" : "")")
        case .refused(let why): said.append(why)
        }
    }

    /// Seconds, as the reassembler's clock counts them.
    static func instant(_ second: Double) -> Instant { Instant(nanoseconds: Int64(second * 1e9)) }
}

@Suite("The IP reassembler") struct IPReassemblerTests {
    private typealias P = Packets

    private static let body = (0..<100).map { UInt8($0) }
    private static let whole = Packets.udp(500, 500, body)

    /// Bytes `range` of `payload` as an IPv4 fragment.
    static func piece(
        _ range: Range<Int>, of payload: [UInt8] = whole, proto: Int = 17, id: Int = 1, hopLimit: Int = 61,
        last: Bool? = nil
    ) -> [UInt8] {
        let more = !(last ?? (range.upperBound == payload.count))
        return P.ipv4(
            proto, Array(payload[range]), id: id, fragment: range.lowerBound / 8 | (more ? 0x2000 : 0),
            hopLimit: hopLimit)
    }

    static func piece6(_ range: Range<Int>, of payload: [UInt8] = whole, id: Int = 1, before: Bool = false) -> [UInt8] {
        let more = range.upperBound < payload.count
        let fragment = P.fragmentHeader(17, offset: range.lowerBound, more: more, id: id, Array(payload[range]))
        return before ? P.ipv6(0, P.extensionHeader(44, units: 1, fragment)) : P.ipv6(44, fragment)
    }

    /// The packet as its sender made it, with a right header checksum.
    static func checked(_ packet: [UInt8]) -> [UInt8] {
        var packet = packet
        packet.replaceSubrange(10..<12, with: [0, 0])
        var sum = stride(from: 0, to: Int(packet[0] & 15) * 4, by: 2)
            .reduce(0) { $0 + Int(packet[$1]) << 8 + Int(packet[$1 + 1]) }
        while sum > 0xffff { sum = sum >> 16 + sum & 0xffff }
        packet.replaceSubrange(10..<12, with: P.u16(~sum & 0xffff))
        return packet
    }

    static let complete = checked(P.ipv4(17, whole, id: 1))

    @Test("gives the packet whatever order its fragments come in")
    func orders() throws {
        let pieces = [Self.piece(0..<40), Self.piece(40..<80), Self.piece(80..<108)]
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [2, 0, 1], [0, 2, 1], [1, 0, 2]] {
            var feed = FragmentFeed()
            for index in order { try feed.add(pieces[index]) }
            #expect(feed.packets == [Self.complete] && feed.said == ["[1, 2, 3]"], "\(order)")
        }
    }

    @Test(
        "gives IPv6 packets too, without the fragment header, the header before it named anew",
        arguments: [false, true])
    func six(before: Bool) throws {
        var feed = FragmentFeed()
        try feed.add(Self.piece6(40..<108, before: before))
        try feed.add(Self.piece6(0..<40, before: before))
        let options = P.extensionHeader(17, units: 1, Self.whole)
        #expect(feed.packets == [before ? P.ipv6(0, options) : P.ipv6(17, Self.whole)])
    }

    @Test("keeps options of the first fragment, and gives one IPv4 header that fits the whole")
    func options() throws {
        var feed = FragmentFeed()
        let first = P.ipv4(17, Array(Self.whole[..<40]), options: [1, 1, 1, 1], id: 1, fragment: 0x2000)
        try feed.add(Self.piece(40..<108))
        try feed.add(first)
        #expect(feed.packets == [Self.checked(P.ipv4(17, Self.whole, options: [1, 1, 1, 1], id: 1))])
    }

    @Test("takes a fragment that comes twice for what it is")
    func duplicates() throws {
        var feed = FragmentFeed()
        try feed.add(Self.piece(0..<40))
        try feed.add(Self.piece(0..<40))
        try feed.add(Self.piece(40..<108))
        #expect(feed.packets == [Self.complete] && feed.said == ["[1, 3]"])
    }

    @Test("takes overlaps that agree, and believes the first where they differ, which it says")
    func overlaps() throws {
        var feed = FragmentFeed()
        try feed.add(Self.piece(0..<56))
        try feed.add(Self.piece(40..<108))
        #expect(feed.packets == [Self.complete] && feed.said == ["[1, 2]"])
        var other = Self.whole
        other[48] ^= 0xff
        var second = FragmentFeed()
        try second.add(Self.piece(0..<56))
        try second.add(Self.piece(40..<108, of: other))
        #expect(second.packets == [Self.complete] && second.said == ["[1, 2] overlap"])
    }

    @Test("drops an IPv6 packet whose fragments overlap (RFC 5722), but not for a mere duplicate")
    func overlap6() throws {
        var feed = FragmentFeed()
        try feed.add(Self.piece6(0..<56))
        try feed.add(Self.piece6(40..<108))
        try feed.add(Self.piece6(56..<108))
        #expect(feed.packets.isEmpty && feed.said.count == 1 && feed.said[0].contains("RFC 5722"))
        var twice = FragmentFeed()
        for _ in 0..<2 { try twice.add(Self.piece6(0..<56)) }
        try twice.add(Self.piece6(56..<108))
        #expect(twice.packets == [P.ipv6(17, Self.whole)])
    }

    @Test("gives a packet once for each place that saw all of it: two taps, or before and behind a router")
    func places() throws {
        var taps = FragmentFeed()
        for interface in [0, 1] {
            try taps.add(Self.piece(0..<40), interface: interface)
            try taps.add(Self.piece(40..<108), interface: interface)
        }
        #expect(taps.said == ["[1, 2]", "[3, 4]"] && taps.packets == [Self.complete, Self.complete])
        var router = FragmentFeed()
        for (range, hopLimit) in [(0..<40, 61), (0..<40, 60), (40..<108, 61), (40..<108, 60)] {
            try router.add(Self.piece(range, hopLimit: hopLimit))
        }
        #expect(router.said == ["[1, 3]", "[2, 4]"])
        #expect(router.packets.map { $0[8] } == [61, 60])
    }

    @Test("fills the gaps of one tap from the other")
    func halves() throws {
        var feed = FragmentFeed()
        try feed.add(Self.piece(0..<40), interface: 0)
        try feed.add(Self.piece(40..<108), interface: 1)
        #expect(feed.packets == [Self.complete])
    }

    @Test("tells packets of one identification apart by addresses, protocol and contents")
    func reuse() throws {
        var feed = FragmentFeed()
        try feed.add(Self.piece(0..<40))
        try feed.add(Self.piece(40..<108))
        let other = P.udp(500, 500, Self.body.reversed())
        try feed.add(Self.piece(0..<40, of: other))
        try feed.add(Self.piece(40..<108, of: other))
        #expect(feed.packets.map { Array($0[20...]) } == [Self.whole, other])
        let esp = (0..<108).map { UInt8($0) }
        try feed.add(Self.piece(0..<40, of: esp, proto: 50))
        try feed.add(Self.piece(40..<108, proto: 17))
        #expect(feed.packets.count == 2)
        try feed.add(Self.piece(40..<108, of: esp, proto: 50))
        #expect(feed.packets.last.map { Array($0[20...]) } == esp)
    }

    @Test("gives up what waited 30 seconds, and names what is missing")
    func timeout() throws {
        var feed = FragmentFeed()
        try feed.add(Self.piece(0..<40), second: 1)
        try feed.add(Self.piece(80..<108), second: 20)
        #expect(feed.reassembler.expire(now: FragmentFeed.instant(31)).isEmpty)
        let gone = feed.reassembler.expire(now: FragmentFeed.instant(31.1))
        #expect(gone.map(\.missingDescription) == ["bytes 40-79 of the IP packet (id 0x0001)"])
        #expect(gone.map(\.frames) == [[1, 2]])
        #expect(feed.reassembler.expire(now: FragmentFeed.instant(99)).isEmpty)
        // What comes later begins anew.
        try feed.add(Self.piece(40..<80), second: 32)
        #expect(feed.packets.isEmpty)
    }

    @Test("begins a packet anew when its identification comes again after the timeout")
    func lateReuse() throws {
        var feed = FragmentFeed()
        try feed.add(Self.piece(0..<40), second: 0)
        try feed.add(Self.piece(40..<108), second: 31)
        #expect(feed.packets.isEmpty)
        #expect(feed.reassembler.takeEvicted().map(\.frames) == [[1]])
    }

    @Test("speaks at the end of what never became whole, but not of what is none of ours")
    func finish() throws {
        var feed = FragmentFeed()
        let web = P.udp(53, 53, Self.body)
        try feed.add(Self.piece(0..<40, of: web, id: 2))
        try feed.add(Self.piece(0..<40, id: 3))
        try feed.add(Self.piece(40..<108, id: 4))
        try feed.add(Self.piece(0..<40, proto: 47, id: 5))
        #expect(
            feed.reassembler.finish().map(\.missingDescription) == [
                "everything from byte 40 on of the IP packet (id 0x0003)", "bytes 0-39 of the IP packet (id 0x0004)",
            ])
    }

    @Test("refuses fragments that contradict each other or the size of a packet")
    func refused() throws {
        var ends = FragmentFeed()
        try ends.add(Self.piece(80..<108))
        try ends.add(Self.piece(40..<80, last: true))
        #expect(ends.said == ["IP fragments with two different ends"])
        var behind = FragmentFeed()
        try behind.add(Self.piece(40..<80, last: true))
        try behind.add(Self.piece(80..<104, last: false))
        #expect(behind.said == ["an IP fragment beyond the end of its packet"])
        var early = FragmentFeed()
        try early.add(Self.piece(40..<80, last: false))
        try early.add(Self.piece(8..<40, last: true))
        #expect(early.said == ["an IP fragment beyond the end of its packet"])
        var odd = FragmentFeed()
        try odd.add(Self.piece(0..<41))
        #expect(odd.said == ["an IP fragment that is not the last and whose length is not a multiple of 8"])
        var huge = FragmentFeed()
        try huge.add(P.ipv4(17, [UInt8](repeating: 0, count: 24), fragment: 0x1fff))
        #expect(huge.said == ["IP fragments that would make more than 65535 bytes"])
        var empty = FragmentFeed()
        try empty.add(P.ipv4(17, [], fragment: 0x2000))
        #expect(empty.said == ["an IP fragment without payload"])
    }

    @Test("puts together the largest packet there is, and refuses a byte more")
    func largest() throws {
        let payload = P.udp(4500, 4500, [UInt8](repeating: 7, count: 65_507))
        for (count, fits) in [(65_515, true), (65_523, false)] {
            var feed = FragmentFeed()
            let bytes = payload + [UInt8](repeating: 0, count: count - 65_515)
            for start in stride(from: 0, to: count, by: 1480) {
                try feed.add(Self.piece(start..<min(count, start + 1480), of: bytes))
            }
            #expect((feed.packets.first?.count == 65_535) == fits, "\(feed.said)")
            #expect(feed.said.count == 1)
        }
    }

    @Test("keeps no more fragments of a packet than its bound, and no more packets and bytes")
    func bounds() throws {
        var many = FragmentFeed()
        for index in 0..<600 {
            try many.add(P.ipv4(17, [UInt8](repeating: 1, count: 8), id: 9, fragment: 0x2000 | index * 2))
        }
        #expect(
            many.said.count == 600 - 512 && many.said.allSatisfy { $0 == "more than 512 fragments of one IP packet" })
        var bounds = IPReassembler.Bounds()
        bounds.packets = 4
        var few = FragmentFeed(bounds)
        var gone: [[Int]] = []
        for id in 1...10 {
            try few.add(Self.piece(0..<40, id: id))
            gone += few.reassembler.takeEvicted().map(\.frames)
        }
        #expect(gone == (1...6).map { [$0] })
        #expect(few.reassembler.takeEvicted().isEmpty)
        for id in 7...10 { try few.add(Self.piece(40..<108, id: id)) }
        #expect(few.packets.count == 4)
        bounds = IPReassembler.Bounds()
        bounds.bytes = 20_000
        var heavy = FragmentFeed(bounds)
        // One fragment at the far end of its packet costs as much as the packet.
        for id in 1...10 { try heavy.add(P.ipv4(17, [UInt8](repeating: 1, count: 8), id: id, fragment: 1000)) }
        #expect(heavy.reassembler.takeEvicted().count == 8)
    }

    @Test("holds nothing back when an older packet, whole or not, makes room")
    func longRun() throws {
        var bounds = IPReassembler.Bounds()
        bounds.packets = 16
        var feed = FragmentFeed(bounds)
        var lost = 0
        for id in 0..<5000 {
            try feed.add(Self.piece(0..<40, id: id), second: Double(id) / 100)
            if id % 3 != 0 { try feed.add(Self.piece(40..<108, id: id), second: Double(id) / 100) }
            lost += feed.reassembler.takeEvicted().count
        }
        #expect(feed.packets.count == 3333)
        #expect(lost + feed.reassembler.finish().count == 1667)
    }

    @Test("does not believe in a last fragment that the capture cut")
    func cut() throws {
        var feed = FragmentFeed()
        try feed.add(Self.piece(0..<40))
        let last = Self.piece(40..<108)
        try feed.add(Array(last.prefix(50)), originalLength: last.count)
        #expect(feed.packets.isEmpty)
        let missing = feed.reassembler.finish().first?.missingDescription
        #expect(missing == "everything from byte 70 on of the IP packet (id 0x0001), cut off by the capture")
    }

    @Test("leaves what cannot be ours alone", arguments: [1, 89, 132])
    func others(proto: Int) throws {
        var feed = FragmentFeed()
        try feed.add(Self.piece(0..<40, proto: proto))
        try feed.add(Self.piece(40..<108, proto: proto))
        #expect(feed.packets.isEmpty && feed.said.isEmpty && feed.reassembler.finish().isEmpty)
    }
}
