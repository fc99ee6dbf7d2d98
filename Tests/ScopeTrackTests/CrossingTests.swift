import AnalysisSupport
import ScopeModel
import Testing

@Suite("Both sides begin at once")
struct CrossingTests {
    /// Frame 3 is the one side's first message, frame 4 the other's; tshark decrypts 14 messages with the lab's tables.
    @Test("two IKE SAs, each with its own initiator, and the second says so")
    func both() throws {
        let run = try Talk(of: "main-mode/both-initiate").analysed()
        let first = try #require(run.messages.first?.sa)
        let second = try #require(run.messages.dropFirst().first?.sa)
        #expect(first.crosses == nil && first.initiator.address == second.responder.address)
        #expect(second.crosses == Crossing(ikeSA: first.id, initiatorSPI: first.initiatorSPI, frame: 3))
        #expect(Set(run.messages.compactMap(\.sa?.id)) == [1, 2])
        #expect(run.messages.filter(\.isProved).count == 14)
        #expect(run.espPackets.count == 6 && run.espPackets.allSatisfy { $0.isVerified })
    }

    @Test("one that begins when the other is through crosses nothing, and one that begins before that does")
    func later() throws {
        let talk = try Talk(of: "main-mode/raw-esp")
        // The same messages the other way round, under another initiator SPI.
        let back = talk.changingPackets { packet in
            guard var message = packet.message else { return }
            (packet.source, packet.destination) = (packet.destination, packet.source)
            message.initiatorSPI ^= 0xff
            packet.message = message
        }
        let hourLater = talk.inserting(back.later(seconds: 3600).frames, behind: talk.frames.count - 1).analysed()
        #expect(Set(hourLater.messages.compactMap(\.sa?.id)).count == 2)
        #expect(hourLater.messages.allSatisfy { $0.sa?.crosses == nil })
        let meanwhile = talk.inserting([try back.frame(.mainMode(1))], behind: try talk.index(of: .mainMode(1)))
        #expect(meanwhile.analysed().messages[1].sa?.crosses?.ikeSA == 1)
    }
}
