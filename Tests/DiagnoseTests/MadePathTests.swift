import AnalysisSupport
import Foundation
import IKEScope
import ScopeCrypto
import ScopeDissect
import ScopeModel
import ScopeWire
import TestSupport
import Testing

/// Faults of NAT, of the path and of the capture, made of tunnels that work.
///
/// Each test has a function beside it that makes the capture, for the coverage test to ask for as well. They change the same
/// few frames of the same few captures, and share how.
@Suite("Faults of the path made of a working tunnel")
struct MadePathTests {
    static func capture(_ name: String) throws -> (frames: [Analysis.MadeFrame], keys: KeyFile) {
        let base = ShippedTests.base(name)
        return (try Analysis.frames(base + ".pcap"), try KeyFile.load(base + ".keys.json"))
    }

    private static func later(_ made: Analysis.MadeFrame, _ milliseconds: Int64) -> Analysis.MadeFrame {
        var made = made
        made.frame.time = Instant(nanoseconds: made.frame.time.nanoseconds + milliseconds * 1_000_000)
        return made
    }

    private static func isIKE(_ made: Analysis.MadeFrame) -> Bool {
        made.bytes.count > 42 && made.bytes[23] == 17 && made.bytes[36] == 1 && made.bytes[37] == 0xf4
    }

    private static func isESP(_ made: Analysis.MadeFrame) -> Bool { made.bytes.count > 42 && made.bytes[23] == 50 }

    private static func source(_ made: Analysis.MadeFrame) -> [UInt8] { Array(made.bytes[26..<30]) }

    /// A NAT in front of the initiator: another address in every packet.
    static func translated(_ frames: [Analysis.MadeFrame]) -> [Analysis.MadeFrame] {
        let inside = source(frames.first { isIKE($0) } ?? frames[0])
        return frames.map { made in
            var made = made
            for place in [26, 30] where made.bytes.count > 34 && Array(made.bytes[place..<(place + 4)]) == inside {
                made.bytes.replaceSubrange(place..<(place + 4), with: [203, 0, 113, 77])
            }
            return made
        }
    }

    // MARK: NAT

    /// Two messages from a port whose lower half is `port`, of a responder that can pass a NAT or cannot.
    static func natTraversal(offered: Bool, port: UInt8) throws -> Found {
        var (frames, _) = try capture("main-mode/raw-esp")
        frames = Array(frames.filter(isIKE).prefix(2))
        frames[0].bytes[35] = port
        frames[1].bytes[37] = port
        // Vendor IDs of NAT-T: RFC 3947 and the drafts.
        let ids: [[UInt8]] = [
            [0x4a, 0x13, 0x1c, 0x81], [0x90, 0xcb, 0x80, 0x91], [0xcd, 0x60, 0x46, 0x43], [0x7d, 0x94, 0x19, 0xa6],
            [0x44, 0x85, 0x15, 0x2d],
        ]
        if !offered {
            for id in ids { frames[1].bytes = frames[1].bytes.replacing(id, with: [1, 2, 3, 4]) }
        }
        return Found(playing: frames)
    }

    @Test("a port that is not IKE's, and a peer without NAT-T")
    func notOffered() throws {
        let finding = try #require(try Self.natTraversal(offered: false, port: 0x11).first(.nattNotOffered))
        #expect(finding.certainty == .likely && finding.severity == .warning && !finding.frames.isEmpty)
        #expect(try Self.natTraversal(offered: true, port: 0x11).first(.nattNotOffered) == nil)
        #expect(try Self.natTraversal(offered: false, port: 0xf4).first(.nattNotOffered) == nil)
    }

    /// Five messages on port 500, through a NAT or not.
    static func onPort500(isTranslated: Bool) throws -> Found {
        let messages = Array(try capture("main-mode/raw-esp").frames.filter(isIKE).prefix(5))
        return Found(playing: isTranslated ? translated(messages) : messages)
    }

    @Test("message 5 that stays on port 500 behind a NAT")
    func noFloat() throws {
        let finding = try #require(try Self.onPort500(isTranslated: true).first(.noFloat))
        #expect(finding.certainty == .proved && finding.severity == .error)
        #expect(try Self.onPort500(isTranslated: false).first(.noFloat) == nil)
    }

    /// The last message of the initiator comes from another port than those before it.
    static func otherPort() throws -> Found {
        var (frames, keys) = try capture("nat/outside")
        let messages = frames.indices.filter {
            frames[$0].bytes.count > 50 && frames[$0].bytes[23] == 17 && frames[$0].bytes[36...37] == [0x11, 0x94]
                && frames[$0].bytes[42..<46] == [0, 0, 0, 0]
        }
        let last = try #require(messages.last)
        try #require(messages.count > 1)
        frames[last].bytes[35] &+= 1
        return Found(playing: frames, keys: [keys])
    }

    @Test("a NAT that gives another port in the middle of a session")
    func portRemap() throws {
        #expect(try ShippedTests.found("nat/outside").first(.portRemap) == nil)
        let finding = try #require(try Self.otherPort().first(.portRemap))
        #expect(finding.certainty == .proved && finding.severity == .note && finding.frames.count == 2)
    }

    /// The initiator is silent for so long, and sends keepalives or does not; then ESP goes to it.
    static func silence(seconds: Int64, keepsAlive: Bool) throws -> Found {
        let (frames, keys) = try capture("nat/outside")
        let isAlive = frames.filter { !($0.bytes.count > 42 && $0.bytes[38...39] == [0, 9]) }
        let esp = isAlive.filter {
            $0.bytes.count > 50 && $0.bytes[23] == 17 && $0.bytes[36...37] != [1, 0xf4]
                && $0.bytes[42..<46] != [0, 0, 0, 0]
        }
        let first = try #require(esp.first)
        let initiator = source(try #require(frames.first(where: isIKE)))
        let end = try #require(isAlive.lastIndex { $0.bytes == first.bytes })
        var made = Array(isAlive.prefix(end + 1))
        let toInitiator = esp.filter { source($0) != initiator }
        try #require(toInitiator.count >= 3)
        if keepsAlive {
            made += frames.filter { $0.bytes.count > 42 && $0.bytes[38...39] == [0, 9] }
        }
        made += toInitiator.map { later($0, seconds * 1000) }
        return Found(playing: made, keys: [keys])
    }

    @Test("no keepalives, a silence, and nothing comes back")
    func keepalives() throws {
        let finding = try #require(
            try Self.silence(seconds: 300, keepsAlive: false).first(.nattKeepaliveMissing))
        #expect(finding.certainty == .likely && finding.severity == .warning)
        #expect(try Self.silence(seconds: 300, keepsAlive: true).first(.nattKeepaliveMissing) == nil)
        #expect(try Self.silence(seconds: 1, keepsAlive: false).first(.nattKeepaliveMissing) == nil)
    }

    /// ESP as IP protocol 50 of the initiator alone, through a NAT or not.
    static func plainESP(isTranslated: Bool) throws -> Found {
        let (frames, keys) = try capture("main-mode/raw-esp")
        let initiator = source(frames.first(where: isIKE) ?? frames[0])
        let esp = frames.filter(isESP).filter { source($0) == initiator }
        let one = frames.filter { !isESP($0) || source($0) == initiator }
        let made = Array(one.prefix { !isESP($0) } + (0..<6).flatMap { n in esp.map { later($0, Int64(n) * 3000) } })
        return Found(playing: isTranslated ? translated(made) : made, keys: [keys])
    }

    @Test("ESP without UDP through a NAT, one way")
    func plainESP() throws {
        let finding = try #require(try Self.plainESP(isTranslated: true).first(.natPlainESP))
        #expect(finding.certainty == .likely && finding.severity == .error && finding.explains == .espBlocked)
        #expect(try Self.plainESP(isTranslated: false).first(.natPlainESP) == nil)
        let (frames, keys) = try Self.capture("main-mode/raw-esp")
        #expect(Found(playing: Self.translated(frames), keys: [keys]).first(.natPlainESP) == nil)
    }

    /// AH of the lab, through a NAT or not; nil where the lab is absent.
    static func authenticationHeader(isTranslated: Bool, hasKeys: Bool) throws -> Found? {
        let lab = LabScenario("54a-ah-tunnel")
        guard let path = lab.path("capture.pcap"), let keys = try lab.keys("all") else { return nil }
        let frames = try Analysis.frames(path)
        return Found(playing: isTranslated ? translated(frames) : frames, keys: hasKeys ? [keys] : [])
    }

    @Test("AH through a NAT", arguments: [false, true])
    func authenticationHeader(hasKeys: Bool) throws {
        guard let found = try Self.authenticationHeader(isTranslated: true, hasKeys: hasKeys) else { return }
        let finding = try #require(found.first(.natBreaksAH))
        #expect(finding.certainty == .likely && finding.severity == .error)
        #expect(
            try Self.authenticationHeader(isTranslated: false, hasKeys: hasKeys)?.first(.natBreaksAH) == nil)
    }

    /// Messages of IKE as records of a TCP stream.
    static func inTCP() throws -> Found {
        let (frames, keys) = try capture("main-mode/raw-esp")
        var sequence: [[UInt8]: Int] = [:]
        let made = frames.filter(isIKE).map { frame -> Analysis.MadeFrame in
            var made = frame
            let source = source(frame)
            let end = 34 + Int(frame.bytes[38]) << 8 + Int(frame.bytes[39])
            let payload =
                [0, 0, 0, 0] + frame.bytes[42..<min(34 + Int(frame.bytes[38]) * 256 + Int(frame.bytes[39]), end)]
            var stream: [UInt8] = sequence.isEmpty ? Array("IKETCP".utf8) : []
            stream += [UInt8((payload.count + 2) >> 8), UInt8((payload.count + 2) & 255)] + payload
            let next = sequence[source] ?? 1000
            sequence[source] = next + stream.count
            made.bytes = Array(frame.bytes[..<34])
            made.bytes[23] = 6
            made.bytes[16] = UInt8((40 + stream.count) >> 8)
            made.bytes[17] = UInt8((40 + stream.count) & 255)
            made.bytes += [0x11, 0x94, 0x11, 0x94, 0, 0, UInt8(next >> 8 & 255), UInt8(next & 255)]
            made.bytes += [0, 0, 0, 0, 0x50, 0x18, 0xff, 0xff, 0, 0, 0, 0] + stream
            made.frame.capturedLength = made.bytes.count
            made.frame.originalLength = made.bytes.count
            return made
        }
        return Found(playing: made, keys: [keys])
    }

    @Test("IKE and ESP in TCP")
    func inTCP() throws {
        #expect(try ShippedTests.found("main-mode/raw-esp").first(.tcpEncap) == nil)
        let finding = try #require(try Self.inTCP().first(.tcpEncap))
        #expect(finding.certainty == .proved && finding.severity == .note && !finding.frames.isEmpty)
    }

    // MARK: ESP

    /// Packets under the first SPI once more, so many seconds later.
    static func oldSPI(seconds: Int64) throws -> Found {
        let (frames, keys) = try capture("rekey/raw-esp-rekey")
        let first = try #require(frames.first(where: isESP))
        let same = frames.filter { isESP($0) && $0.bytes[34..<38] == first.bytes[34..<38] }
        return Found(playing: frames + same.suffix(2).map { later($0, seconds * 1000) }, keys: [keys])
    }

    @Test("the old SPI is used long after the rekeying")
    func oldSPI() throws {
        #expect(try Self.oldSPI(seconds: 20).first(.oldSPIUsed) == nil)
        let finding = try #require(try Self.oldSPI(seconds: 120).first(.oldSPIUsed))
        #expect(finding.certainty == .proved && finding.severity == .warning && finding.frames.count == 2)
    }

    /// The last ESP packet has another sequence number.
    static func sequence(_ bytes: [UInt8]) throws -> Found {
        var (frames, _) = try capture("main-mode/raw-esp")
        let last = try #require(frames.lastIndex(where: isESP))
        frames[last].bytes.replaceSubrange(38..<42, with: bytes)
        return Found(playing: frames)
    }

    @Test("a sequence number that is about to run out")
    func wrap() throws {
        let finding = try #require(try Self.sequence([0xff, 0, 0, 9]).first(.espSeqWrap))
        #expect(finding.certainty == .proved && finding.severity == .warning)
        #expect(try Self.sequence([0, 0, 1, 0]).first(.espSeqWrap) == nil)
    }

    /// An Ethernet frame of ICMP echo from one network behind the peers to the other.
    private static func clear(like made: Analysis.MadeFrame, packet: [UInt8]) -> Analysis.MadeFrame {
        var clear = made
        clear.bytes = Array(made.bytes[..<12]) + [8, 0] + packet
        clear.frame.capturedLength = clear.bytes.count
        clear.frame.originalLength = clear.bytes.count
        return clear
    }

    /// A packet in the clear behind the first of ESP: the one that is inside, or one like it that is not.
    static func clear(isInside: Bool) throws -> Found {
        var (frames, keys) = try capture("main-mode/raw-esp")
        var packet = try #require(Analysis.playing(frames, keys: [keys]).inner.first)
        let place = try #require(frames.firstIndex(where: isESP))
        if isInside { packet[8] &-= 1 } else { packet[5] ^= 0x55 }
        frames.insert(clear(like: frames[place], packet: packet), at: place + 1)
        return Found(playing: frames, keys: [keys])
    }

    @Test("packets that should be encrypted, in the clear; and those of a tap on both sides")
    func leak() throws {
        let (frames, keys) = try Self.capture("main-mode/raw-esp")
        let inner = Analysis.playing(frames, keys: [keys]).inner
        let packet = try #require(inner.first)
        let place = try #require(frames.firstIndex(where: Self.isESP))
        func found(_ packet: [UInt8], at index: Int, _ keys: [KeyFile]) -> Found {
            var made = frames
            made.insert(Self.clear(like: frames[place], packet: packet), at: index)
            return Found(playing: made, keys: keys)
        }
        var other = packet
        other[5] ^= 0x55
        let leaking = found(other, at: place + 1, [keys])
        let finding = try #require(leaking.first(.clearLeak))
        #expect(finding.certainty == .proved && finding.severity == .warning && finding.frames == [place + 2])
        #expect(leaking.first(.capBothSidesOfCrypto) == nil)
        // The very packet that is inside ESP, before and behind it, with another TTL.
        var same = packet
        same[8] &-= 1
        for index in [place, place + 1] {
            let both = found(same, at: index, [keys])
            let note = try #require(both.first(.capBothSidesOfCrypto))
            #expect(note.certainty == .proved && note.severity == .note && note.frames == [index + 1])
            #expect(both.first(.clearLeak) == nil)
        }
        // Before the SA is up, without keys, and from elsewhere.
        #expect(found(other, at: 0, [keys]).first(.clearLeak) == nil)
        #expect(found(other, at: place + 1, []).first(.clearLeak) == nil)
        other[15] ^= 0x40
        other[14] ^= 0x3f
        #expect(found(other, at: place + 1, [keys]).first(.clearLeak) == nil)
        #expect(Found(playing: frames, keys: [keys]).ids.isDisjoint(with: [.clearLeak, .capBothSidesOfCrypto]))
    }

    // MARK: The capture

    /// An ESP packet again and again, each time so many hops further on.
    static func copies(_ hops: [UInt8], after microseconds: Int64 = 100) throws -> Found {
        let (frames, keys) = try capture("main-mode/raw-esp")
        let place = try #require(frames.firstIndex(where: isESP))
        var made = frames
        for (index, hops) in hops.enumerated() {
            var copy = frames[place]
            copy.bytes[22] -= hops
            copy.frame.time = Instant(
                nanoseconds: copy.frame.time.nanoseconds + Int64(index + 1) * microseconds * 1000)
            made.insert(copy, at: place + 1 + index)
        }
        return Found(playing: made, keys: [keys])
    }

    @Test("packets in circles, at two points, and twice at one point")
    func copies() throws {
        let place = try #require(try Self.capture("main-mode/raw-esp").frames.firstIndex(where: Self.isESP))
        let loop = try #require(try Self.copies((1...6).map { 2 * $0 }).first(.duplicateLoop))
        #expect(loop.severity == .warning && loop.certainty == .proved && loop.frames.count == 4)
        #expect(try Self.copies([1]).first(.duplicateLoop) == nil)
        let double = try #require(try Self.copies([0]).first(.duplicateLoop))
        #expect(double.severity == .note && double.certainty == .proved && double.frames == [place + 1, place + 2])
        #expect(try Self.copies([0], after: 700_000).first(.duplicateLoop) == nil)
    }

    /// The first message has the checksum of its pseudo-header, or one that is wrong in another way.
    static func checksum(isOfPseudoHeader: Bool) throws -> Found {
        var (frames, keys) = try capture("main-mode/raw-esp")
        let place = try #require(frames.firstIndex(where: isIKE))
        let bytes = frames[place].bytes
        var sum = 17 + Int(bytes[38]) * 256 + Int(bytes[39])
        for index in stride(from: 26, to: 34, by: 2) { sum += Int(bytes[index]) * 256 + Int(bytes[index + 1]) }
        while sum > 0xffff { sum = sum & 0xffff + sum >> 16 }
        frames[place].bytes[40] = UInt8(sum >> 8)
        frames[place].bytes[41] = UInt8(sum & 255) ^ (isOfPseudoHeader ? 0 : 1)
        return Found(playing: frames, keys: [keys])
    }

    @Test("checksums that the network card was to finish")
    func offload() throws {
        #expect(try ShippedTests.found("main-mode/raw-esp").first(.capOffload) == nil)
        let place = try #require(try Self.capture("main-mode/raw-esp").frames.firstIndex(where: Self.isIKE))
        let finding = try #require(try Self.checksum(isOfPseudoHeader: true).first(.capOffload))
        #expect(finding.certainty == .proved && finding.severity == .note && finding.frames == [place + 1])
        #expect(try Self.checksum(isOfPseudoHeader: false).first(.capOffload) == nil)
    }

    /// All frames from the fifth on are so many seconds earlier.
    static func clock(seconds: Int64) throws -> Found {
        var (frames, keys) = try capture("main-mode/raw-esp")
        for index in frames.indices.dropFirst(4) { frames[index] = later(frames[index], -1000 * seconds) }
        return Found(playing: frames, keys: [keys])
    }

    @Test("a clock that is set back")
    func clock() throws {
        #expect(try Self.clock(seconds: 0).first(.capTimeStep) == nil)
        let finding = try #require(try Self.clock(seconds: 3600).first(.capTimeStep))
        #expect(finding.certainty == .proved && finding.severity == .note && finding.frames == [5])
    }
}
