import ScopeDissect
import ScopeModel
import Testing

@Suite("What the follower of IKEv2 makes of messages of RFC 7296")
struct IKEv2FollowerTests {
    private typealias Body = IKEv2Play.Body

    @Test("four messages make an IKE SA and its first child")
    func initialExchanges() throws {
        let play = IKEv2Play()
        play.up()
        #expect(
            play.messages.map(\.v2?.purpose) == [
                .initial(attempt: 1), .initial(attempt: 1), .authentication, .authentication,
            ])
        #expect(play.messages.map(\.v2?.request) == [nil, 1, nil, 3])
        let last = try #require(play.messages.last)
        #expect(last.sa?.isUp == true)
        #expect(last.sa?.initiatorIdentity?.identity == .fqdn("left"))
        #expect(last.sa?.responderIdentity?.identity == .fqdn("right"))
        #expect(last.proof == .verified(.authentication(.responder)))
        let pair = try #require(play.pairs.first)
        #expect(play.pairs.count == 1)
        #expect((pair.spiToInitiator, pair.spiToResponder) == (0xc000_0001, 0xc000_0002))
        #expect(pair.negotiation.initiatedBy == .initiator && pair.suite.encapsulation == .tunnel)
        // What the keys follow from (sections 2.14 and 2.15).
        let facts = try #require(play.opener()?.facts)
        #expect(facts.initiatorNonce == [UInt8](repeating: 2, count: 32))
        #expect(facts.responderNonce == [UInt8](repeating: 4, count: 32))
        #expect(facts.keyExchanges.map(\.group) == [.curve25519])
        #expect(facts.keyExchanges.first?.responderValue == [UInt8](repeating: 3, count: 32))
        #expect(facts.initiatorFirst == play.messages[0].message.bytes)
        #expect(facts.responderFirst == play.messages[1].message.bytes)
    }

    @Test("the request with the cookie is the one that AUTH covers, and a refusal is no answer")
    func cookie() throws {
        let play = IKEv2Play()
        let offer: [Body] = [.sa(protocolID: 1, group: 31), .ke(31, 1), .nonce(2)]
        play.initial(offer)
        play.initial(response: true, responderSPI: 0, [.notify(16390, [1, 2, 3])])
        play.initial([.notify(16390, [1, 2, 3])] + offer)
        // A responder may put an SPI of its own into a refusal (section 2.6).
        play.initial(response: true, responderSPI: 0x3333, [.notify(17, [0, 14])])
        let other: [Body] = [.notify(16390, [1, 2, 3]), .sa(protocolID: 1, group: 14), .ke(14, 5), .nonce(2)]
        play.initial(other)
        play.initial(response: true, [.sa(protocolID: 1, group: 14), .ke(14, 6), .nonce(4)])
        play.sealed(35, id: 1, [.auth])
        #expect(Set(play.messages.compactMap(\.sa?.id)) == [1])
        #expect(play.messages.compactMap(\.v2?.request) == [1, 3, 5])
        let facts = try #require(play.opener()?.facts)
        #expect(facts.initiatorFirst == play.messages[4].message.bytes)
        #expect(facts.keyExchanges.map(\.group) == [.modp2048])
        #expect(facts.responderSPI == play.responderSPI)
    }

    @Test("with EAP the SA is up when the last AUTH is answered, and the child is that of the first request")
    func eap() throws {
        let play = IKEv2Play()
        play.initial([.sa(protocolID: 1, group: 31), .ke(31, 1), .nonce(2)])
        play.initial(response: true, [.sa(protocolID: 1, group: 31), .ke(31, 3), .nonce(4)])
        play.sealed(
            35, id: 1,
            [.id(initiator: true, "user"), .sa(protocolID: 3, spi: [1, 2, 3, 4])]
                + [.ts(initiator: true, 1), .ts(initiator: false, 2)])
        play.sealed(35, id: 1, byInitiator: false, response: true, [.id(initiator: false, "gw"), .auth, .eap(1)])
        #expect(play.messages.last?.sa?.isUp == false)
        play.sealed(35, id: 2, [.eap(2)])
        play.sealed(35, id: 2, byInitiator: false, response: true, [.eap(3)])
        play.sealed(35, id: 3, [.auth])
        #expect(play.messages.last?.sa?.isUp == false && play.pairs.isEmpty)
        play.sealed(
            35, id: 3, byInitiator: false, response: true,
            [.auth, .sa(protocolID: 3, spi: [5, 6, 7, 8]), .ts(initiator: true, 1), .ts(initiator: false, 2)])
        #expect(play.messages.last?.sa?.isUp == true)
        #expect(play.pairs.map(\.spiToInitiator) == [0x0102_0304])
    }

    @Test("either side replaces a child, and answers come in any order")
    func children() throws {
        let play = IKEv2Play()
        play.up()
        // Both have a request with ID 0 or 2 under way at once (section 2.3).
        play.sealed(
            36, id: 0, byInitiator: false,
            [
                .notify(16393, protocolID: 3, spi: [0xc0, 0, 0, 2]),
                .sa(protocolID: 3, spi: [0xd0, 0, 0, 2], group: 31),
            ]
                + [.nonce(7), .ke(31, 8), .ts(initiator: true, 2), .ts(initiator: false, 1)])
        play.sealed(
            36, id: 2,
            [.sa(protocolID: 3, spi: [0xe0, 0, 0, 1]), .nonce(9), .ts(initiator: true, 3), .ts(initiator: false, 4)])
        play.sealed(
            36, id: 2, byInitiator: false, response: true,
            [.sa(protocolID: 3, spi: [0xe0, 0, 0, 2]), .nonce(10), .ts(initiator: true, 3), .ts(initiator: false, 4)])
        play.sealed(
            36, id: 0, response: true,
            [.sa(protocolID: 3, spi: [0xd0, 0, 0, 1], group: 31), .nonce(11), .ke(31, 12)]
                + [.ts(initiator: true, 2), .ts(initiator: false, 1)])
        #expect(play.messages.suffix(4).map(\.v2?.request) == [nil, nil, 6, 5])
        let old = RekeyedSA(protocolID: .esp, spi: 0xc000_0002)
        #expect(play.messages.suffix(4).map(\.v2?.purpose) == [.rekeyedChild(old), .child, .child, .rekeyedChild(old)])
        let made = try #require(play.opener()?.children)
        #expect(made.map(\.initiatedBy) == [.initiator, .initiator, .responder])
        let rekeyed = try #require(made.last)
        #expect(rekeyed.initiatorNonce?.first == 7 && rekeyed.responderNonce?.first == 11)
        #expect(rekeyed.initiatorKE?.first == 8 && rekeyed.responderKE?.first == 12)
        let pair = try #require(play.pairs.last)
        #expect((pair.spiToInitiator, pair.spiToResponder) == (0xd000_0002, 0xd000_0001))
        #expect(pair.negotiation.v2?.rekeys == old)
    }

    @Test("a rekeyed IKE SA is followed under its new SPIs, whose initiator is who asked for it")
    func successor() throws {
        let play = IKEv2Play()
        play.up()
        let old = try #require(play.messages.last?.sa)
        let (asked, answered): ([UInt8], [UInt8]) = ([0xa1, 0, 0, 0, 0, 0, 0, 1], [0xb1, 0, 0, 0, 0, 0, 0, 2])
        play.sealed(
            36, id: 0, byInitiator: false, [.sa(protocolID: 1, spi: asked, group: 31), .nonce(7), .ke(31, 8)])
        play.sealed(
            36, id: 0, response: true, [.sa(protocolID: 1, spi: answered, group: 31), .nonce(9), .ke(31, 10)])
        #expect(play.messages.last?.v2?.purpose == .rekeyedIKE)
        let new = try #require(play.messages.last?.v2?.successor)
        #expect(new.replaces == old.id && new.isUp)
        #expect(new.initiator == old.responder && new.responder == old.initiator)
        let facts = try #require(play.opener(0xa100_0000_0000_0001)?.facts)
        #expect(facts.origin == .rekeying && facts.responderSPI == 0xb100_0000_0000_0002)
        #expect(facts.initiatorNonce?.first == 7 && facts.responderNonce?.first == 9)
        #expect(facts.keyExchanges.first?.responderValue?.first == 10)
        // The old SA goes; the new one's first message is its responder's.
        play.sealed(37, id: 1, byInitiator: false, [.delete(protocolID: 1)])
        #expect(play.messages.last?.v2?.purpose == .deletedIKE)
        play.initiatorSPI = 0xa100_0000_0000_0001
        play.responderSPI = 0xb100_0000_0000_0002
        play.addresses = (initiator: play.addresses.responder, responder: play.addresses.initiator)
        play.sealed(37, id: 0, byInitiator: false, [])
        let last = try #require(play.messages.last)
        #expect(last.sa?.id == new.id && last.sender == .responder && last.v2?.purpose == .liveness)
        #expect(Set(play.messages.compactMap(\.sa?.id)) == [old.id, new.id])
    }

    @Test("a PPK that CREATE_CHILD_SA takes is told of the child and of the next IKE SA (RFC 9867 section 3.2)")
    func createdWithPPK() throws {
        let play = IKEv2Play()
        play.up()
        let traffic: [IKEv2Play.Body] = [.ts(initiator: true, 3), .ts(initiator: false, 4)]
        let taken = IKEv2Play.Body.notify(16436, [2] + Array("qkd-2".utf8))
        let offered = IKEv2Play.Body.notify(16446, [2] + Array("qkd-2".utf8) + [1, 2, 3, 4, 5, 6, 7, 8])
        play.sealed(36, id: 2, [.sa(protocolID: 3, spi: [0xe0, 0, 0, 1]), .nonce(9)] + traffic + [offered])
        play.sealed(
            36, id: 2, byInitiator: false, response: true,
            [.sa(protocolID: 3, spi: [0xe0, 0, 0, 2]), .nonce(10)] + traffic + [taken])
        #expect(play.opener()?.children.map { $0.v2?.mixesPPK } == [false, true])
        let (asked, answered): ([UInt8], [UInt8]) = ([0xa1, 0, 0, 0, 0, 0, 0, 1], [0xb1, 0, 0, 0, 0, 0, 0, 2])
        play.sealed(36, id: 3, [.sa(protocolID: 1, spi: asked, group: 31), .nonce(7), .ke(31, 8), offered])
        play.sealed(
            36, id: 3, byInitiator: false, response: true,
            [.sa(protocolID: 1, spi: answered, group: 31), .nonce(9), .ke(31, 10), taken])
        #expect(play.opener(0xa100_0000_0000_0001)?.facts.mixesPPK == true)
    }

    @Test("more key exchanges before AUTH, and behind CREATE_CHILD_SA, are told in their order")
    func moreExchanges() throws {
        let play = IKEv2Play()
        play.initial([.sa(protocolID: 1, group: 31), .ke(31, 1), .nonce(2)])
        play.initial(response: true, [.sa(protocolID: 1, group: 31), .ke(31, 3), .nonce(4)])
        play.sealed(43, id: 1, [.ke(36, 5)])
        play.sealed(43, id: 1, byInitiator: false, response: true, [.ke(36, 6)])
        play.sealed(43, id: 2, [.ke(36, 7)])
        play.sealed(43, id: 2, byInitiator: false, response: true, [.ke(36, 8)])
        let facts = try #require(play.opener()?.facts)
        #expect(facts.keyExchanges.map { $0.initiatorValue?.first } == [1, 5, 7])
        #expect(facts.keyExchanges.map { $0.responderValue?.first } == [3, 6, 8])
        #expect(facts.keyExchanges.map(\.group.rawValue) == [31, 36, 36])
        // RFC 9370 section 2.2.4: the answer names a link, which the next request carries.
        play.sealed(
            36, id: 3,
            [.sa(protocolID: 3, spi: [1, 1, 1, 1]), .nonce(9), .ke(31, 10), .ts(initiator: true, 1)]
                + [.ts(initiator: false, 2)])
        play.sealed(
            36, id: 3, byInitiator: false, response: true,
            [.sa(protocolID: 3, spi: [2, 2, 2, 2]), .nonce(11), .ke(31, 12), .ts(initiator: true, 1)]
                + [.ts(initiator: false, 2), .notify(16441, [0x77])])
        #expect(play.pairs.isEmpty)
        play.sealed(44, id: 4, [.ke(36, 13), .notify(16441, [0x77])])
        play.sealed(44, id: 4, byInitiator: false, response: true, [.ke(36, 14), .notify(16441, [0x78])])
        #expect(play.pairs.isEmpty)
        play.sealed(44, id: 5, [.ke(36, 15), .notify(16441, [0x78])])
        play.sealed(44, id: 5, byInitiator: false, response: true, [.ke(36, 16)])
        #expect(play.pairs.map(\.spiToResponder) == [0x0202_0202])
        let made = try #require(play.opener()?.children.last)
        #expect(made.initiatorNonce?.first == 9 && made.responderKE?.first == 12)
        #expect(made.additionalExchanges.map { $0.initiatorValue?.first } == [13, 15])
        #expect(made.additionalExchanges.map { $0.responderValue?.first } == [14, 16])
    }

    @Test("pieces come in any order and twice, and a set that is cut anew counts alone")
    func pieces() throws {
        let play = IKEv2Play()
        play.up()
        let bodies: [Body] = [.notify(16384), .notify(40960, [UInt8](repeating: 1, count: 60))]
        let plaintext = IKEv2Play.chain(bodies)
        let cuts = [plaintext[..<20], plaintext[20..<40], plaintext[40...]].map { Array($0) }
        let before = play.messages.count
        play.piece(37, id: 2, number: 3, of: 3, first: 41, cuts[2])
        play.piece(37, id: 2, number: 1, of: 3, first: 41, cuts[0])
        play.piece(37, id: 2, number: 1, of: 3, first: 41, cuts[0])
        #expect(play.messages.count == before)
        play.piece(37, id: 2, number: 2, of: 3, first: 41, cuts[1])
        let whole = try #require(play.messages.last)
        #expect(play.messages.count == before + 1 && whole.ikeFragments == 3)
        #expect(whole.frames == [6, 8, 5])
        #expect(whole.readable?.bytes == plaintext && whole.readable?.payloads.count == 2)
        // Of a set of four nothing is left when five are sent (RFC 7383 section 2.5.2).
        play.piece(37, id: 3, number: 1, of: 4, first: 41, cuts[0])
        play.piece(37, id: 3, number: 1, of: 5, first: 41, cuts[0])
        for number in 2...5 {
            play.piece(
                37, id: 3, number: UInt16(number), of: 5, first: 41, number == 2 ? cuts[1] : number == 5 ? cuts[2] : [])
        }
        #expect(play.messages.last?.ikeFragments == 5 && play.messages.last?.readable?.bytes == plaintext)
        play.piece(37, id: 4, number: 1, of: 2, first: 41, cuts[0])
        play.finish()
        let told = play.events.compactMap {
            if case .reassembly(.incomplete(_, let missing)) = $0.kind { missing } else { nil }
        }
        #expect(told == ["IKE fragment 2 of message 4"])
    }

    @Test("with MOBIKE the SA moves where UPDATE_SA_ADDRESSES comes from, without it where its last message does")
    func moves() throws {
        for hasMOBIKE in [true, false] {
            let play = IKEv2Play()
            play.up(mobike: hasMOBIKE)
            let home = try #require(play.messages.last?.sa?.initiator)
            play.addresses.initiator = [192, 0, 2, 77]
            play.sealed(37, id: 2, [])
            #expect((play.messages.last?.sa?.initiator == home) == hasMOBIKE)
            play.sealed(37, id: 3, [.notify(16400)])
            #expect(play.messages.last?.v2?.purpose == .addresses)
            #expect("\(play.messages.last?.sa?.initiator.address ?? home.address)" == "192.0.2.77")
        }
    }

    @Test("what no key opens moves no SA that is open, and is no request")
    func strangers() throws {
        let play = IKEv2Play()
        play.up()
        let home = try #require(play.messages.last?.sa)
        play.addresses.initiator = [203, 0, 113, 9]
        play.sealed(36, id: 2, byInitiator: true, response: false, first: 33, [ClearUnsealer.broken, 0, 0, 0])
        #expect(play.messages.last?.sa?.initiator == home.initiator)
        #expect(play.messages.last?.v2 == nil)
        play.addresses.initiator = [192, 0, 2, 1]
        play.sealed(37, id: 2, byInitiator: false, response: true, [])
        #expect(play.messages.last?.v2?.request == nil)
    }

    @Test("a message says where it is not what its exchange allows")
    func breaches() throws {
        let play = IKEv2Play()
        play.initial([.sa(protocolID: 1, group: 31), .nonce(2), .nonce(3)])
        #expect(
            play.messages.last?.v2?.breaches == [
                MessageBreach(.keyExchangeV2, .missing), MessageBreach(.nonceV2, .tooMany(2)),
            ])
        play.initial(response: true, [.notify(14)])
        #expect(play.messages.last?.v2?.breaches == [])
        play.up()
        #expect(play.messages.last?.v2?.breaches == [])
    }

    @Test("half-open SAs push each other out, and not the one that is open")
    func flood() throws {
        var limits = Limits()
        limits.ikeSAs = 64
        let play = IKEv2Play(limits: limits)
        play.up()
        let real = (play.initiatorSPI, play.addresses.initiator)
        for number in 1...1000 {
            play.initiatorSPI = 0x5000_0000_0000_0000 + UInt64(number)
            play.addresses.initiator = [10, 0, UInt8(number >> 8), UInt8(number & 255)]
            play.initial([.sa(protocolID: 1, group: 31), .ke(31, 1), .nonce(2)])
        }
        (play.initiatorSPI, play.addresses.initiator) = real
        play.sealed(37, id: 2, [])
        #expect(play.messages.last?.sa?.id == 1 && play.messages.last?.v2?.purpose == .liveness)
        // Openers are made where something is to be opened.
        #expect(play.unsealer.openers.count == 1)
    }
}
