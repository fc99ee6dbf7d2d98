import ScopeDissect
import ScopeWire
import TestSupport
import Testing

@testable import ScopeTrack

/// Feeds segments of one connection, both directions, to the streams.
struct SegmentFeed {
    var streams: TCPStreams
    var port = 4500
    private(set) var frame = 0
    private(set) var records: [TCPRecord] = []

    init(port: Int = 4500, _ bounds: TCPStreams.Bounds = TCPStreams.Bounds()) {
        streams = TCPStreams(bounds: bounds)
        self.port = port
    }

    var bodies: [[UInt8]] { records.map(\.bytes) }
    var frames: [[Int]] { records.map(\.frames) }

    /// A segment from the client (or to it); `flags` as in TCP: 1 FIN, 2 SYN, 4 RST, 16 ACK.
    mutating func add(
        _ sequence: UInt32, _ payload: [UInt8], flags: Int = 16, fromServer: Bool = false, client: Int = 40_000,
        second: Double = 0
    ) throws {
        frame += 1
        let ports = fromServer ? (port, client) : (client, port)
        var segment = Packets.tcp(ports.0, ports.1, flags: flags, payload)
        segment.replaceSubrange(4..<8, with: Packets.u32(Int(sequence)))
        var packet = Packets.ipv4(6, segment)
        if fromServer {
            packet.replaceSubrange(12..<16, with: Packets.destination4)
            packet.replaceSubrange(16..<20, with: Packets.source4)
        }
        let captured = CapturedFrame(packet, link: .raw, number: frame, time: Int64(second * 1e9))
        let datagram = try #require(try FrameDissector.datagram(of: captured.frame, packet.span.bytes, recorder: nil))
        guard case .tcp(let tcp) = datagram.content else {
            Issue.record("no segment: \(datagram.content)")
            return
        }
        records += streams.add(tcp, of: datagram, frame: captured.frame, bytes: packet.span.bytes)
    }
}

@Suite("IKE and ESP in TCP") struct TCPStreamTests {
    private static let prefix: [UInt8] = Array("IKETCP".utf8)

    private static func framed(_ body: [UInt8]) -> [UInt8] { Packets.u16(body.count + 2) + body }

    private static let ike: [UInt8] = [0, 0, 0, 0] + Packets.ike

    private static func esp(_ number: Int, _ count: Int = 60) -> [UInt8] {
        Packets.u32(0xc0ff_ee01) + Packets.u32(number)
            + (0..<(count - 8)).map { UInt8(truncatingIfNeeded: $0 * 7 + number) }
    }

    private static let bodies = [ike, esp(1), ike, esp(2, 1400), esp(3)]
    private static let stream = prefix + bodies.flatMap(framed)

    @Test("come out whole, wherever the stream is cut into segments", arguments: [1, 2, 3, 5, 7, 64, 536, 1460, 4000])
    func segments(size: Int) throws {
        for port in [4500, 443] where port == 4500 || size > 5 {
            var feed = SegmentFeed(port: port)
            try feed.add(999, [], flags: 2)
            for start in stride(from: 0, to: Self.stream.count, by: size) {
                try feed.add(1000 + UInt32(start), Array(Self.stream[start..<min(start + size, Self.stream.count)]))
            }
            #expect(feed.bodies == Self.bodies, "port \(port)")
        }
    }

    @Test("name the frames that they came in")
    func frames() throws {
        var feed = SegmentFeed()
        let cut = 6 + 34 + 10
        try feed.add(1, Array(Self.stream[..<cut]))
        try feed.add(1 + UInt32(cut), Array(Self.stream[cut...]))
        #expect(feed.frames == [[1], [1, 2], [2], [2], [2]])
    }

    @Test("of the side that answers need no prefix")
    func answers() throws {
        for port in [4500, 443] {
            var feed = SegmentFeed(port: port)
            try feed.add(0, [], flags: 2)
            try feed.add(0, [], flags: 18, fromServer: true)
            try feed.add(1, Self.prefix + Self.framed(Self.ike))
            try feed.add(1, Self.framed(Self.ike) + Self.framed(Self.esp(1)), fromServer: true)
            #expect(feed.bodies == [Self.ike, Self.ike, Self.esp(1)], "port \(port)")
        }
    }

    @Test("survive reordering, also over the wrap of the sequence number")
    func reordering() throws {
        for start in [1000, UInt32.max - 700] as [UInt32] {
            var feed = SegmentFeed()
            try feed.add(start &- 1, [], flags: 2)
            let pieces = stride(from: 0, to: Self.stream.count, by: 300).map {
                (UInt32($0), Array(Self.stream[$0..<min($0 + 300, Self.stream.count)]))
            }
            for index in [1, 0, 4, 3, 2, 5] where index < pieces.count {
                try feed.add(start &+ pieces[index].0, pieces[index].1)
            }
            #expect(feed.bodies == Self.bodies, "\(start)")
        }
    }

    @Test("come once when segments are sent again: the same, in other pieces, or overlapping")
    func retransmission() throws {
        var feed = SegmentFeed()
        try feed.add(1, Array(Self.stream[..<500]))
        try feed.add(1, Array(Self.stream[..<500]))
        try feed.add(301, Array(Self.stream[300..<900]))
        try feed.add(601, Array(Self.stream[600..<700]))
        try feed.add(901, Array(Self.stream[900...]))
        try feed.add(901, Array(Self.stream[900...]))
        #expect(feed.bodies == Self.bodies)
    }

    @Test("are found again behind a gap, once it is given up")
    func gap() throws {
        var feed = SegmentFeed()
        let bodies = (1...40).map { Self.esp($0) }
        let stream = Self.prefix + bodies.flatMap(Self.framed)
        let size = 62 * 4
        var lost = 0
        for (index, start) in stride(from: 0, to: stream.count, by: size).enumerated() {
            // The third segment is lost for good.
            if index == 2 {
                lost += 1
            } else {
                try feed.add(
                    1 + UInt32(start), Array(stream[start..<min(start + size, stream.count)]), second: Double(index))
            }
        }
        #expect(lost == 1)
        let missing = bodies.filter { body in !feed.bodies.contains(body) }
        #expect(Set(feed.bodies).isSubset(of: Set(bodies)) && missing.count <= 6, "\(missing.count) are missing")
        #expect(feed.bodies.last == bodies.last)
    }

    @Test("are found where the capture begins in the middle of a stream")
    func late() throws {
        var feed = SegmentFeed()
        let bodies = (500...540).map { Self.esp($0) }
        let stream = bodies.flatMap(Self.framed)
        for start in stride(from: 30, to: stream.count, by: 700) {
            try feed.add(77_000 + UInt32(start), Array(stream[start..<min(start + 700, stream.count)]))
        }
        #expect(feed.bodies.last == bodies.last && feed.bodies.count >= bodies.count - 13)
        #expect(Set(feed.bodies).isSubset(of: Set(bodies)))
    }

    @Test("end with the connection: what waits behind a gap is looked at when a FIN comes")
    func end() throws {
        var feed = SegmentFeed()
        let stream = Self.prefix + Self.framed(Self.esp(1))
        try feed.add(1, stream)
        let rest = Self.framed(Self.esp(9)) + Self.framed(Self.ike)
        try feed.add(1 + UInt32(stream.count) + 500, rest)
        #expect(feed.bodies == [Self.esp(1)])
        try feed.add(1 + UInt32(stream.count + rest.count) + 500, [], flags: 17)
        #expect(feed.bodies == [Self.esp(1), Self.esp(9), Self.ike])
    }

    @Test("begin anew when the ports are used again")
    func reuse() throws {
        var feed = SegmentFeed()
        for start in [5, 3_000_000_000] as [UInt32] {
            try feed.add(start, [], flags: 2)
            try feed.add(start + 1, Self.stream)
        }
        #expect(feed.bodies == Self.bodies + Self.bodies)
        // A SYN that is sent again changes nothing.
        var again = SegmentFeed()
        try again.add(0, [], flags: 2)
        try again.add(1, Array(Self.stream[..<200]))
        try again.add(0, [], flags: 2)
        try again.add(201, Array(Self.stream[200...]))
        #expect(again.bodies == Self.bodies)
    }

    @Test("are not seen in foreign traffic: HTTP and TLS on port 4500, and the prefix alone elsewhere")
    func foreign() throws {
        let http = Array("GET / HTTP/1.1\r\nHost: example.com\r\n\r\n".utf8)
        let tls = [UInt8](hex: "16030102000100 01fc0303") + [UInt8](repeating: 0x5a, count: 512)
        for bytes in [http, tls, [UInt8](repeating: 0, count: 1400), (0..<1400).map { UInt8(truncatingIfNeeded: $0) }] {
            var feed = SegmentFeed()
            try feed.add(0, [], flags: 2)
            for index in 0..<400 { try feed.add(1 + UInt32(index * bytes.count), bytes) }
            #expect(feed.bodies.isEmpty, "\(bytes.prefix(8))")
        }
        var elsewhere = SegmentFeed(port: 443)
        try elsewhere.add(0, [], flags: 2)
        try elsewhere.add(1, Array("IKETC".utf8))
        try elsewhere.add(6, Array("XYZ".utf8))
        #expect(elsewhere.bodies.isEmpty)
    }

    @Test("of absurd lengths cost no more memory than the streams' bound")
    func bounds() throws {
        var bounds = TCPStreams.Bounds()
        bounds.streams = 8
        bounds.bytes = 1 << 20
        var feed = SegmentFeed(port: 4500, bounds)
        for client in 1...40 {
            try feed.add(0, [], flags: 2, client: client)
            try feed.add(1, Self.prefix + [0xff, 0xff], client: client)
            for index in 0..<30 {
                try feed.add(9 + UInt32(index) * 1400, [UInt8](repeating: 1, count: 1400), client: client)
            }
        }
        #expect(feed.bodies.isEmpty)
        // A stream that began before is not found any more, one that begins now is.
        try feed.add(1, Self.stream, client: 50)
        #expect(feed.bodies == Self.bodies)
    }
}
