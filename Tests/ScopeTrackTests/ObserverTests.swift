import AnalysisSupport
import ScopeDissect
import ScopeModel
import ScopeWire
import Testing

@Suite("An observer copes with what an endpoint never sees")
struct ObserverTests {
    static let steps: [Step] = [
        .v1(.mainMode(1)), .v1(.mainMode(2)), .v1(.mainMode(3)), .v1(.mainMode(4)), .v1(.mainMode(5)),
        .v1(.mainMode(6)), .v1(.quickMode(1)),
        .v1(.quickMode(2)), .v1(.quickMode(3)),
    ]
    /// The same as places of a talk.
    static let places: [Place] = (1...6).map { .mainMode($0) } + (1...3).map { .quickMode($0) }

    private let talk: Talk

    init() throws { talk = try Talk(of: "main-mode/raw-esp") }

    @Test("a whole negotiation is placed message by message")
    func whole() throws {
        let run = talk.analysed()
        #expect(Array(run.messages.map(\.step).prefix(9)) == Self.steps)
        let sa = try #require(run.messages.last?.sa)
        #expect(sa.connectionID == 1001 && sa.isUp && sa.phase1.missed.isEmpty && sa.phase1.position == 6)
        let turns: [Role] = [.initiator, .responder, .initiator, .responder, .initiator, .responder]
        #expect(Array(run.messages.map(\.sender).prefix(6)) == turns)
        #expect(run.messages.dropFirst(4).allSatisfy { $0.isProved })
        #expect(run.messages.allSatisfy { $0.natDiscovery.allSatisfy { $0 == .destination || $0 == .source } })
    }

    @Test("a message that is lost leaves the others in their places", arguments: 0..<9)
    func lost(place: Int) throws {
        let run = try talk.dropping(Self.places[place]).analysed()
        var expected = Self.steps
        expected.remove(at: place)
        // Behind a lost first Quick Mode message, the second is taken for it: nothing in the clear tells them apart.
        if place == 6 { expected[6...] = [.v1(.quickMode(1)), .v1(.quickMode(2))] }
        if place == 7 { expected[7...] = [.v1(.quickMode(1))] }
        #expect(Array(run.messages.map(\.step).prefix(8)) == expected)
        #expect(Set(run.messages.compactMap(\.sa?.id)) == [1])
        #expect(run.messages.last?.sa?.isUp == true)
        if (1..<5).contains(place) { #expect(run.messages[5].sa?.phase1.missed == [place + 1]) }
        // What was lost may keep things closed, and must never open anything wrongly.
        #expect(run.messages.filter(\.isRefuted).map(\.step) == [])
        // The first message is in no key, and the third of Quick Mode is in none either.
        if place == 0 || place == 8 { #expect(run.espPackets.allSatisfy { $0.isVerified }) }
    }

    @Test("a message whose HASH is one bit off is opened and refuted, and what follows it is opened all the same")
    func refuted() throws {
        for (place, step) in zip(Self.places, Self.steps).dropFirst(6) {
            let run = try talk.resealing(place, proof: .wrong).analysed()
            #expect(run.messages.filter(\.isRefuted).map(\.step) == [step])
            #expect(run.messages.dropFirst(4).filter(\.isProved).count == run.messages.count - 5)
        }
    }

    @Test("every message sent again is told so, and disturbs no IV")
    func repeated() throws {
        let plain = talk.analysed()
        let run = talk.crowding { _, made in
            made.packet?.isIKE == true ? [made.later(seconds: 0.5)] : []
        }.analysed()
        #expect(run.messages.count == plain.messages.count * 2 && plain.messages.count > 9)
        for place in stride(from: 0, to: run.messages.count - 1, by: 2) {
            let (first, second) = (run.messages[place], run.messages[place + 1])
            #expect(first.repetition == .first)
            #expect(second.repetition == .retransmission(of: first.frames[0], count: 1))
            #expect(second.step == first.step && second.sender == first.sender)
            #expect(second.isOpened == first.isOpened)
        }
        #expect(run.inner == plain.inner)
        #expect(run.messages.filter { !$0.message.ciphertext.isEmpty }.allSatisfy { $0.isProved })
    }

    @Test("a message that differs from the one before it is none sent again")
    func almostRepeated() throws {
        // The same R-U-THERE but for its number.
        func question(_ number: UInt8) -> Talk.Addition {
            let cookies = [UInt8](repeating: 7, count: 16)
            return Talk.Addition(
                messageID: 0x7172_7300 + UInt32(number),
                payloads: [.notification(36136, protocolID: 1, spi: cookies, data: [0, 0, 0, number])])
        }
        let run = try talk.adding(question(1), behind: .quickMode(3)).adding(question(2), behind: .quickMode(3))
            .analysed()
        #expect(run.messages[9...10].allSatisfy { $0.repetition == .first && $0.isProved })
    }

    @Test("a repeat that comes when later messages have passed still opens as the first did")
    func lateRepeat() throws {
        let run = try talk.repeating(.mainMode(5), after: 0.003, behind: .quickMode(1)).analysed()
        #expect(run.messages[7].step == .v1(.mainMode(5)) && run.messages[7].isOpened)
        #expect(run.messages.filter { !$0.message.ciphertext.isEmpty }.allSatisfy { $0.isProved })
        #expect(run.espPackets.allSatisfy { $0.isVerified })
    }

    @Test("the same packet behind a router is a second sighting, and its retransmission is not")
    func sighting() throws {
        let run = try talk.repeating(.mainMode(1), after: 4.00004) { $0.hopLimit -= 1 }
            .repeating(.mainMode(1), after: 4).repeating(.mainMode(1), after: 0.00004) { $0.hopLimit -= 1 }.analysed()
        let first = run.messages[0].frames[0]
        #expect(
            run.messages.prefix(4).map(\.repetition) == [
                .first, .sighting(of: first), .retransmission(of: first, count: 1), .sighting(of: first),
            ])
    }

    @Test("messages out of order keep their numbers, and the exchange goes on")
    func reordered() throws {
        let run = try talk.swapping(.mainMode(3), .mainMode(4)).analysed()
        #expect(run.messages[2].step == .v1(.mainMode(4)) && run.messages[3].step == .v1(.mainMode(3)))
        #expect(run.messages[3].sa?.phase1.missed == [])
        #expect(run.espPackets.allSatisfy { $0.isVerified })
    }

    @Test("a capture that begins late is followed from there on", arguments: 1..<9)
    func late(first: Int) throws {
        let run = try talk.beginning(with: Self.places[first]).analysed()
        #expect(Set(run.messages.compactMap(\.sa?.id)) == [1])
        // Who began phase 1 shows from its messages; from its last one on, the first to speak is taken for it.
        let senders = run.messages.map(\.source.address)
        let initiator = try #require(IPAddress("192.0.2.10"))
        if first < 5 {
            for (message, source) in zip(run.messages, senders).dropFirst(first == 3 ? 1 : 0) {
                #expect((message.sender == .initiator) == (source == initiator), "\(message.step)")
            }
        }
        #expect(run.accounts.count == 2)
    }

    @Test("a second, different answer to one first message is an SA of its own")
    func secondAnswer() throws {
        let run = try talk.repeating(.mainMode(2), after: 0.001) { packet in
            packet.message?.responderSPI ^= 0x5a5a_5a5a_5a5a_5a5a
        }.analysed()
        #expect(run.messages[2].sa?.id == 2 && run.messages[2].step == .v1(.mainMode(2)))
        #expect(run.messages[2].sa?.offer != nil)
        #expect(run.messages[3].sa?.id == 1)
        #expect(run.espPackets.allSatisfy { $0.isVerified })
    }

    @Test("IKE and ESP are found on ports that a NAT made up on both sides")
    func movedPorts() throws {
        let talk = try Talk(of: "main-mode/psk-aes256")
        let plain = talk.analysed()
        #expect(!plain.inner.isEmpty)
        let run = talk.changingPackets { packet in
            guard let ports = packet.ports else { return }
            func moved(_ port: UInt16) -> UInt16 { port == 4500 ? 62000 : port }
            packet.ports = (moved(ports.source), moved(ports.destination))
        }.analysed()
        #expect(run.inner == plain.inner)
        #expect(run.messages.count == plain.messages.count)
    }

    @Test("UDP that is none of ours stays out of it, and on the ports of IKE the same packets do not")
    func foreign() throws {
        // Both ports of all UDP are DNS's.
        var talk = try Talk(of: "main-mode/psk-aes256").changingPackets { packet in
            if packet.ports != nil { packet.ports = (53, 53) }
        }
        let whole = talk.frames
        // With no SPI known, nothing may be taken for IKE's middle or for ESP.
        talk.frames.removeFirst(talk.frames.count / 2)
        let run = talk.analysed()
        #expect(run.messages.isEmpty && run.espPackets.isEmpty)
        // One step away: the same half on its own ports.
        talk = try Talk(of: "main-mode/psk-aes256")
        talk.frames.removeFirst(whole.count / 2)
        let known = talk.analysed()
        #expect(!known.messages.isEmpty && !known.espPackets.isEmpty)
    }
}
