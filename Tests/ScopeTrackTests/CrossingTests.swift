import AnalysisSupport
import ScopeCrypto
import ScopeModel
import ScopeWire
import TestSupport
import Testing

@Suite("Both sides begin at once")
struct CrossingTests {
    /// Frame 3 is the one side's first message, frame 4 the other's; tshark decrypts 14 messages with the lab's tables.
    @Test("two IKE SAs, each with its own initiator, and the second says so")
    func both() throws {
        let base = Shared.root + "/captures/main-mode/both-initiate"
        let run = try Analysis.of(base + ".pcap", keys: [try KeyFile.load(base + ".keys.json")])
        let first = try #require(run.messages.first?.sa)
        let second = try #require(run.messages.dropFirst().first?.sa)
        #expect(first.crosses == nil && first.initiator.address == second.responder.address)
        #expect(second.crosses == Crossing(ikeSA: first.id, initiatorSPI: first.initiatorSPI, frame: 3))
        #expect(Set(run.messages.compactMap(\.sa?.id)) == [1, 2])
        #expect(run.messages.filter(\.isProved).count == 14)
        #expect(run.espPackets.count == 6 && run.espPackets.allSatisfy { $0.isVerified })
    }

    @Test("one that begins when the other is through crosses nothing")
    func later() throws {
        guard var dialogue = try Dialogue("51a-raw-esp-main") else { return }
        // The same packets the other way round, under another initiator SPI, an hour later.
        let back = dialogue.frames.map { made in
            var made = made
            made.frame.time = Instant(nanoseconds: made.frame.time.nanoseconds + 3_600_000_000_000)
            guard Dialogue.isIKE(made.bytes) else { return made }
            made.bytes.swap(26..<30, 30..<34)
            made.bytes[42] ^= 0xff
            return made
        }
        dialogue.frames += back
        let run = dialogue.play()
        #expect(Set(run.messages.compactMap(\.sa?.id)).count == 2)
        #expect(run.messages.allSatisfy { $0.sa?.crosses == nil })
    }
}

extension [UInt8] {
    fileprivate mutating func swap(_ a: Range<Int>, _ b: Range<Int>) {
        for (i, j) in zip(a, b) { swapAt(i, j) }
    }
}
