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

    static func isIPv4(_ bytes: [UInt8]) -> Bool { bytes.count > 34 && bytes[12] == 8 && bytes[13] == 0 }

    static func put(_ value: Int, at index: Int, _ bytes: inout [UInt8]) {
        bytes[index] = UInt8(truncatingIfNeeded: value >> 8)
        bytes[index + 1] = UInt8(truncatingIfNeeded: value)
    }

    /// Every IPv4 packet in fragments of 40 bytes.
    static func fragmented(_ frames: [Analysis.MadeFrame], reversed: Bool) -> [Analysis.MadeFrame] {
        var number = 0
        return frames.flatMap { made -> [Analysis.MadeFrame] in
            guard Self.isIPv4(made.bytes), made.bytes[14] == 0x45 else { return [made] }
            number += 1
            let end = 14 + Int(Dialogue.port(made.bytes, at: 16))
            let payload = Array(made.bytes[34..<min(end, made.bytes.count)])
            let size = 40
            let pieces = stride(from: 0, to: payload.count, by: size).map { start -> Analysis.MadeFrame in
                let piece = payload[start..<min(start + size, payload.count)]
                var part = made
                part.bytes = Array(made.bytes[..<34]) + piece
                Self.put(20 + piece.count, at: 16, &part.bytes)
                Self.put(number, at: 18, &part.bytes)
                let more = start + size < payload.count ? 0x2000 : 0
                Self.put(more | start / 8, at: 20, &part.bytes)
                part.frame.capturedLength = part.bytes.count
                part.frame.originalLength = part.bytes.count
                return part
            }
            return reversed ? pieces.reversed() : pieces
        }
    }

    /// Every UDP payload as a record of a TCP stream, in segments of 77 bytes.
    static func inTCP(_ frames: [Analysis.MadeFrame]) -> [Analysis.MadeFrame] {
        var sequence: [[UInt8]: Int] = [:]
        return frames.flatMap { made -> [Analysis.MadeFrame] in
            guard Dialogue.isUDP(made.bytes) else { return [made] }
            let is500 = Dialogue.port(made.bytes, at: 34) == 500
            let end = 34 + Int(Dialogue.port(made.bytes, at: 38))
            let payload = (is500 ? [0, 0, 0, 0] : []) + made.bytes[42..<min(end, made.bytes.count)]
            let source = Array(made.bytes[26..<30])
            var stream: [UInt8] = []
            if sequence[source] == nil, source[0] == 192 { stream += Array("IKETCP".utf8) }
            stream += [UInt8((payload.count + 2) >> 8), UInt8((payload.count + 2) & 255)] + payload
            var next = sequence[source] ?? 1000
            let segments = stride(from: 0, to: stream.count, by: 77).map { start -> Analysis.MadeFrame in
                let piece = stream[start..<min(start + 77, stream.count)]
                var part = made
                var bytes = Array(made.bytes[..<34])
                bytes[23] = 6
                Self.put(40 + piece.count, at: 16, &bytes)
                bytes += [0x11, 0x94, 0x11, 0x94]
                bytes += [UInt8(next >> 24), UInt8(next >> 16 & 255), UInt8(next >> 8 & 255), UInt8(next & 255)]
                bytes += [0, 0, 0, 0, 0x50, 0x18, 0xff, 0xff, 0, 0, 0, 0] + piece
                next += piece.count
                part.bytes = bytes
                part.frame.capturedLength = bytes.count
                part.frame.originalLength = bytes.count
                return part
            }
            sequence[source] = next
            return segments
        }
    }

    @Test("IP fragments of every packet, in order and in reverse", arguments: [false, true])
    func ipFragments(reversed: Bool) throws {
        guard var dialogue = try Dialogue("02a-main-psk-aes256") else { return }
        let plain = dialogue.play()
        dialogue.frames = Self.fragmented(dialogue.frames, reversed: reversed)
        let run = dialogue.play()
        Self.expectSame(run, plain)
        #expect(run.messages.allSatisfy { $0.frames.count > 1 })
        #expect(run.espPackets.allSatisfy { $0.fragments > 1 })
    }

    @Test("IKE fragments in any order, repeated, and one that is missing is told")
    func ikeFragments() throws {
        guard let dialogue = try Dialogue("05-main-rsa", "dh-private-initiator") else { return }
        let plain = dialogue.play()
        let whole = try #require(plain.messages.first { $0.ikeFragments > 0 })
        #expect(whole.step == .mainMode(5) && whole.frames.count == 2 && whole.isOpened)
        let places = whole.frames.map { $0 - 1 }
        var swapped = dialogue
        swapped.frames.swapAt(places[0], places[1])
        let swappedRun = swapped.play()
        #expect(swappedRun.inner == plain.inner)
        #expect(swappedRun.messages.contains { $0.ikeFragments == 2 && $0.isOpened })
        var repeated = dialogue
        repeated.frames.insert(dialogue.copy(of: places[0], after: 200_000_000), at: places[0] + 1)
        #expect(repeated.play().inner == plain.inner)
        var missing = dialogue
        missing.frames.remove(at: places[1])
        #expect(
            missing.play().events.contains {
                if case .reassembly(.incomplete(_, let what)) = $0.kind { what.contains("the last") } else { false }
            })
    }

    @Test("ESP behind the eight zero bytes of the first drafts, on port 500")
    func nonIKEMarker() throws {
        guard var dialogue = try Dialogue("02a-main-psk-aes256") else { return }
        let plain = dialogue.play()
        for index in dialogue.frames.indices where Dialogue.isUDP(dialogue.frames[index].bytes) {
            var bytes = dialogue.frames[index].bytes
            guard Dialogue.port(bytes, at: 34) == 4500, Dialogue.port(bytes, at: 36) == 4500, bytes.count > 60 else {
                continue
            }
            let isESP = bytes[42..<46].contains { $0 != 0 }
            if isESP {
                bytes.insert(contentsOf: [UInt8](repeating: 0, count: 8), at: 42)
            } else {
                bytes.removeSubrange(42..<46)
            }
            let added = isESP ? 8 : -4
            Self.put(Int(Dialogue.port(bytes, at: 16)) + added, at: 16, &bytes)
            Self.put(Int(Dialogue.port(bytes, at: 38)) + added, at: 38, &bytes)
            Self.put(500, at: 34, &bytes)
            Self.put(500, at: 36, &bytes)
            dialogue.frames[index].bytes = bytes
            dialogue.frames[index].frame.capturedLength = bytes.count
            dialogue.frames[index].frame.originalLength = bytes.count
        }
        Self.expectSame(dialogue.play(), plain)
    }

    @Test("a stream of TCP on port 4500, whose segments fall anywhere")
    func tcp() throws {
        guard var dialogue = try Dialogue("02a-main-psk-aes256") else { return }
        let plain = dialogue.play()
        dialogue.frames = Self.inTCP(dialogue.frames)
        let run = dialogue.play()
        Self.expectSame(run, plain)
        #expect(run.messages.allSatisfy { $0.carrier == .tcp })
    }

    @Test("packets inside GRE are those of the tunnel's peers")
    func gre() throws {
        guard var dialogue = try Dialogue("51a-raw-esp-main") else { return }
        let plain = dialogue.play()
        dialogue.changeBytes { bytes in
            guard Self.isIPv4(bytes) else { return }
            let outer: [UInt8] = [
                0x45, 0, 0, 0, 0, 0, 0, 0, 64, 47, 0, 0, 203, 0, 113, 1, 203, 0, 113, 2, 0, 0, 0x08, 0,
            ]
            bytes.insert(contentsOf: outer, at: 14)
            Self.put(bytes.count - 14, at: 16, &bytes)
        }
        for index in dialogue.frames.indices {
            dialogue.frames[index].frame.capturedLength = dialogue.frames[index].bytes.count
            dialogue.frames[index].frame.originalLength = dialogue.frames[index].bytes.count
        }
        Self.expectSame(dialogue.play(), plain)
    }

    @Test("an ICMP error that quotes IKE or ESP names what it quotes, and belongs to the peers")
    func icmp() throws {
        guard var dialogue = try Dialogue("51a-raw-esp-main") else { return }
        let esp = try #require(dialogue.frames.firstIndex { Self.isIPv4($0.bytes) && $0.bytes[23] == 50 })
        let quotes = [dialogue.ike[0], esp]
        for place in quotes.reversed() {
            let quoted = dialogue.frames[place].bytes[14..<42]
            var error = dialogue.copy(of: place, after: 1000)
            // From a router on the way: protocol unreachable for ESP, port unreachable for IKE.
            error.bytes = Array(error.bytes[..<14])
            error.bytes += [0x45, 0, 0, 56, 0, 0, 0, 0, 64, 1, 0, 0, 203, 0, 113, 9] + quoted[26..<30]
            error.bytes += [3, place == esp ? 2 : 3, 0, 0, 0, 0, 0, 0] + quoted
            error.frame.capturedLength = error.bytes.count
            error.frame.originalLength = error.bytes.count
            dialogue.frames.insert(error, at: place + 1)
        }
        let run = dialogue.play()
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
        let wanted = try Analysis.frames(truth).map { made -> [UInt8] in
            let packet = Array(made.bytes[14...])
            return Self.lasting(packet)
        }
        #expect(run.inner.count == 14)
        let got = Set(run.inner.map(Self.lasting))
        #expect(got.isSubset(of: Set(wanted)), "\(got.subtracting(wanted).count) of \(got.count) differ")
    }

    /// Without hop limit and header checksum.
    static func lasting(_ packet: [UInt8]) -> [UInt8] {
        guard packet.first.map({ $0 >> 4 == 6 }) ?? false, packet.count > 40 else { return Plaintext.lasting(packet) }
        var packet = packet
        packet[7] = 0
        return packet
    }
}
