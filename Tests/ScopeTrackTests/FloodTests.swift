import AnalysisSupport
import ScopeModel
import Testing

@Suite("A flood under a real SA's own numbers") struct FloodTests {
    private let talk: Talk
    private let plain: Analysis

    init() throws {
        talk = try Talk(of: "main-mode/raw-esp")
        plain = talk.analysed()
    }

    @Test("first messages with the initiator's SPI, from many addresses, do not hide its negotiation")
    func initiatorSPI() throws {
        let first = try talk.frame(.mainMode(1))
        // Before the responder answers, and while keys are exchanged.
        let places = talk.ike.prefix(4)
        var number = 0
        let run = talk.crowding { place, _ in
            guard places.contains(place) else { return [] }
            return (0..<500).map { _ in
                number += 1
                return first.changing { packet in
                    packet.source = Address.numbered(number)
                    // Other bytes, or they would be repeats.
                    packet.message?.messageID = UInt32(number)
                }
            }
        }.analysed()
        #expect(number == 2000)
        #expect(run.inner == plain.inner && !run.inner.isEmpty)
        #expect(run.messages.count { $0.isProved } == plain.messages.count { $0.isProved })
    }

    @Test("answers with other responder SPIs do not hide the responder's")
    func responderSPIs() throws {
        let answer = try talk.frame(.mainMode(2))
        let crowd = talk.inserting(
            (1...2000).map { number in
                answer.changing { $0.message?.responderSPI = 0x7000_0000_0000_0000 + UInt64(number) }
            }, behind: try talk.index(of: .mainMode(2)))
        let run = crowd.analysed()
        #expect(run.inner == plain.inner && !run.inner.isEmpty)
        #expect(run.messages.count >= plain.messages.count + 2000)
    }

    @Test("packets with an SA's SPI from many addresses stay out of its account's way", arguments: [false, true])
    func spi(isToOthers: Bool) throws {
        var number = 0
        let crowd = talk.crowding { _, made in
            guard made.packet?.isESP == true else { return [] }
            return (0..<300).map { _ in
                number += 1
                return made.changing { packet in
                    packet.source = Address.numbered(number)
                    if isToOthers { packet.destination = Address.numbered(number, network: 11) }
                    packet.sequence = 0x0010_0000 + UInt32(number)
                }
            }
        }
        var limits = Limits()
        limits.ipsecAccounts = 1500
        let run = crowd.analysed(limits: limits)
        #expect(run.inner == plain.inner && !run.inner.isEmpty)
        #expect(run.accounts.count <= 1500)
    }

    @Test("large messages push each other out, told, and not the small SA in their midst")
    func large() throws {
        // Main Mode message 1 whose one transform has 250 attributes.
        var message = try talk.message(.mainMode(1))
        let values = (0..<250).map { _ in MadeAssociation.Value(type: 11, bytes: [0x80, 11], isShort: true) }
        let transform = MadeAssociation.Transform(number: 1, id: 1, attributes: values)
        message.association = MadeAssociation(proposals: [
            MadeAssociation.Proposal(number: 1, protocolID: 1, spi: [], transforms: [transform])
        ])
        message.removeAll(.vendorID)
        let first = try talk.frame(.mainMode(1)).changing { $0.message = message }
        let ike = talk.ike.prefix(7)
        var strangers = Strangers(first)
        let crowd = talk.crowding { place, _ in ike.contains(place) ? strangers.next(100) : [] }
        var limits = Limits()
        limits.ikeBytes = 1 << 20
        let run = crowd.analysed(limits: limits)
        #expect(run.inner == plain.inner && !run.inner.isEmpty)
        // Each holds some 250 attributes of 24 bytes, and the body: of 700 fewer than 150 find room.
        #expect(run.evicted(from: "IKE SAs") > 500)
    }
}
