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
                "delete-by", "initial-contact", "weak-sha1", "weak-dh-2-5", "weak-ikev1", "weak-no-pfs",
            ]))
    }

    @Test("answers that do not arrive")
    func answersLost() throws {
        let (frames, keys) = try tunnel()
        let first = Array(ike(frames).prefix(2))
        let made = first + [again(first[0], 4), again(first[1], 4), again(first[0], 11), again(first[1], 11)]
        #expect(found(made, keys).first("udp500-one-way")?.severity == .error)
    }

    @Test("an answer from another address")
    func otherAddress() throws {
        var (frames, keys) = try tunnel()
        let responder = Array(frames[2].bytes[30..<34])
        for index in frames.indices
        where frames[index].bytes.count > 34 && Array(frames[index].bytes[26..<30]) == responder {
            frames[index].bytes[29] ^= 1
        }
        #expect(found(frames, keys).first("wrong-peer-address")?.certainty == .proved)
    }

    @Test("Quick Mode message 3 that does not arrive")
    func thirdMessageLost() throws {
        let (frames, keys) = try tunnel()
        let messages = ike(frames)
        let made = messages.prefix(9) + [again(messages[7], 3), again(messages[7], 8)]
        #expect(found(Array(made), keys).first("qm3-lost")?.certainty == .likely)
    }

    @Test("a message sent twelve times, and a peer that never answers")
    func storm() throws {
        let (frames, keys) = try tunnel()
        let first = ike(frames)[0]
        let found = found((0..<12).map { again(first, Int64($0) * 2) }, keys)
        #expect(found.first("retransmit-storm")?.severity == .warning)
        #expect(found.first("no-response")?.certainty == .likely)
    }

    @Test("a tunnel that nothing goes through")
    func idle() throws {
        let (frames, keys) = try tunnel()
        let messages = ike(frames)
        let made = Array(messages.prefix(9)) + messages.dropFirst(9).map { again($0, 30) }
        #expect(found(made, keys).first("esp-idle-after-up")?.severity == .note)
    }

    @Test("keys that are none of this tunnel's")
    func wrongKeys() throws {
        let (frames, _) = try tunnel()
        let other = try KeyFile.load(ShippedTests.base("quick-mode/pfs-group14") + ".keys.json")
        // The exponent of another negotiation opens nothing and proves nothing; g^xy that is wrong does.
        #expect(Found(playing: frames, keys: [other]).first("dh-or-keys-wrong") == nil)
        let text =
            #"{"schema":"ikescope.keys/1","psk":[{"peer":"*","key":"cisco123-LabKey!"}],"dh":[{"shared":"00112233","initiator_spi":"7eb44303ec536c1e"}]}"#
        let wrong = try KeyFile(bytes: Array(text.utf8), path: "wrong")
        #expect(Found(playing: frames, keys: [wrong]).first("dh-or-keys-wrong")?.certainty == .proved)
    }
}
