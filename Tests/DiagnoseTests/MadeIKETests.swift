import AnalysisSupport
import IKEScope
import ScopeModel
import TestSupport
import Testing

/// Faults of IKE that no daemon of the lab has, made of negotiations that work.
@Suite("Faults of IKE made of a working negotiation")
struct MadeIKETests {
    /// Main Mode, Quick Mode, ESP, and deletes.
    private func tunnel() throws -> Talk { try Talk(of: "main-mode/raw-esp") }

    // MARK: In the clear

    /// Message 1 is answered by a notification of this type.
    func refused(type: UInt16) throws -> Found {
        Found(try Talk(of: "failures/phase1-proposal").changing(.informational(1)) { $0.notifyType = type })
    }

    @Test("message 1 that cannot be read, and one that is refused", arguments: [1, 15, 16, 14])
    func malformed(type: UInt16) throws {
        let found = try refused(type: type)
        #expect((found.first(.v1MalformedClear)?.certainty == .likely) == (type != 14))
        #expect(found.first(.v1MalformedClear).map { $0.proposals != nil } ?? (type == 14))
        #expect(found.errors.count == 1)
    }

    /// Message 2 grants so many seconds; message 1 offers 28800.
    func phase1Lifetime(seconds: UInt32) throws -> Found {
        let talk = try tunnel()
        try #require(try talk.message(.mainMode(1)).association?.value(.lifeDuration) == 28_800)
        return Found(try talk.changing(.mainMode(2)) { try $0.set(.lifeDuration, to: seconds) }, hasKeys: false)
    }

    @Test("the lifetime of message 2 is not that of message 1")
    func phase1Lifetime() throws {
        let finding = try #require(try phase1Lifetime(seconds: 7200).first(.p1LifetimeDiffers))
        #expect(finding.severity == .note && finding.certainty == .proved && finding.summary.contains("7200 s"))
        #expect(try phase1Lifetime(seconds: 28_800).first(.p1LifetimeDiffers) == nil)
    }

    /// Both sides agree on another value of an attribute.
    func agreed(_ attribute: MadeAssociation.Attribute, _ value: UInt32) throws -> Found {
        var talk = try tunnel().ending(with: .mainMode(4))
        for place in [Place.mainMode(1), .mainMode(2)] {
            talk = try talk.changing(place) { try $0.set(attribute, to: value) }
        }
        return Found(talk, hasKeys: false)
    }

    @Test("Tiger is an obsolete hash, and SHA-256 is none")
    func tiger() throws {
        let finding = try #require(try agreed(.hash, 3).first(.weakIntegObsolete))
        #expect(finding.severity == .warning && finding.certainty == .proved)
        #expect(try agreed(.hash, 4).first(.weakIntegObsolete) == nil)
    }

    /// Six messages, and the same ones a minute later: of another negotiation, or of the same one.
    func again(isOther: Bool) throws -> Found {
        let talk = try tunnel().ending(with: .mainMode(6))
        let again = talk.later(seconds: 60).changingPackets { packet in
            if isOther { packet.message?.initiatorSPI ^= 0x5a5a_5a5a_5a5a_5a5a }
        }
        return Found(talk.followed(by: again), hasKeys: false)
    }

    @Test("a nonce, a public value and a cookie that are used again")
    func reuse() throws {
        let found = try again(isOther: true).findings.filter { $0.id == .weakNonceOrCookieReuse }
        func has(_ words: String, _ severity: Finding.Severity) -> Bool {
            found.contains { $0.summary.contains(words) && $0.severity == severity && $0.certainty == .proved }
        }
        #expect(has("nonce", .warning) && has("public value", .note) && has("cookie", .warning))
        // The same message, sent again, is none.
        let repeated = try tunnel().ending(with: .mainMode(6))
            .repeating(.mainMode(3), after: 9, behind: .mainMode(6))
            .repeating(.mainMode(4), after: 9, behind: .mainMode(6))
        #expect(Found(repeated, hasKeys: false).first(.weakNonceOrCookieReuse) == nil)
    }

    /// Negotiations with one identity from these addresses, one every five minutes.
    func identity(in name: String, from addresses: [UInt8]) throws -> Found {
        let talk = try Talk(of: name).keeping(where: \.isIKE)
        let spi = try #require(talk.frames.first?.packet?.message).initiatorSPI
        let whole = addresses.enumerated().map { turn, address in
            talk.keeping { $0.message?.initiatorSPI == spi }
                .translated(to: [192, 0, 2, address]).later(seconds: Double(turn) * 300)
                .changingPackets { $0.message?.initiatorSPI ^= UInt64(turn * 5) }
        }
        return Found(whole.dropFirst().reduce(whole[0]) { $0.followed(by: $1) }, hasKeys: false)
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

    /// A tunnel, and so many seconds after its first message a new one that nobody answers.
    func renewal(after seconds: Double, hasKeys: Bool) throws -> Found {
        // Its lifetime is 28800 s; the deletes at the end of the capture are left out.
        var talk = try tunnel().ending(before: .informational(1))
        for pause in [0.0, 4, 11] {
            let first = try tunnel().keeping(.mainMode(1)).later(seconds: seconds + pause)
            talk = talk.followed(
                by: first.changingPackets { packet in
                    packet.message?.initiatorSPI ^= 0x3333_3333_3333_3333
                    packet.identification ^= UInt16(pause)
                })
        }
        return Found(talk, hasKeys: hasKeys)
    }

    @Test("phase 1 that is not renewed at the end of its life, and a new try in the middle of it")
    func renewal() throws {
        for (seconds, isTime) in [(25_000.0, true), (3_000, false)] {
            for hasKeys in [true, false] {
                let found = try renewal(after: seconds, hasKeys: hasKeys)
                #expect((found.first(.rekeyFail)?.certainty == .likely) == isTime)
                #expect(found.errors.contains { [.noResponse, .peerSilentPolicy].contains($0.id) })
            }
        }
    }

    // MARK: XAUTH

    private func user() throws -> Talk { try Talk(of: "remote-access/xauth-mode-config").keeping(where: \.isIKE) }

    /// Aggressive Mode, and a question for a user that is sent at these times, in seconds.
    private func questions(at times: [Double]) throws -> Talk {
        let first = try user().ending(with: .transaction(1))
        let question = try first.keeping(.transaction(1))
        return times.reduce(first) { $0.followed(by: question.later(seconds: $1)) }
    }

    /// Aggressive Mode, and a question for a user that is sent so often.
    func question(times: Int) throws -> Found { Found(try questions(at: (1..<times).map { Double($0) * 4 })) }

    @Test("a question for a user that nobody answers")
    func unanswered() throws {
        for hasKeys in [true, false] {
            let found = Found(try questions(at: [4, 11]), hasKeys: hasKeys)
            let finding = try #require(found.first(.xauthNotExpected))
            #expect(finding.severity == .error && finding.certainty == .likely && finding.frames.contains(4))
        }
        #expect(Found(try questions(at: [])).first(.xauthNotExpected) == nil)
        // Quick Mode instead of an answer; behind the answers it is what comes next.
        let instead = Found(try questions(at: []).followed(by: user().keeping(.quickMode(1))), hasKeys: false)
        #expect(instead.first(.xauthNotExpected)?.evidence.contains { $0.contains("Quick Mode") } ?? false)
        let whole = Found(try user().ending(with: .quickMode(1)), hasKeys: false)
        #expect(whole.first(.xauthNotExpected) == nil)
    }
}
