import AnalysisSupport
import ScopeDiagnose
import ScopeModel
import ScopeWire
import TestSupport
import Testing

/// What the diagnosis holds is bounded in bytes; who has to go is judged first.
@Suite("A diagnosis keeps to its memory, and says what it did without")
struct MemoryTests {
    /// Message 1 of a negotiation from an address of its own: Ethernet, IPv4, UDP 500.
    private static func stranger(_ frame: Analysis.MadeFrame, _ number: Int, sameAddress: Bool = false)
        -> Analysis.MadeFrame
    {
        var made = frame
        for (offset, shift) in [(26, 24), (27, 16), (28, 8), (29, 0)] where !sameAddress {
            made.bytes[offset] = UInt8(truncatingIfNeeded: (0x0a00_0000 + number) >> shift)
        }
        for index in 0..<4 { made.bytes[42 + index] = UInt8(truncatingIfNeeded: number >> (8 * index)) }
        return made
    }

    static func limits(bytes: Int) -> Limits {
        var limits = Limits()
        limits.diagnosisBytes = bytes
        return limits
    }

    /// The tunnel of a capture that ships, with so many half-open negotiations behind frame `place`.
    static func flooded(behind place: Int, by strangers: Int = 3000) throws -> [Analysis.MadeFrame] {
        let frames = try Analysis.frames(ShippedTests.base("main-mode/raw-esp") + ".pcap")
        let first = try #require(frames.first { $0.bytes.count > 60 && $0.bytes[23] == 17 })
        return frames[..<place] + (1...strangers).map { stranger(first, $0) } + frames[place...]
    }

    @Test("a tunnel is judged as without the flood around it, whenever that comes", arguments: [0, 8, 16, 24])
    func flood(place: Int) throws {
        let alone = try Found(playing: Analysis.frames(ShippedTests.base("main-mode/raw-esp") + ".pcap"))
        let own = try #require(alone.peers.first)
        let found = try Found(playing: Self.flooded(behind: place), limits: Self.limits(bytes: 200_000))
        #expect(found.peers.count == 3001)
        let row = try #require(found.peers.first { $0.initiator == own.initiator })
        #expect((row.attempts, row.sent, row.received) == (own.attempts, own.sent, own.received))
        #expect(row.severity ?? .note <= .warning)
        // Whose negotiation was judged early has not come without one.
        #expect(found.ids.isDisjoint(with: [.espNoIKE, .capLateStart]))
        let told = try #require(found.first(.capTooLarge))
        #expect(told.evidence.contains { $0.contains("judged before the end of the capture") })
        #expect(try #require(found.first(.halfOpenFlood)).summary.contains("from 3000 sources"))
    }

    @Test("what has room is judged at the end, and nothing is said")
    func room() throws {
        let found = try Found(playing: Self.flooded(behind: 0))
        #expect(found.first(.capTooLarge) == nil && found.peers.count == 3001)
    }

    @Test("of one kind of finding so many are listed, and the others are counted with the last")
    func kinds() throws {
        let frames = try Analysis.frames(ShippedTests.base("main-mode/raw-esp") + ".pcap")
        var first = try #require(frames.first { $0.bytes.count > 60 && $0.bytes[23] == 17 })
        // Ethernet, IP, UDP and ISAKMP header; the SA payload behind it is the first.
        let length = Int(first.bytes[72]) << 8 | Int(first.bytes[73])
        let association = Array(first.bytes[70..<(70 + length)])
        let head = Array(first.bytes[..<70])
        let made = (1...100).map { number -> Analysis.MadeFrame in
            let seconds = number * 100 * 86_400
            let clock: [UInt8] = (0..<4).map { UInt8(truncatingIfNeeded: seconds >> (24 - 8 * $0)) }
            let vendor: [UInt8] =
                [0xf4, 0xed, 0x19, 0xe0, 0xc1, 0x14, 0xeb, 0x51, 0x6f, 0xaa, 0xac, 0x0e, 0xe3, 0x7d, 0xaf, 0x28]
                + [0x07, 0xb4, 0x38, 0x1f, 0, 0, 0, 1, 0, 0, 0x13, 0x8d] + clock + [0, 0, 0, 0, 0, 0, 0, 0]
            var bytes = head + [13] + association.dropFirst() + [0, 0, 0, UInt8(vendor.count + 4)] + vendor
            bytes[58] = 1
            for (offset, value) in [(16, bytes.count - 14), (38, bytes.count - 34), (68, bytes.count - 42)] {
                bytes[offset] = UInt8(value >> 8)
                bytes[offset + 1] = UInt8(value & 255)
            }
            first.bytes = bytes
            first.frame.capturedLength = bytes.count
            first.frame.originalLength = bytes.count
            return Self.stranger(first, number, sameAddress: true)
        }
        let skewed = Found(playing: made).findings.filter { $0.id == .clockSkew }
        #expect(skewed.count == 32)
        #expect(skewed.last?.evidence.last == "and 68 more of this kind, not listed one by one")
        #expect(skewed.dropLast().allSatisfy { $0.evidence.count == 2 })
    }
}
