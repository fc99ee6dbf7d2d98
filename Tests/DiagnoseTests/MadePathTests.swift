import AnalysisSupport
import IKEScope
import ScopeModel
import TestSupport
import Testing

/// Faults of NAT, of the path and of the capture, made of tunnels that work.
///
/// Each test has a function beside it that makes the capture, for the coverage test to ask for as well. They change the same
/// few packets of the same few captures, and share how.
@Suite("Faults of the path made of a working tunnel")
struct MadePathTests {
    /// Main Mode, Quick Mode, ESP as IP protocol 50, and deletes.
    private static func tunnel() throws -> Talk { try Talk(of: "main-mode/raw-esp") }

    // MARK: NAT

    /// Two messages from a port, of a responder that can pass a NAT or cannot.
    static func natTraversal(offered: Bool, port: UInt16) throws -> Found {
        // Vendor IDs of NAT-T, as they begin: RFC 3947 and the drafts.
        let ids: [[UInt8]] = [
            [0x4a, 0x13, 0x1c, 0x81], [0x90, 0xcb, 0x80, 0x91], [0xcd, 0x60, 0x46, 0x43], [0x7d, 0x94, 0x19, 0xa6],
            [0x44, 0x85, 0x15, 0x2d],
        ]
        let talk = try tunnel().ending(with: .mainMode(2))
            .changingPacket(.mainMode(1)) { $0.ports?.source = port }
            .changingPacket(.mainMode(2)) { $0.ports?.destination = port }
            .changing(.mainMode(2)) { message in
                message.payloads.removeAll { payload in
                    !offered && payload.type == .vendorID && ids.contains { payload.body.starts(with: $0) }
                }
            }
        return Found(talk, hasKeys: false)
    }

    @Test("a port that is not IKE's, and a peer without NAT-T")
    func notOffered() throws {
        let finding = try #require(try Self.natTraversal(offered: false, port: 273).first(.nattNotOffered))
        #expect(finding.certainty == .likely && finding.severity == .warning && !finding.frames.isEmpty)
        #expect(try Self.natTraversal(offered: true, port: 273).first(.nattNotOffered) == nil)
        #expect(try Self.natTraversal(offered: false, port: 500).first(.nattNotOffered) == nil)
    }

    /// Five messages on port 500, through a NAT or not.
    static func onPort500(isTranslated: Bool) throws -> Found {
        let talk = try tunnel().ending(with: .mainMode(5))
        return Found(isTranslated ? talk.translated() : talk, hasKeys: false)
    }

    @Test("message 5 that stays on port 500 behind a NAT")
    func noFloat() throws {
        let finding = try #require(try Self.onPort500(isTranslated: true).first(.noFloat))
        #expect(finding.certainty == .proved && finding.severity == .error)
        #expect(try Self.onPort500(isTranslated: false).first(.noFloat) == nil)
    }

    /// The last message of the initiator comes from another port than those before it.
    static func otherPort() throws -> Found {
        var talk = try Talk(of: "nat/outside")
        let initiator = talk.initiator
        let last = try #require(talk.ike.last { talk.frames[$0].packet?.source == initiator })
        talk.frames[last] = talk.frames[last].changing { $0.ports?.source += 1 }
        return Found(talk)
    }

    @Test("a NAT that gives another port in the middle of a session")
    func portRemap() throws {
        #expect(try ShippedTests.found("nat/outside").first(.portRemap) == nil)
        let finding = try #require(try Self.otherPort().first(.portRemap))
        #expect(finding.certainty == .proved && finding.severity == .note && finding.frames.count == 2)
    }

    /// The initiator is silent for so long, and sends keepalives or does not; then ESP goes to it.
    static func silence(seconds: Double, keepsAlive: Bool) throws -> Found {
        let whole = try Talk(of: "nat/outside")
        let initiator = whole.initiator
        var talk = try whole.dropping(where: \.isKeepalive).ending(with: .esp(1))
        if keepsAlive { talk = talk.followed(by: whole.keeping(where: \.isKeepalive)) }
        let waiting = whole.keeping { $0.isESP && $0.source != initiator }
        try #require(waiting.frames.count >= 3)
        return Found(talk.followed(by: waiting.later(seconds: seconds)))
    }

    @Test("no keepalives, a silence, and nothing comes back")
    func keepalives() throws {
        let finding = try #require(try Self.silence(seconds: 300, keepsAlive: false).first(.nattKeepaliveMissing))
        #expect(finding.certainty == .likely && finding.severity == .warning)
        #expect(try Self.silence(seconds: 300, keepsAlive: true).first(.nattKeepaliveMissing) == nil)
        #expect(try Self.silence(seconds: 1, keepsAlive: false).first(.nattKeepaliveMissing) == nil)
    }

    /// ESP as IP protocol 50 of the initiator alone, six times over, through a NAT or not.
    static func plainESP(isTranslated: Bool) throws -> Found {
        let talk = try tunnel()
        let initiator = talk.initiator
        let esp = talk.keeping { $0.isESP && $0.source == initiator }
        let oneWay = try (0..<6).reduce(talk.ending(before: .esp(1))) {
            $0.followed(by: esp.later(seconds: Double($1) * 3))
        }
        return Found(isTranslated ? oneWay.translated() : oneWay)
    }

    @Test("ESP without UDP through a NAT, one way")
    func plainESP() throws {
        let finding = try #require(try Self.plainESP(isTranslated: true).first(.natPlainESP))
        #expect(finding.certainty == .likely && finding.severity == .error && finding.explains == .espBlocked)
        #expect(try Self.plainESP(isTranslated: false).first(.natPlainESP) == nil)
        #expect(Found(try Self.tunnel().translated()).first(.natPlainESP) == nil)
    }

    /// AH that Quick Mode negotiated, through a NAT or not.
    static func authenticationHeader(isTranslated: Bool, hasKeys: Bool) throws -> Found {
        let talk = try Talk(of: "ah/negotiated")
        return Found(isTranslated ? talk.translated() : talk, hasKeys: hasKeys)
    }

    @Test("AH through a NAT", arguments: [false, true])
    func authenticationHeader(hasKeys: Bool) throws {
        let found = try Self.authenticationHeader(isTranslated: true, hasKeys: hasKeys)
        let finding = try #require(found.first(.natBreaksAH))
        #expect(finding.certainty == .likely && finding.severity == .error)
        #expect(try Self.authenticationHeader(isTranslated: false, hasKeys: hasKeys).first(.natBreaksAH) == nil)
    }

    /// Messages of IKE as records of a TCP stream.
    static func inTCP() throws -> Found {
        let talk = try tunnel().keeping(where: \.isIKE)
        return Found(talk.inTCP(client: talk.initiator))
    }

    @Test("IKE and ESP in TCP")
    func inTCP() throws {
        #expect(try ShippedTests.found("main-mode/raw-esp").first(.tcpEncap) == nil)
        let finding = try #require(try Self.inTCP().first(.tcpEncap))
        #expect(finding.certainty == .proved && finding.severity == .note && !finding.frames.isEmpty)
    }

    // MARK: ESP

    /// Two packets under the first SPI once more, so many seconds later.
    static func oldSPI(seconds: Double) throws -> Found {
        let talk = try Talk(of: "rekey/raw-esp-rekey")
        let first = try talk.packet(.esp(1)).spi
        var old = talk.keeping { $0.spi == first }
        old.frames = old.frames.suffix(2)
        return Found(talk.followed(by: old.later(seconds: seconds)))
    }

    @Test("the old SPI is used long after the rekeying")
    func oldSPI() throws {
        #expect(try Self.oldSPI(seconds: 20).first(.oldSPIUsed) == nil)
        let finding = try #require(try Self.oldSPI(seconds: 120).first(.oldSPIUsed))
        #expect(finding.certainty == .proved && finding.severity == .warning && finding.frames.count == 2)
    }

    /// The last ESP packet has another sequence number.
    static func sequence(_ number: UInt32) throws -> Found {
        let talk = try tunnel()
        return Found(try talk.changingPacket(.esp(talk.esp.count)) { $0.sequence = number }, hasKeys: false)
    }

    @Test("a sequence number that is about to run out")
    func wrap() throws {
        let finding = try #require(try Self.sequence(0xff00_0009).first(.espSeqWrap))
        #expect(finding.certainty == .proved && finding.severity == .warning)
        #expect(try Self.sequence(0x100).first(.espSeqWrap) == nil)
    }

    /// Where a packet in the clear comes: before the first packet of ESP, behind it, or before everything.
    enum ClearPlace { case beforeESP, behindESP, first }

    /// The packet that is inside the first one of ESP in the clear as well, with a change.
    static func clear(
        _ change: (inout MadePacket) -> Void, at place: ClearPlace = .behindESP, hasKeys: Bool = true
    ) throws -> Found {
        let talk = try tunnel()
        let (inside, esp) = (try #require(talk.analysed().inner.first), try talk.index(of: .esp(1)))
        var packet = try #require(MadePacket(talk.packet(.esp(1)).link + inside))
        change(&packet)
        let index =
            switch place {
            case .beforeESP: esp - 1
            case .behindESP: esp
            case .first: 0
            }
        let time = place == .behindESP ? talk.frames[esp].frame : talk.frames[index].frame
        return Found(talk.inserting([packet.made(at: time)], behind: index), hasKeys: hasKeys)
    }

    /// The very packet that is inside ESP, seen a hop further on.
    static func isInside(_ packet: inout MadePacket) { packet.hopLimit -= 1 }
    /// One like it that is not inside.
    static func isOther(_ packet: inout MadePacket) { packet.identification ^= 0x55 }

    @Test("packets that should be encrypted, in the clear")
    func leak() throws {
        let esp = try Self.tunnel().index(of: .esp(1))
        let leaking = try Self.clear(Self.isOther)
        let finding = try #require(leaking.first(.clearLeak))
        // Frames are numbered from 1, and it is the one behind ESP.
        #expect(finding.certainty == .proved && finding.severity == .warning && finding.frames == [esp + 2])
        #expect(leaking.first(.capBothSidesOfCrypto) == nil)
        // Before the SA is up, without keys, and from elsewhere.
        #expect(try Self.clear(Self.isOther, at: .first).first(.clearLeak) == nil)
        #expect(try Self.clear(Self.isOther, hasKeys: false).first(.clearLeak) == nil)
        let stranger = try Self.clear { packet in
            Self.isOther(&packet)
            packet.source = [10, 62, 64, 10]
        }
        #expect(stranger.first(.clearLeak) == nil)
        #expect(Found(try Self.tunnel()).ids.isDisjoint(with: [.clearLeak, .capBothSidesOfCrypto]))
    }

    @Test("the very packet that is inside ESP, before and behind it: a tap on both sides")
    func bothSides() throws {
        let esp = try Self.tunnel().index(of: .esp(1))
        for (place, frame) in [(ClearPlace.beforeESP, esp + 1), (.behindESP, esp + 2)] {
            let both = try Self.clear(Self.isInside, at: place)
            let note = try #require(both.first(.capBothSidesOfCrypto))
            #expect(note.certainty == .proved && note.severity == .note && note.frames == [frame])
            #expect(both.first(.clearLeak) == nil)
        }
    }

    // MARK: The capture

    /// An ESP packet again and again, each time so many hops further on.
    static func copies(_ hops: [UInt8], after seconds: Double = 0.0001) throws -> Found {
        var talk = try tunnel()
        for (index, hops) in hops.enumerated().reversed() {
            talk = try talk.repeating(.esp(1), after: Double(index + 1) * seconds) { $0.hopLimit -= hops }
        }
        return Found(talk)
    }

    @Test("packets in circles, at two points, and twice at one point")
    func copies() throws {
        let place = try Self.tunnel().index(of: .esp(1))
        let loop = try #require(try Self.copies((1...6).map { 2 * $0 }).first(.duplicateLoop))
        #expect(loop.severity == .warning && loop.certainty == .proved && loop.frames.count == 4)
        #expect(try Self.copies([1]).first(.duplicateLoop) == nil)
        let double = try #require(try Self.copies([0]).first(.duplicateLoop))
        #expect(double.severity == .note && double.certainty == .proved && double.frames == [place + 1, place + 2])
        #expect(try Self.copies([0], after: 0.7).first(.duplicateLoop) == nil)
    }

    /// The first message has the checksum of its pseudo-header, or one that is wrong in another way.
    static func checksum(isOfPseudoHeader: Bool) throws -> Found {
        Found(
            try tunnel().changingPacket(.mainMode(1)) {
                $0.udpChecksum = $0.pseudoHeaderSum ^ (isOfPseudoHeader ? 0 : 1)
            })
    }

    @Test("checksums that the network card was to finish")
    func offload() throws {
        #expect(try ShippedTests.found("main-mode/raw-esp").first(.capOffload) == nil)
        let place = try Self.tunnel().index(of: .mainMode(1))
        let finding = try #require(try Self.checksum(isOfPseudoHeader: true).first(.capOffload))
        #expect(finding.certainty == .proved && finding.severity == .note && finding.frames == [place + 1])
        #expect(try Self.checksum(isOfPseudoHeader: false).first(.capOffload) == nil)
    }

    /// Message 3 and all that follows it are so many seconds earlier.
    static func clock(seconds: Double) throws -> Found { Found(try tunnel().delaying(.mainMode(3), by: -seconds)) }

    @Test("a clock that is set back")
    func clock() throws {
        #expect(try Self.clock(seconds: 0).first(.capTimeStep) == nil)
        let finding = try #require(try Self.clock(seconds: 3600).first(.capTimeStep))
        let place = try Self.tunnel().index(of: .mainMode(3))
        #expect(finding.certainty == .proved && finding.severity == .note && finding.frames == [place + 1])
    }
}
