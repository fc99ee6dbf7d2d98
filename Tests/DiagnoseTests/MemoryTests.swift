import AnalysisSupport
import ScopeDiagnose
import ScopeModel
import ScopeWire
import TestSupport
import Testing

/// What the diagnosis holds is bounded in bytes; who has to go is judged first.
@Suite("A diagnosis keeps to its memory, and says what it did without")
struct MemoryTests {
    /// Message 1 of a negotiation of its own, from an address of its own or from the same one.
    private static func stranger(_ frame: Analysis.MadeFrame, _ number: Int, sameAddress: Bool = false)
        -> Analysis.MadeFrame
    {
        frame.changing { packet in
            if !sameAddress { packet.source = Packets.u32(0x0a00_0000 + number) }
            packet.message?.initiatorSPI ^= UInt64(number) << 32
        }
    }

    static func limits(bytes: Int) -> Limits {
        var limits = Limits()
        limits.diagnosisBytes = bytes
        return limits
    }

    /// The tunnel of a capture that ships, with so many half-open negotiations behind frame `place`.
    static func flooded(behind place: Int, by strangers: Int = 3000) throws -> [Analysis.MadeFrame] {
        let talk = try Talk(of: "main-mode/raw-esp")
        let (frames, first) = (talk.frames, try talk.frame(.mainMode(1)))
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

    @Test("half-open negotiations of IKEv2 are bounded as those of IKEv1 are, and told as one")
    func floodOfIKEv2() throws {
        let frames = try Analysis.frames(ShippedTests.base("ikev2/psk") + ".pcap")
        let ike = frames.indices.filter { frames[$0].packet?.isIKE ?? false }
        let first = frames[try #require(ike.first)]
        let strangers = (1...3000).map { number in
            first.changing { packet in
                packet.source = Packets.u32(0x0a00_0000 + number)
                guard var message = packet.ike else { return }
                message.replaceSubrange(0..<4, with: Packets.u32(number))
                packet.ike = message
            }
        }
        let found = Found(
            playing: frames[...ike[1]] + strangers + frames[(ike[1] + 1)...], limits: Self.limits(bytes: 400_000))
        #expect(found.peers.count == 3001)
        let row = try #require(found.peers.first { $0.initiator == IPAddress(v4: 0xc000_020a) })
        #expect(row.reached == "child" && row.severity ?? .note <= .warning)
        #expect(found.first(.capTooLarge) != nil && found.first(.halfOpenFlood) != nil)
    }

    @Test("IKE SAs that had to be forgotten are counted")
    func forgotten() throws {
        var limits = Limits()
        limits.ikeSAs = 100
        let told = try #require(
            try Found(playing: Self.flooded(behind: 0, by: 300), limits: limits).first(.capTooLarge))
        #expect(told.evidence.contains { $0.contains(" IKE SAs were not kept to the end") }, "\(told.evidence)")
        limits.ikeSAs = 400
        #expect(try Found(playing: Self.flooded(behind: 0, by: 300), limits: limits).first(.capTooLarge) == nil)
    }

    @Test("what has room is judged at the end, and nothing is said")
    func room() throws {
        let found = try Found(playing: Self.flooded(behind: 0))
        #expect(found.first(.capTooLarge) == nil && found.peers.count == 3001)
    }

    @Test("of one kind of finding so many are listed, and the others are counted with the last")
    func kinds() throws {
        let talk = try Talk(of: "main-mode/raw-esp")
        let made = try (1...100).map { number -> Analysis.MadeFrame in
            let clock = MadeMessage.Payload.checkPoint(seconds: UInt32(number * 100 * 86_400))
            let changed = try talk.changing(.mainMode(1)) { message in
                message.payloads.removeAll { $0.type != .association }
                message.payloads.append(clock)
            }
            // A millisecond apart: a capture without a clock says nothing of theirs.
            return Self.stranger(try changed.frame(.mainMode(1)), number, sameAddress: true)
                .later(nanoseconds: Int64(number) * 1_000_000)
        }
        let skewed = Found(playing: made).findings.filter { $0.id == .clockSkew }
        #expect(skewed.count == 32)
        #expect(skewed.last?.evidence.last == "and 68 more of this kind, not listed one by one")
        #expect(skewed.dropLast().allSatisfy { $0.evidence.count == 2 })
    }
}
