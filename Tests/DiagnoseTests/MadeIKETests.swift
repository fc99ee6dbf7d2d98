import AnalysisSupport
import Foundation
import IKEScope
import ScopeCrypto
import ScopeDissect
import ScopeModel
import ScopeWire
import TestSupport
import Testing

/// Faults of IKE that no daemon of the lab has, made of negotiations that work.
@Suite("Faults of IKE made of a working negotiation")
struct MadeIKETests {
    func capture(_ name: String) throws -> (frames: [Analysis.MadeFrame], keys: KeyFile) {
        let base = ShippedTests.base(name)
        return (try Analysis.frames(base + ".pcap"), try KeyFile.load(base + ".keys.json"))
    }

    /// Places of UDP over IPv4.
    func udp(_ frames: [Analysis.MadeFrame]) -> [Int] {
        frames.indices.filter { frames[$0].bytes.count > 42 && frames[$0].bytes[12] == 8 && frames[$0].bytes[23] == 17 }
    }

    func later(_ made: Analysis.MadeFrame, _ milliseconds: Int64) -> Analysis.MadeFrame {
        var made = made
        made.frame.time = Instant(nanoseconds: made.frame.time.nanoseconds + milliseconds * 1_000_000)
        return made
    }

    func sized(_ made: Analysis.MadeFrame, _ bytes: [UInt8]) -> Analysis.MadeFrame {
        var made = made
        made.bytes = bytes
        made.bytes.setLengths()
        made.frame.capturedLength = made.bytes.count
        made.frame.originalLength = made.bytes.count
        return made
    }

    // MARK: In the clear

    /// Message 1 is answered by a notification of this type.
    func refused(type: UInt8) throws -> Found {
        var (frames, _) = try capture("failures/phase1-proposal")
        let place = udp(frames)[1]
        // DOI, protocol and SPI size stand before the type, behind two headers.
        try #require(Array(frames[place].bytes[80..<82]) == [0, 14])
        frames[place].bytes[81] = type
        return Found(playing: frames)
    }

    @Test("message 1 that cannot be read, and one that is refused", arguments: [1, 15, 16, 14])
    func malformed(type: UInt8) throws {
        let found = try refused(type: type)
        #expect((found.first(.v1MalformedClear)?.certainty == .proved) == (type != 14))
        #expect(found.errors.count == 1)
    }

    /// Message 2 grants so many seconds; message 1 offers 28800.
    func phase1Lifetime(seconds: UInt16) throws -> Found {
        var (frames, _) = try capture("main-mode/raw-esp")
        let place = udp(frames)[1]
        let life: [UInt8] = [0x80, 0x0b, 0x00, 0x01, 0x80, 0x0c, 0x70, 0x80]
        let granted = [UInt8(seconds >> 8), UInt8(seconds & 255)]
        frames[place].bytes = frames[place].bytes.replacing(life, with: life.dropLast(2) + granted)
        return Found(playing: frames)
    }

    @Test("the lifetime of message 2 is not that of message 1")
    func phase1Lifetime() throws {
        let finding = try #require(try phase1Lifetime(seconds: 7200).first(.p1LifetimeDiffers))
        #expect(finding.severity == .note && finding.certainty == .proved && finding.summary.contains("7200 s"))
    }

    /// Both sides agree on this hash.
    func hash(_ number: UInt8) throws -> Found {
        var (frames, _) = try capture("main-mode/raw-esp")
        for place in udp(frames).prefix(2) {
            frames[place].bytes = frames[place].bytes.replacing(
                [0x80, 0x02, 0x00, 0x02], with: [0x80, 0x02, 0x00, number])
        }
        return Found(playing: frames)
    }

    @Test("Tiger is an obsolete hash")
    func tiger() throws {
        let finding = try #require(try hash(3).first(.weakIntegObsolete))
        #expect(finding.severity == .warning && finding.certainty == .proved)
    }

    /// Six messages, and the same ones a minute later: of another negotiation, or of the same one.
    func again(isOther: Bool) throws -> Found {
        let (frames, _) = try capture("main-mode/raw-esp")
        let messages = udp(frames).prefix(6).map { frames[$0] }
        let cookie = Array(messages[0].bytes[42..<50])
        let again = messages.map { made in
            var made = later(made, 60_000)
            if isOther { made.bytes = made.bytes.replacing(cookie, with: cookie.map { $0 ^ 0x5a }) }
            return made
        }
        return Found(playing: messages + again)
    }

    @Test("a nonce, a public value and a cookie that are used again")
    func reuse() throws {
        let (frames, _) = try capture("main-mode/raw-esp")
        let messages = udp(frames).prefix(6).map { frames[$0] }
        let found = try again(isOther: true).findings.filter { $0.id == .weakNonceOrCookieReuse }
        func has(_ words: String, _ severity: Finding.Severity) -> Bool {
            found.contains { $0.summary.contains(words) && $0.severity == severity && $0.certainty == .proved }
        }
        #expect(has("nonce", .warning) && has("public value", .note) && has("cookie", .warning))
        // The same message, sent again, is none.
        let repeated = Found(playing: messages + [later(messages[2], 9_000), later(messages[3], 9_000)])
        #expect(repeated.first(.weakNonceOrCookieReuse) == nil)
    }

    /// Negotiations with one identity from these addresses, one every five minutes.
    func identity(in name: String, from addresses: [UInt8]) throws -> Found {
        func negotiation(_ name: String, _ address: UInt8, _ minute: Int64) throws -> [Analysis.MadeFrame] {
            let (frames, _) = try capture(name)
            let messages = udp(frames).map { frames[$0] }
            let (source, cookie) = (Array(messages[0].bytes[26..<30]), Array(messages[0].bytes[42..<50]))
            return messages.filter { $0.bytes.replacing(cookie, with: cookie.map { $0 ^ 1 }) != $0.bytes }.map { made in
                var made = later(made, minute * 60_000)
                made.bytes = made.bytes.replacing(source, with: [192, 0, 2, address])
                    .replacing(cookie, with: cookie.map { $0 ^ UInt8(minute) })
                return made
            }
        }
        return Found(
            playing: try addresses.enumerated().flatMap { try negotiation(name, $0.element, Int64($0.offset) * 5) })
    }

    @Test("two devices with one identity take turns; one that moves, and users of a group, do not")
    func identity() throws {
        func found(_ name: String, _ addresses: [UInt8]) throws -> Finding? {
            try identity(in: name, from: addresses).first(.duplicateIdentity)
        }
        let finding = try #require(try found("certificates/aggressive-ecdsa", [31, 32, 31]))
        #expect(finding.severity == .warning && finding.certainty == .likely)
        #expect(finding.peers.count == 3 && finding.frames.count == 3)
        #expect(try found("certificates/aggressive-ecdsa", [31, 31, 32]) == nil)
        #expect(try found("remote-access/xauth-mode-config", [31, 32, 31]) == nil)
    }

    /// A tunnel, and so many seconds later a first message that nobody answers.
    func renewal(after seconds: Int64, hasKeys: Bool) throws -> Found {
        let (frames, keys) = try capture("main-mode/raw-esp")
        let first = frames[udp(frames)[0]]
        let cookie = Array(first.bytes[42..<50])
        // Its lifetime is 28800 s; the deletes at the end of the capture are left out.
        let tunnel = frames.prefix(while: { made in
            made.bytes.count <= 60 || made.bytes[23] != 17 || made.bytes[60] != 5
        })
        let tries = [Int64(0), 4, 11].map { pause in
            var made = later(first, (seconds + pause) * 1000)
            made.bytes = made.bytes.replacing(cookie, with: cookie.map { $0 ^ 0x33 })
            made.bytes[19] ^= UInt8(pause)
            return made
        }
        return Found(playing: Array(tunnel) + tries, keys: hasKeys ? [keys] : [])
    }

    @Test("phase 1 that is not renewed at the end of its life, and a new try in the middle of it")
    func renewal() throws {
        for (seconds, isTime) in [(Int64(25_000), true), (3_000, false)] {
            for hasKeys in [true, false] {
                let found = try renewal(after: seconds, hasKeys: hasKeys)
                #expect((found.first(.rekeyFail)?.certainty == .likely) == isTime)
                #expect(found.errors.contains { [.noResponse, .peerSilentPolicy].contains($0.id) })
            }
        }
    }

    // MARK: Certificates and clocks

    /// The signature of message 2 is another one than the certificate's key makes.
    func signature(hasKeys: Bool) throws -> Found {
        var (frames, keys) = try capture("certificates/aggressive-ecdsa")
        let run = Analysis.playing(frames, keys: [keys])
        let answer = try #require(run.messages.first { $0.step == .v1(.aggressive(2)) }?.readable)
        let bytes = try #require(answer.body(of: .signature)).dropFirst(20).prefix(12)
        let wrong = [bytes[bytes.startIndex] ^ 1] + bytes.dropFirst()
        for index in frames.indices { frames[index].bytes = frames[index].bytes.replacing(Array(bytes), with: wrong) }
        // Message 3 shows that the keys are right.
        return Found(playing: udp(frames).prefix(4).map { frames[$0] }, keys: hasKeys ? [keys] : [])
    }

    @Test("a signature that is not by the certificate's key")
    func signature() throws {
        let finding = try #require(try signature(hasKeys: true).first(.sigInvalid))
        #expect(finding.severity == .error && finding.certainty == .proved)
        #expect(try signature(hasKeys: false).first(.sigInvalid) == nil)
    }

    /// Payloads of an ISAKMP message in the clear behind Ethernet, IPv4 and UDP: type, and place in the frame.
    private func payloads(_ bytes: [UInt8]) -> [(type: UInt8, range: Range<Int>)] {
        var (list, next, at): ([(type: UInt8, range: Range<Int>)], UInt8, Int) = ([], bytes[58], 70)
        while next != 0, at + 4 <= bytes.count {
            let length = Int(bytes[at + 2]) << 8 | Int(bytes[at + 3])
            list.append((next, at..<(at + length)))
            (next, at) = (bytes[at], at + length)
        }
        return list
    }

    @Test("without keys: the two sides ask for certificates of different CAs, or of one")
    func authorities() throws {
        let (frames, _) = try capture("failures/untrusted-ca")
        let places = udp(frames)
        let request = try #require(payloads(frames[places[3]].bytes).first { $0.type == 7 })
        func found(_ authority: UInt8) throws -> Found {
            // "Lab Root CA 2" is what message 4 asks for; message 3 asks for another, or for the same.
            var asked = Array(frames[places[3]].bytes[request.range])
            asked[0] = 0
            asked[asked.count - 1] = authority
            var bytes = frames[places[2]].bytes
            let last = try #require(payloads(bytes).last)
            bytes[last.range.lowerBound] = 7
            bytes += asked
            bytes.replaceSubrange(
                66..<70, with: [0, 0, UInt8((bytes.count - 42) >> 8), UInt8((bytes.count - 42) & 255)])
            var made = frames
            made[places[2]] = sized(frames[places[2]], bytes)
            return Found(playing: made)
        }
        let finding = try #require(try found(UInt8(ascii: "1")).first(.certNotTrusted))
        #expect(finding.certainty == .likely && finding.severity == .error && !finding.lookAlikes.isEmpty)
        let same = try found(UInt8(ascii: "2"))
        #expect(same.first(.certNotTrusted) == nil && same.first(.idMismatch)?.certainty == .possible)
    }

    @Test("a certificate that the responder answers with silence is a failure all the same")
    func silence() throws {
        let (frames, keys) = try capture("failures/untrusted-ca")
        // Everything but the refusal, without NAT-D payloads, on port 500 and sent again.
        let messages = udp(frames).dropLast().map { place in
            var made = frames[place]
            let list = payloads(made.bytes)
            for (before, payload) in zip(list, list.dropFirst()) where payload.type == 20 {
                made.bytes[before.range.lowerBound] = 13
            }
            return made
        }
        let again = messages.suffix(2).map { made in
            var made = later(made, 4_000)
            made.bytes[19] ^= 0x55
            return made
        }
        let moved = (messages + again).map { made in
            var made = made
            guard made.bytes[36] == 0x11, made.bytes[37] == 0x94 else { return made }
            made.bytes.removeSubrange(42..<46)
            made.bytes.replaceSubrange(34..<38, with: [1, 0xf4, 1, 0xf4])
            return sized(made, made.bytes)
        }
        let blind = Found(playing: moved)
        #expect(blind.errors.map(\.id) == [.idMismatch] && blind.errors.first?.certainty == .possible)
        #expect(blind.errors.first?.lookAlikes.contains { $0.contains(FindingID.certNotTrusted.text) } ?? false)
        // With keys the CA is seen; that it is refused is not.
        #expect(Found(playing: moved, keys: [keys]).first(.certNotTrusted)?.certainty == .likely)
    }

    /// A negotiation with certificates, as if it were of so many years ago.
    func certificates(yearsAgo years: Int64) throws -> Found {
        var (frames, keys) = try capture("certificates/ecdsa-chain")
        for index in frames.indices { frames[index] = later(frames[index], -years * 365 * 86_400_000) }
        return Found(playing: frames, keys: [keys])
    }

    @Test("a certificate of the future, and a clock in a vendor ID")
    func clock() throws {
        let future = try #require(try certificates(yearsAgo: 10).first(.clockSkew))
        #expect(future.certainty == .possible && future.severity == .note)

        // Check Point: 20 bytes, product, version, time, reserved, features.
        let (plain, _) = try capture("main-mode/raw-esp")
        let first = plain[udp(plain)[0]]
        func found(_ offset: Int64) -> Finding? {
            let seconds = UInt32(truncatingIfNeeded: first.frame.time.nanoseconds / 1_000_000_000 + offset)
            let vendor: [UInt8] =
                [0xf4, 0xed, 0x19, 0xe0, 0xc1, 0x14, 0xeb, 0x51, 0x6f, 0xaa, 0xac, 0x0e, 0xe3, 0x7d, 0xaf, 0x28, 0x07]
                + [0xb4, 0x38, 0x1f, 0, 0, 0, 1, 0, 0, 0x13, 0x8d]
                + (0..<4).map { UInt8(truncatingIfNeeded: seconds >> (24 - 8 * $0)) } + [0, 0, 0, 0, 0, 0, 0, 0]
            var made = plain
            // In front of the SA payload's follower: the chain begins with the vendor ID.
            var bytes = first.bytes
            let length = bytes.count - 42 + 44
            bytes.replaceSubrange(66..<70, with: [0, 0, UInt8(length >> 8), UInt8(length & 255)])
            let next = bytes[58]
            bytes[58] = 13
            bytes.insert(contentsOf: [next, 0, 0, 44] + vendor, at: 70)
            made[udp(plain)[0]] = sized(first, bytes)
            return Found(playing: made).first(.clockSkew)
        }
        let behind = try #require(found(-7_200))
        #expect(behind.certainty == .likely && behind.summary.contains("2 h behind"))
        #expect(found(30) == nil)
    }

    // MARK: XAUTH

    /// Aggressive Mode, and a question for a user that is sent so often.
    func question(times: Int) throws -> Found {
        let (frames, keys) = try capture("remote-access/xauth-mode-config")
        let messages = udp(frames).map { frames[$0] }
        let again = (1..<times).map { later(messages[3], Int64($0) * 4_000) }
        return Found(playing: Array(messages.prefix(4)) + again, keys: [keys])
    }

    @Test("a question for a user that nobody answers")
    func user() throws {
        let (frames, keys) = try capture("remote-access/xauth-mode-config")
        let messages = udp(frames).map { frames[$0] }
        // Three of Aggressive Mode, and the question.
        let made = messages.prefix(4) + [later(messages[3], 4_000), later(messages[3], 11_000)]
        for keys in [[keys], []] {
            let finding = try #require(Found(playing: Array(made), keys: keys).first(.xauthNotExpected))
            #expect(finding.severity == .error && finding.certainty == .likely && finding.frames.contains(4))
        }
        #expect(Found(playing: Array(messages.prefix(4)), keys: [keys]).first(.xauthNotExpected) == nil)
        // Quick Mode instead of an answer; behind the answers it is what comes next.
        let begins = try #require(messages.firstIndex { $0.bytes.count > 64 && $0.bytes[64] == 32 })
        let instead = Found(playing: Array(messages.prefix(4)) + [messages[begins]])
        #expect(instead.first(.xauthNotExpected)?.evidence.contains { $0.contains("Quick Mode") } ?? false)
        #expect(Found(playing: Array(messages[...begins])).first(.xauthNotExpected) == nil)
    }
}
