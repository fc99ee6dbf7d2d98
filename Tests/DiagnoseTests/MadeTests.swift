import AnalysisSupport
import Foundation
import IKEScope
import ScopeCrypto
import ScopeModel
import ScopeWire
import TestSupport
import Testing

/// Faults that no daemon of the lab has, made of a tunnel that works.
@Suite("Faults made of a working tunnel")
struct MadeTests {
    /// Ethernet, IPv4 and UDP 500: nine messages of IKE, then ESP and deletes.
    private func tunnel() throws -> (frames: [Analysis.MadeFrame], keys: KeyFile) {
        let base = ShippedTests.base("main-mode/raw-esp")
        return (try Analysis.frames(base + ".pcap"), try KeyFile.load(base + ".keys.json"))
    }

    private func ike(_ frames: [Analysis.MadeFrame]) -> [Analysis.MadeFrame] {
        frames.filter { $0.bytes.count > 42 && $0.bytes[23] == 17 && $0.bytes[36] == 1 && $0.bytes[37] == 0xf4 }
    }

    private func again(_ made: Analysis.MadeFrame, _ seconds: Int64) -> Analysis.MadeFrame {
        var made = made
        made.frame.time = Instant(nanoseconds: made.frame.time.nanoseconds + seconds * 1_000_000_000)
        return made
    }

    private func found(_ frames: [Analysis.MadeFrame], _ keys: KeyFile) -> Found {
        Found(playing: frames, keys: [keys])
    }

    @Test("the tunnel itself has none of these")
    func whole() throws {
        let (frames, keys) = try tunnel()
        #expect(
            found(frames, keys).ids.isSubset(of: [
                .deleteBy, .initialContact, .weakSHA1, .weakDH2And5, .weakIKEv1, .weakNoPFS,
            ]))
    }

    /// Both first messages so often.
    func firstMessages(times: Int) throws -> Found {
        let (frames, keys) = try tunnel()
        let first = Array(ike(frames).prefix(2))
        return found((0..<times).flatMap { n in first.map { again($0, Int64(n) * 5) } }, keys)
    }

    @Test("answers that do not arrive")
    func answersLost() throws {
        #expect(try firstMessages(times: 3).first(.udp500OneWay)?.severity == .error)
        #expect(try firstMessages(times: 1).first(.udp500OneWay) == nil)
    }

    /// The responder answers from another address than the one that is called.
    func otherAddress() throws -> Found {
        var (frames, keys) = try tunnel()
        let responder = Array(frames[2].bytes[30..<34])
        for index in frames.indices
        where frames[index].bytes.count > 34 && Array(frames[index].bytes[26..<30]) == responder {
            frames[index].bytes[29] ^= 1
        }
        return found(frames, keys)
    }

    @Test("an answer from another address")
    func addressDiffers() throws {
        #expect(try otherAddress().first(.wrongPeerAddress)?.certainty == .proved)
    }

    /// Message 2 of Quick Mode again: behind message 3, or before it.
    func secondMessage(isBehindThird: Bool) throws -> Found {
        let (frames, keys) = try tunnel()
        let messages = ike(frames)
        let again = [again(messages[7], 3), again(messages[7], 8)]
        let rest = isBehindThird ? [messages[8]] + again : again + [self.again(messages[8], 9)]
        return found(Array(messages.prefix(8)) + rest, keys)
    }

    @Test("Quick Mode message 3 that does not arrive")
    func thirdMessageLost() throws {
        #expect(try secondMessage(isBehindThird: true).first(.qm3Lost)?.certainty == .likely)
        #expect(try secondMessage(isBehindThird: false).first(.qm3Lost) == nil)
    }

    /// Message 1 so often, and nothing else.
    func firstMessage(times: Int) throws -> Found {
        let (frames, keys) = try tunnel()
        let first = ike(frames)[0]
        return found((0..<times).map { again(first, Int64($0) * 2) }, keys)
    }

    @Test("a message sent twelve times, and a peer that never answers")
    func storm() throws {
        let found = try firstMessage(times: 12)
        #expect(found.first(.retransmitStorm)?.severity == .warning)
        #expect(found.first(.noResponse)?.certainty == .likely)
        #expect(try firstMessage(times: 5).first(.retransmitStorm) == nil)
    }

    /// A tunnel without ESP, which is closed so many seconds later.
    func idle(seconds: Int64) throws -> Found {
        let (frames, keys) = try tunnel()
        let messages = ike(frames)
        return found(Array(messages.prefix(9)) + messages.dropFirst(9).map { again($0, seconds) }, keys)
    }

    @Test("a tunnel that nothing goes through")
    func idle() throws {
        #expect(try idle(seconds: 30).first(.espIdleAfterUp)?.severity == .note)
        #expect(try idle(seconds: 0).first(.espIdleAfterUp) == nil)
    }

    /// The tunnel with a shared secret that is none of it.
    func wrongSecret() throws -> Found {
        let (frames, _) = try tunnel()
        let text =
            #"{"schema":"ikescope.keys/1","psk":[{"peer":"*","key":"cisco123-LabKey!"}],"dh":[{"shared":"00112233","initiator_spi":"7eb44303ec536c1e"}]}"#
        return found(frames, try KeyFile(bytes: Array(text.utf8), path: "wrong"))
    }

    /// The tunnel with the exponent of another negotiation, which opens nothing and proves nothing.
    func otherExponent() throws -> Found {
        found(try tunnel().frames, try KeyFile.load(ShippedTests.base("quick-mode/pfs-group14") + ".keys.json"))
    }

    @Test("keys that are none of this tunnel's")
    func wrongKeys() throws {
        #expect(try otherExponent().first(.dhOrKeysWrong) == nil)
        #expect(try wrongSecret().first(.dhOrKeysWrong)?.certainty == .proved)
    }
}
