import AnalysisSupport
import ScopeCrypto
import ScopeModel
import Testing

/// Faults that no daemon of the lab has, made of a tunnel that works.
@Suite("Faults made of a working tunnel")
struct MadeTests {
    /// Main Mode, Quick Mode, ESP, and deletes.
    private func tunnel() throws -> Talk { try Talk(of: "main-mode/raw-esp") }

    /// Without ESP.
    private func negotiation() throws -> Talk { try tunnel().keeping(where: \.isIKE) }

    @Test("the tunnel itself has none of these")
    func whole() throws {
        #expect(
            Found(try tunnel()).ids.isSubset(of: [
                .deleteBy, .initialContact, .weakSHA1, .weakDH2And5, .weakIKEv1, .weakNoPFS,
            ]))
    }

    /// Both first messages so often.
    func firstMessages(times: Int) throws -> Found {
        let first = try negotiation().ending(with: .mainMode(2))
        return Found((1..<times).reduce(first) { $0.followed(by: first.later(seconds: Double($1) * 5)) })
    }

    @Test("answers that do not arrive")
    func answersLost() throws {
        #expect(try firstMessages(times: 3).first(.udp500OneWay)?.severity == .error)
        #expect(try firstMessages(times: 1).first(.udp500OneWay) == nil)
    }

    /// The responder answers from the address that is called, or from another one.
    func answered(fromOther: Bool = true) throws -> Found {
        let talk = try tunnel()
        let responder = try talk.packet(.mainMode(1)).destination
        return Found(
            talk.changingPackets { if fromOther, $0.source == responder { $0.source = [198, 51, 100, 21] } })
    }

    @Test("an answer from another address")
    func addressDiffers() throws {
        #expect(try answered().first(.wrongPeerAddress)?.certainty == .proved)
        #expect(try answered(fromOther: false).first(.wrongPeerAddress) == nil)
    }

    /// Message 2 of Quick Mode twice more: behind message 3, or before it.
    func secondMessage(isBehindThird: Bool) throws -> Found {
        var talk = try negotiation().ending(with: .quickMode(3))
        if !isBehindThird { talk = try talk.delaying(.quickMode(3), by: 9) }
        for seconds in [8.0, 3] {
            talk = try talk.repeating(
                .quickMode(2), after: seconds, behind: isBehindThird ? .quickMode(3) : .quickMode(2))
        }
        return Found(talk)
    }

    @Test("Quick Mode message 3 that does not arrive")
    func thirdMessageLost() throws {
        #expect(try secondMessage(isBehindThird: true).first(.qm3Lost)?.certainty == .likely)
        #expect(try secondMessage(isBehindThird: false).first(.qm3Lost) == nil)
    }

    /// Message 1 so often, and nothing else.
    func firstMessage(times: Int) throws -> Found {
        let first = try tunnel().keeping(.mainMode(1))
        return Found((1..<times).reduce(first) { $0.followed(by: first.later(seconds: Double($1) * 2)) })
    }

    @Test("a message sent twelve times, and a peer that never answers")
    func storm() throws {
        let found = try firstMessage(times: 12)
        #expect(found.first(.retransmitStorm)?.severity == .warning)
        #expect(found.first(.noResponse)?.certainty == .likely)
        #expect(try firstMessage(times: 5).first(.retransmitStorm) == nil)
    }

    /// A tunnel without ESP, which is closed so many seconds later.
    func idle(seconds: Double) throws -> Found {
        Found(try negotiation().delaying(.informational(1), by: seconds))
    }

    @Test("a tunnel that nothing goes through")
    func idle() throws {
        #expect(try idle(seconds: 30).first(.espIdleAfterUp)?.severity == .note)
        #expect(try idle(seconds: 0).first(.espIdleAfterUp) == nil)
    }

    /// The tunnel with a shared secret that is none of it.
    func wrongSecret() throws -> Found {
        let talk = try tunnel()
        let spi = String(try talk.message(.mainMode(1)).initiatorSPI, radix: 16)
        let text =
            #"{"schema":"ikescope.keys/1","psk":[{"peer":"*","key":"cisco123-LabKey!"}],"dh":[{"shared":"00112233","#
            + #""initiator_spi":"\#(spi)"}]}"#
        return Found(playing: talk.frames, keys: [try KeyFile(bytes: Array(text.utf8), path: "wrong")])
    }

    /// The tunnel with the exponent of another negotiation, which opens nothing and proves nothing.
    func otherExponent() throws -> Found {
        Found(playing: try tunnel().frames, keys: try Talk(of: "quick-mode/pfs-group14").keys)
    }

    @Test("keys that are none of this tunnel's")
    func wrongKeys() throws {
        #expect(try otherExponent().first(.dhOrKeysWrong) == nil)
        #expect(try wrongSecret().first(.dhOrKeysWrong)?.certainty == .proved)
    }
}
