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

    @Test("a port that is not IKE's, and a peer without NAT-T")
    func notOffered() throws {
        func found(natT: Bool, port: UInt8) throws -> Finding? {
            var (frames, _) = try Self.capture("main-mode/raw-esp")
            frames = Array(frames.filter(Self.isIKE).prefix(2))
            frames[0].bytes[35] = port
            frames[1].bytes[37] = port
            // Vendor IDs of NAT-T: RFC 3947 and the drafts.
            let ids: [[UInt8]] = [
                [0x4a, 0x13, 0x1c, 0x81], [0x90, 0xcb, 0x80, 0x91], [0xcd, 0x60, 0x46, 0x43], [0x7d, 0x94, 0x19, 0xa6],
                [0x44, 0x85, 0x15, 0x2d],
            ]
            if !natT {
                for id in ids { frames[1].bytes = frames[1].bytes.replacing(id, with: [1, 2, 3, 4]) }
            }
            return Found(playing: frames).first("natt-not-offered")
        }
        let finding = try #require(try found(natT: false, port: 0x11))
        #expect(finding.certainty == .likely && finding.severity == .warning && !finding.frames.isEmpty)
        #expect(try found(natT: true, port: 0x11) == nil)
        #expect(try found(natT: false, port: 0xf4) == nil)
    }

    @Test("message 5 that stays on port 500 behind a NAT")
    func noFloat() throws {
        let (frames, _) = try Self.capture("main-mode/raw-esp")
        let messages = Array(frames.filter(Self.isIKE).prefix(5))
        let finding = try #require(Found(playing: Self.translated(messages)).first("no-float"))
        #expect(finding.certainty == .proved && finding.severity == .error)
        #expect(Found(playing: messages).first("no-float") == nil)
    }

    @Test("a NAT that gives another port in the middle of a session")
    func portRemap() throws {
        var (frames, keys) = try Self.capture("nat/outside")
        #expect(Found(playing: frames, keys: [keys]).first("port-remap") == nil)
        let messages = frames.indices.filter {
            frames[$0].bytes.count > 50 && frames[$0].bytes[23] == 17 && frames[$0].bytes[36...37] == [0x11, 0x94]
                && frames[$0].bytes[42..<46] == [0, 0, 0, 0]
        }
        let last = try #require(messages.last)
        try #require(messages.count > 1)
        frames[last].bytes[35] &+= 1
        let finding = try #require(Found(playing: frames, keys: [keys]).first("port-remap"))
        #expect(finding.certainty == .proved && finding.severity == .note && finding.frames.count == 2)
    }

    @Test("no keepalives, a silence, and nothing comes back")
    func keepalives() throws {
        func found(seconds: Int64, keepsAlive: Bool) throws -> Finding? {
            let (frames, keys) = try Self.capture("nat/outside")
            let isAlive = frames.filter { !($0.bytes.count > 42 && $0.bytes[38...39] == [0, 9]) }
            let esp = isAlive.filter {
                $0.bytes.count > 50 && $0.bytes[23] == 17 && $0.bytes[36...37] != [1, 0xf4]
                    && $0.bytes[42..<46] != [0, 0, 0, 0]
            }
            let first = try #require(esp.first)
            let initiator = Self.source(try #require(frames.first(where: Self.isIKE)))
            let end = try #require(isAlive.lastIndex { $0.bytes == first.bytes })
            var made = Array(isAlive.prefix(end + 1))
            let toInitiator = esp.filter { Self.source($0) != initiator }
            try #require(toInitiator.count >= 3)
            if keepsAlive {
                made += frames.filter { $0.bytes.count > 42 && $0.bytes[38...39] == [0, 9] }
            }
            made += toInitiator.map { Self.later($0, seconds * 1000) }
            return Found(playing: made, keys: [keys]).first("natt-keepalive-missing")
        }
        let finding = try #require(try found(seconds: 300, keepsAlive: false))
        #expect(finding.certainty == .likely && finding.severity == .warning)
        #expect(try found(seconds: 300, keepsAlive: true) == nil)
        #expect(try found(seconds: 1, keepsAlive: false) == nil)
    }

    @Test("ESP without UDP through a NAT, one way")
    func plainESP() throws {
        let (frames, keys) = try Self.capture("main-mode/raw-esp")
        let initiator = Self.source(frames.first(where: Self.isIKE) ?? frames[0])
        let esp = frames.filter(Self.isESP).filter { Self.source($0) == initiator }
        let one = frames.filter { !Self.isESP($0) || Self.source($0) == initiator }
        let made = one.prefix { !Self.isESP($0) } + (0..<6).flatMap { n in esp.map { Self.later($0, Int64(n) * 3000) } }
        let found = Found(playing: Self.translated(Array(made)), keys: [keys])
        let finding = try #require(found.first("nat-plain-esp"))
        #expect(finding.certainty == .likely && finding.severity == .error && finding.explains == "esp-blocked")
        #expect(Found(playing: Array(made), keys: [keys]).first("nat-plain-esp") == nil)
        #expect(Found(playing: Self.translated(frames), keys: [keys]).first("nat-plain-esp") == nil)
    }

    @Test("AH through a NAT")
    func authenticationHeader() throws {
        let lab = LabScenario("54a-ah-tunnel")
        guard let path = lab.path("capture.pcap"), let keys = try lab.keys("all") else { return }
        let frames = try Analysis.frames(path)
        for given in [[], [keys]] {
            let finding = try #require(Found(playing: Self.translated(frames), keys: given).first("nat-breaks-ah"))
            #expect(finding.certainty == .likely && finding.severity == .error)
            #expect(Found(playing: frames, keys: given).first("nat-breaks-ah") == nil)
        }
    }

    @Test("IKE and ESP in TCP")
    func inTCP() throws {
        let (frames, keys) = try Self.capture("main-mode/raw-esp")
        #expect(Found(playing: frames, keys: [keys]).first("tcp-encap") == nil)
        var sequence: [[UInt8]: Int] = [:]
        let made = frames.filter(Self.isIKE).map { frame -> Analysis.MadeFrame in
            var made = frame
            let source = Self.source(frame)
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
        let finding = try #require(Found(playing: made, keys: [keys]).first("tcp-encap"))
        #expect(finding.certainty == .proved && finding.severity == .note && !finding.frames.isEmpty)
    }

    // MARK: ESP

    @Test("the old SPI is used long after the rekeying")
    func oldSPI() throws {
        let (frames, keys) = try Self.capture("rekey/raw-esp-rekey")
        #expect(Found(playing: frames, keys: [keys]).first("old-spi-used") == nil)
        let first = try #require(frames.first(where: Self.isESP))
        let same = frames.filter { Self.isESP($0) && $0.bytes[34..<38] == first.bytes[34..<38] }
        let made = frames + same.suffix(2).map { Self.later($0, 120_000) }
        let finding = try #require(Found(playing: made, keys: [keys]).first("old-spi-used"))
        #expect(finding.certainty == .proved && finding.severity == .warning && finding.frames.count == 2)
    }

    @Test("a sequence number that is about to run out")
    func wrap() throws {
        func found(_ sequence: [UInt8]) throws -> Finding? {
            var (frames, _) = try Self.capture("main-mode/raw-esp")
            let last = try #require(frames.lastIndex(where: Self.isESP))
            frames[last].bytes.replaceSubrange(38..<42, with: sequence)
            return Found(playing: frames).first("esp-seq-wrap")
        }
        let finding = try #require(try found([0xff, 0, 0, 9]))
        #expect(finding.certainty == .proved && finding.severity == .warning)
        #expect(try found([0, 0, 1, 0]) == nil)
    }

    /// An Ethernet frame of ICMP echo from one network behind the peers to the other.
    private static func clear(like made: Analysis.MadeFrame, packet: [UInt8]) -> Analysis.MadeFrame {
        var clear = made
        clear.bytes = Array(made.bytes[..<12]) + [8, 0] + packet
        clear.frame.capturedLength = clear.bytes.count
        clear.frame.originalLength = clear.bytes.count
        return clear
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
        let finding = try #require(leaking.first("clear-leak"))
        #expect(finding.certainty == .proved && finding.severity == .warning && finding.frames == [place + 2])
        #expect(leaking.first("cap-both-sides-of-crypto") == nil)
        // The very packet that is inside ESP, before and behind it, with another TTL.
        var same = packet
        same[8] &-= 1
        for index in [place, place + 1] {
            let both = found(same, at: index, [keys])
            let note = try #require(both.first("cap-both-sides-of-crypto"))
            #expect(note.certainty == .proved && note.severity == .note && note.frames == [index + 1])
            #expect(both.first("clear-leak") == nil)
        }
        // Before the SA is up, without keys, and from elsewhere.
        #expect(found(other, at: 0, [keys]).first("clear-leak") == nil)
        #expect(found(other, at: place + 1, []).first("clear-leak") == nil)
        other[15] ^= 0x40
        other[14] ^= 0x3f
        #expect(found(other, at: place + 1, [keys]).first("clear-leak") == nil)
        #expect(Found(playing: frames, keys: [keys]).ids.isDisjoint(with: ["clear-leak", "cap-both-sides-of-crypto"]))
    }

    // MARK: The capture

    @Test("packets in circles, at two points, and twice at one point")
    func copies() throws {
        let (frames, keys) = try Self.capture("main-mode/raw-esp")
        let place = try #require(frames.firstIndex(where: Self.isESP))
        func found(_ hopLimits: [UInt8], after microseconds: Int64 = 100) -> Finding? {
            var made = frames
            for (index, limit) in hopLimits.enumerated() {
                var copy = frames[place]
                copy.bytes[22] = limit
                copy.frame.time = Instant(
                    nanoseconds: copy.frame.time.nanoseconds + Int64(index + 1) * microseconds * 1000)
                made.insert(copy, at: place + 1 + index)
            }
            return Found(playing: made, keys: [keys]).first("duplicate-loop")
        }
        let own = frames[place].bytes[22]
        let loop = try #require(found((1...6).map { own - 2 * $0 }))
        #expect(loop.severity == .warning && loop.certainty == .proved && loop.frames.count == 4)
        #expect(found([own - 1]) == nil)
        let double = try #require(found([own]))
        #expect(double.severity == .note && double.certainty == .proved && double.frames == [place + 1, place + 2])
        #expect(found([own], after: 700_000) == nil)
    }

    @Test("checksums that the network card was to finish")
    func offload() throws {
        var (frames, keys) = try Self.capture("main-mode/raw-esp")
        #expect(Found(playing: frames, keys: [keys]).first("cap-offload") == nil)
        let place = try #require(frames.firstIndex(where: Self.isIKE))
        let bytes = frames[place].bytes
        var sum = 17 + Int(bytes[38]) * 256 + Int(bytes[39])
        for index in stride(from: 26, to: 34, by: 2) { sum += Int(bytes[index]) * 256 + Int(bytes[index + 1]) }
        while sum > 0xffff { sum = sum & 0xffff + sum >> 16 }
        frames[place].bytes[40] = UInt8(sum >> 8)
        frames[place].bytes[41] = UInt8(sum & 255)
        let finding = try #require(Found(playing: frames, keys: [keys]).first("cap-offload"))
        #expect(finding.certainty == .proved && finding.severity == .note && finding.frames == [place + 1])
        // A wrong checksum of another kind is none.
        frames[place].bytes[41] ^= 1
        #expect(Found(playing: frames, keys: [keys]).first("cap-offload") == nil)
    }

    @Test("a clock that is set back")
    func clock() throws {
        var (frames, keys) = try Self.capture("main-mode/raw-esp")
        #expect(Found(playing: frames, keys: [keys]).first("cap-time-step") == nil)
        for index in frames.indices.dropFirst(4) { frames[index] = Self.later(frames[index], -3_600_000) }
        let finding = try #require(Found(playing: frames, keys: [keys]).first("cap-time-step"))
        #expect(finding.certainty == .proved && finding.severity == .note && finding.frames == [5])
    }
}
