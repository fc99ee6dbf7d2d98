import AnalysisSupport
import ScopeCrypto
import ScopeDissect
import ScopeModel
import ScopeWire
import Testing

@Suite("IKE and ESP come out of whatever carries them")
struct CarrierTests {
    /// Same messages, same openings, same inner packets as the capture without the change.
    static func expectSame(_ run: Analysis, _ plain: Analysis) {
        // Bytes are compared outside of the macro, which would print them all.
        let isSame =
            run.inner == plain.inner && run.messages.map(\.message.bytes) == plain.messages.map(\.message.bytes)
        #expect(isSame && !plain.inner.isEmpty)
        #expect(run.messages.map(\.step) == plain.messages.map(\.step))
        #expect(run.messages.map(\.isOpened) == plain.messages.map(\.isOpened))
    }

    private let talk: Talk
    private let plain: Analysis

    init() throws {
        talk = try Talk(of: "main-mode/psk-aes256")
        plain = talk.analysed()
    }

    @Test("IP fragments of every packet, in order and in reverse", arguments: [false, true])
    func ipFragments(reversed: Bool) throws {
        let run = talk.fragmented(reversed: reversed).analysed()
        Self.expectSame(run, plain)
        #expect(run.messages.allSatisfy { $0.frames.count > 1 })
        #expect(run.espPackets.allSatisfy { $0.fragments > 1 })
    }

    @Test("IKE fragments in any order, repeated, and one that is missing is told")
    func ikeFragments() throws {
        let talk = try Talk(of: "main-mode/rsa-signatures")
        let plain = talk.analysed()
        let whole = try #require(plain.messages.first { $0.ikeFragments > 0 })
        #expect(whole.step == .v1(.mainMode(5)) && whole.frames.count == 2 && whole.isOpened)
        // On the wire each piece is a message: the pieces of message 5 are the fifth and the sixth.
        let (first, last): (Place, Place) = (.mainMode(5), .mainMode(6))
        #expect(try [first, last].map { try talk.index(of: $0) + 1 } == whole.frames)
        let swapped = try talk.swapping(first, last).analysed()
        #expect(swapped.inner == plain.inner)
        #expect(swapped.messages.contains { $0.ikeFragments == 2 && $0.isOpened })
        let repeated = try talk.repeating(first, after: 0.2).analysed()
        #expect(repeated.inner == plain.inner)
        func isTold(_ run: Analysis) -> Bool {
            run.events.contains {
                if case .reassembly(.incomplete(_, let what)) = $0.kind { what.contains("the last") } else { false }
            }
        }
        #expect(isTold(try talk.dropping(last).analysed()))
        #expect(!isTold(swapped) && !isTold(repeated))
    }

    @Test("ESP behind the eight zero bytes of the first drafts, on port 500")
    func nonIKEMarker() throws { Self.expectSame(talk.withNonIKEMarkers().analysed(), plain) }

    @Test("a stream of TCP on port 4500, whose segments fall anywhere")
    func tcp() throws {
        let client = try talk.packet(.mainMode(1)).source
        let run = talk.inTCP(client: client).analysed()
        Self.expectSame(run, plain)
        #expect(run.messages.allSatisfy { $0.carrier == .tcp })
    }

    @Test("packets inside GRE are those of the tunnel's peers")
    func gre() throws {
        let talk = try Talk(of: "main-mode/raw-esp")
        Self.expectSame(talk.inGRE().analysed(), talk.analysed())
    }

    @Test("an ICMP error that quotes IKE or ESP names what it quotes, and belongs to the peers")
    func icmp() throws {
        var talk = try Talk(of: "main-mode/raw-esp")
        let router: [UInt8] = [203, 0, 113, 9]
        // From a router on the way: port unreachable for IKE, protocol unreachable for ESP.
        for (place, code): (Place, UInt8) in [(.esp(1), 2), (.mainMode(1), 3)] {
            let error = try talk.packet(place).refused(by: router, code: code)
            talk = talk.inserting(
                [try talk.frame(place).with(error.bytes).later(nanoseconds: 1000)], behind: try talk.index(of: place))
        }
        let run = talk.analysed()
        let notices = run.events.compactMap { event -> (ICMPNotice, Scope)? in
            if case .icmpError(let notice) = event.kind { (notice, event.scope) } else { nil }
        }
        #expect(notices.map(\.0.quotedProtocol) == [.ike, .esp])
        #expect(notices.map(\.0.error.code) == [3, 2])
        for (notice, scope) in notices {
            #expect(notice.from == IPAddress("203.0.113.9"))
            #expect(
                scope.source == notice.quotedSource.address && scope.destination == notice.quotedDestination.address)
        }
    }

    @Test("ESP over IPv6, tunnel and transport mode with extension headers, opens with its SAs' keys")
    func ipv6() throws {
        let lab = LabScenario("83-ipv6")
        guard let path = lab.path("capture.pcap"), let truth = lab.path("plain.pcap"), let keys = try lab.keys("sa")
        else { return }
        let run = try Analysis.of(path, keys: [keys])
        let wanted = try Plaintext.framesOfEthernet(truth).map(Plaintext.lasting)
        #expect(run.inner.count == 14)
        let got = Set(run.inner.map(Plaintext.lasting))
        #expect(got.isSubset(of: Set(wanted)), "\(got.subtracting(wanted).count) of \(got.count) differ")
    }
}
