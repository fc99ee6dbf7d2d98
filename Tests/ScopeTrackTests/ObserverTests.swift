import AnalysisSupport
import ScopeDissect
import ScopeModel
import ScopeWire
import Testing

@Suite("An observer copes with what an endpoint never sees")
struct ObserverTests {
    static let steps: [ExchangeStep] = [
        .mainMode(1), .mainMode(2), .mainMode(3), .mainMode(4), .mainMode(5), .mainMode(6), .quickMode(1),
        .quickMode(2), .quickMode(3),
    ]

    @Test("a whole negotiation is placed message by message")
    func whole() throws {
        guard let dialogue = try Dialogue("51a-raw-esp-main") else { return }
        let run = dialogue.play()
        #expect(Array(run.messages.map(\.step).prefix(9)) == Self.steps)
        let sa = try #require(run.messages.last?.sa)
        #expect(sa.connectionID == 1001 && sa.isEstablished && sa.missed.isEmpty && sa.position == 6)
        let turns: [Role] = [.initiator, .responder, .initiator, .responder, .initiator, .responder]
        #expect(Array(run.messages.map(\.sender).prefix(6)) == turns)
        #expect(run.messages.dropFirst(4).allSatisfy { $0.isProved })
        #expect(run.messages.allSatisfy { $0.natDiscovery.allSatisfy { $0 == .destination || $0 == .source } })
    }

    @Test("a message that is lost leaves the others in their places", arguments: 0..<9)
    func lost(place: Int) throws {
        guard var dialogue = try Dialogue("51a-raw-esp-main") else { return }
        dialogue.frames.remove(at: dialogue.ike[place])
        let run = dialogue.play()
        var expected = Self.steps
        expected.remove(at: place)
        // Behind a lost first Quick Mode message, the second is taken for it: nothing in the clear tells them apart.
        if place == 6 { expected[6...] = [.quickMode(1), .quickMode(2)] }
        if place == 7 { expected[7...] = [.quickMode(1)] }
        #expect(Array(run.messages.map(\.step).prefix(8)) == expected)
        #expect(Set(run.messages.compactMap(\.sa?.id)) == [1])
        #expect(run.messages.last?.sa?.isEstablished == true)
        if (1..<5).contains(place) { #expect(run.messages[5].sa?.missed == [place + 1]) }
        // What was lost may keep things closed, and must never open anything wrongly.
        for message in run.messages {
            if case .opened(_, _, .failed(let name)) = message.opening { Issue.record("\(message.step): \(name)") }
        }
        // The first message is in no key, and the third of Quick Mode is in none either.
        if place == 0 || place == 8 { #expect(run.espPackets.allSatisfy { $0.isVerified }) }
    }

    @Test("every message sent again is told so, and disturbs no IV")
    func repeated() throws {
        guard var dialogue = try Dialogue("51a-raw-esp-main") else { return }
        let plain = dialogue.play()
        for place in dialogue.ike.reversed() {
            dialogue.frames.insert(dialogue.copy(of: place, after: 500_000_000), at: place + 1)
        }
        let run = dialogue.play()
        #expect(run.messages.count == plain.messages.count * 2)
        for (first, second) in zip(run.messages, run.messages.dropFirst()).enumerated().filter({ $0.offset % 2 == 0 })
            .map(\.element)
        {
            #expect(first.repetition == .first)
            #expect(second.repetition == .retransmission(of: first.frames[0], count: 1))
            #expect(second.step == first.step && second.sender == first.sender)
            #expect(second.isOpened == first.isOpened)
        }
        #expect(run.inner == plain.inner)
        #expect(run.messages.filter { !$0.message.ciphertext.isEmpty }.allSatisfy { $0.isProved })
    }

    @Test("a repeat that comes when later messages have passed still opens as the first did")
    func lateRepeat() throws {
        guard var dialogue = try Dialogue("51a-raw-esp-main") else { return }
        let places = dialogue.ike
        dialogue.frames.insert(dialogue.copy(of: places[4], after: 3_000_000), at: places[6] + 1)
        let run = dialogue.play()
        #expect(run.messages[7].step == .mainMode(5) && run.messages[7].isOpened)
        #expect(run.messages.filter { !$0.message.ciphertext.isEmpty }.allSatisfy { $0.isProved })
        #expect(run.espPackets.allSatisfy { $0.isVerified })
    }

    @Test("the same packet behind a router is a second sighting, and its retransmission is not")
    func sighting() throws {
        guard var dialogue = try Dialogue("51a-raw-esp-main") else { return }
        let place = dialogue.ike[0]
        var behind = dialogue.copy(of: place, after: 40_000)
        behind.bytes[22] -= 1
        var again = dialogue.copy(of: place, after: 4_000_000_000)
        again.frame.interface = dialogue.frames[place].frame.interface
        var againBehind = dialogue.copy(of: place, after: 4_000_040_000)
        againBehind.bytes[22] -= 1
        dialogue.frames.insert(contentsOf: [behind, again, againBehind], at: place + 1)
        let run = dialogue.play()
        let first = run.messages[0].frames[0]
        #expect(
            run.messages.prefix(4).map(\.repetition) == [
                .first, .sighting(of: first), .retransmission(of: first, count: 1), .sighting(of: first),
            ])
    }

    @Test("messages out of order keep their numbers, and the exchange goes on")
    func reordered() throws {
        guard var dialogue = try Dialogue("51a-raw-esp-main") else { return }
        let places = dialogue.ike
        dialogue.frames.swapAt(places[2], places[3])
        let run = dialogue.play()
        #expect(run.messages[2].step == .mainMode(4) && run.messages[3].step == .mainMode(3))
        #expect(run.messages[3].sa?.missed == [])
        #expect(run.espPackets.allSatisfy { $0.isVerified })
    }

    @Test("a capture that begins late is followed from there on", arguments: 1..<9)
    func late(first: Int) throws {
        guard var dialogue = try Dialogue("51a-raw-esp-main") else { return }
        dialogue.frames.removeFirst(dialogue.ike[first])
        let run = dialogue.play()
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
        guard var dialogue = try Dialogue("51a-raw-esp-main") else { return }
        let place = dialogue.ike[1]
        var other = dialogue.copy(of: place, after: 1_000_000)
        for index in 50..<58 { other.bytes[index] ^= 0x5a }
        dialogue.frames.insert(other, at: place + 1)
        let run = dialogue.play()
        #expect(run.messages[2].sa?.id == 2 && run.messages[2].step == .mainMode(2))
        #expect(run.messages[2].sa?.offer != nil)
        #expect(run.messages[3].sa?.id == 1)
        #expect(run.espPackets.allSatisfy { $0.isVerified })
    }

    @Test("IKE and ESP are found on ports that a NAT made up on both sides")
    func movedPorts() throws {
        guard var dialogue = try Dialogue("02a-main-psk-aes256") else { return }
        let plain = dialogue.play()
        #expect(!plain.inner.isEmpty)
        dialogue.changeBytes { bytes in
            guard Dialogue.isUDP(bytes) else { return }
            for index in [34, 36] where Dialogue.port(bytes, at: index) == 4500 {
                (bytes[index], bytes[index + 1]) = (0xf2, 0x30)
            }
        }
        let run = dialogue.play()
        #expect(run.inner == plain.inner)
        #expect(run.messages.count == plain.messages.count)
    }

    @Test("UDP that is none of ours stays out of it")
    func foreign() throws {
        guard var dialogue = try Dialogue("02a-main-psk-aes256") else { return }
        dialogue.changeBytes { bytes in
            guard Dialogue.isUDP(bytes) else { return }
            // Both ports of all UDP are DNS's: with no SPI known, nothing may be taken for IKE's middle or for ESP.
            for index in [34, 36] { (bytes[index], bytes[index + 1]) = (0, 53) }
        }
        dialogue.frames.removeFirst(dialogue.frames.count / 2)
        let run = dialogue.play()
        #expect(run.messages.isEmpty && run.espPackets.isEmpty)
    }
}
