import AnalysisSupport
import IKEScope
import ScopeModel
import ScopeWire
import TestSupport
import Testing

/// Each error that a side tells is told, whoever sends it, whatever it answers (RFC 2408 section 3.14.1).
@Suite("Every error that a side tells is told, with its frame and its number")
struct NotificationTests {
    /// The errors of RFC 2408, and ten of those that are for private use.
    static let codes = Array(1...30) + [8192, 8193, 8999, 9101, 10_000, 11_111, 12_345, 14_500, 16_000, 16_383]

    /// A message, and the capture that has it.
    struct Step: CustomTestStringConvertible, Sendable {
        var talk: String
        var place: Place
        var testDescription: String { "\(place)" }
    }

    static let steps: [Step] =
        (1...6).map { Step(talk: "main-mode/raw-esp", place: .mainMode($0)) }
        + (1...3).map { Step(talk: "remote-access/xauth-mode-config", place: .aggressive($0)) }
        + (1...3).map { Step(talk: "main-mode/raw-esp", place: .quickMode($0)) }

    /// The payload of a notification about the IKE SA.
    static func payload(_ code: Int, _ cookies: (UInt64, UInt64)) -> MadeMessage.Payload {
        MadeMessage.Payload(
            .notification,
            [0, 0, 0, 1, 1, 16] + Packets.u16(code) + Packets.u64(cookies.0) + Packets.u64(cookies.1))
    }

    /// Up to this message, and then an error in the clear; gives the number of its frame as well.
    static func told(
        _ code: Int, behind step: Step, isFromInitiator: Bool
    ) throws -> (talk: Talk, frame: Int) {
        let talk = try Talk(of: step.talk).ending(with: step.place)
        let like = try talk.message(step.place)
        let cookies = (like.initiatorSPI, like.responderSPI == 0 ? 0x1122_3344_5566_7788 : like.responderSPI)
        var message = MadeMessage(
            initiatorSPI: cookies.0, responderSPI: cookies.1, exchange: 5, payloads: [payload(code, cookies)])
        message.messageID = 0x4142_4344
        let isBack = try (talk.packet(step.place).source == talk.initiator) != isFromInitiator
        let frame = try talk.frame(step.place).changing { packet in
            if isBack { packet = packet.reversed }
            packet.ike = message.bytes
        }
        let place = try talk.index(of: step.place)
        return (talk.inserting([frame.later(seconds: 0.1)], behind: place), place + 2)
    }

    /// A finding has the frame, and names the error by its registry's name or by its number.
    private func isTold(_ code: Int, _ frame: Int, _ found: Found) -> Bool {
        found.findings.contains { finding in
            finding.frames.contains(frame)
                && ([finding.summary] + finding.evidence).contains { text in
                    text.contains("(\(code))") || (Self.names[code].map(text.contains) ?? false)
                }
        }
    }

    /// As the RFC has them, of those that findings name without their number.
    private static let names = [
        4: "INVALID-COOKIE", 5: "INVALID-MAJOR-VERSION", 11: "INVALID-SPI", 14: "NO-PROPOSAL-CHOSEN",
        17: "INVALID-KEY-INFORMATION", 18: "INVALID-ID-INFORMATION", 24: "AUTHENTICATION-FAILED",
    ]

    @Test("in the clear, behind each message, by either side", arguments: steps)
    func clear(step: Step) throws {
        for code in Self.codes {
            for isFromInitiator in [true, false] {
                let (talk, frame) = try Self.told(code, behind: step, isFromInitiator: isFromInitiator)
                let found = Found(talk, hasKeys: false)
                let place = "\(code) behind \(step.place), \(isFromInitiator ? "initiator" : "responder")"
                #expect(isTold(code, frame, found), "\(place): \(found.findings.map(\.summary))")
                for finding in found.findings where finding.frames.contains(frame) && finding.layer != .hygiene {
                    // Anybody can send it. Only what names the offer that it refuses is taken for what it says.
                    #expect(finding.certainty <= .likely || code == 14, "\(place): \(finding.summary)")
                    let texts = [finding.summary] + finding.evidence
                    #expect(!texts.contains { $0.contains("could not read it") }, "\(place)")
                }
                // It is no success that ends so.
                if step.place != .quickMode(3) {
                    #expect(!found.peers.contains { ["up", "nothing wrong"].contains($0.verdict) }, "\(place)")
                }
            }
        }
    }

    @Test("under the keys of the IKE SA, behind each message of Quick Mode, by either side", arguments: [1, 2, 3])
    func protected(number: Int) throws {
        let place = Place.quickMode(number)
        let talk = try Talk(of: "main-mode/raw-esp").ending(with: place)
        let like = try talk.message(place)
        for code in Self.codes {
            for isFromInitiator in [true, false] {
                let addition = Talk.Addition(
                    messageID: 0x4142_4344,
                    payloads: [Self.payload(code, (like.initiatorSPI, like.responderSPI))],
                    isFromInitiator: isFromInitiator)
                let found = Found(try talk.adding(addition, behind: place, after: 0.1))
                let frame = try talk.index(of: place) + 2
                #expect(
                    isTold(code, frame, found),
                    "\(code) behind \(place), \(isFromInitiator): \(found.findings.map(\.summary))")
            }
        }
    }

    @Test("one that the negotiation goes on behind is a warning at most", arguments: [4, 7, 18, 8192])
    func ignored(code: Int) throws {
        for number in 2...5 {
            let step = Step(talk: "main-mode/raw-esp", place: .mainMode(number))
            let (talk, frame) = try Self.told(code, behind: step, isFromInitiator: false)
            let rest = try Talk(of: step.talk)
            let whole = talk.followed(by: Talk.rest(of: rest, behind: try rest.index(of: step.place)).later(seconds: 0.2))
            let found = Found(whole, hasKeys: false)
            #expect(found.errors.isEmpty && isTold(code, frame, found), "\(found.findings.map(\.summary))")
        }
    }

    @Test("message 5 that is refused in the clear: the identity, the key, or the error itself")
    func fifth() throws {
        for (code, id) in [(18, FindingID.idMismatch), (24, .idMismatch), (16, .pskMismatchMain), (23, .pskMismatchMain)] {
            let step = Step(talk: "main-mode/raw-esp", place: .mainMode(5))
            let (talk, _) = try Self.told(code, behind: step, isFromInitiator: false)
            let found = Found(talk, hasKeys: false)
            #expect(found.errors.map(\.id) == [id], "\(code): \(found.errors.map(\.summary))")
        }
    }

    // MARK: Made captures

    /// A tunnel in whose traffic, or before it, somebody says that it does not know an SPI.
    static func unknownSPI(behindTraffic: Bool) throws -> Found {
        guard behindTraffic else { return try MadeIKETests().refused(type: 11) }
        let talk = try Talk(of: "main-mode/raw-esp")
        let like = try talk.message(.quickMode(3))
        var message = MadeMessage(
            initiatorSPI: like.initiatorSPI, responderSPI: like.responderSPI, exchange: 5,
            payloads: [MadeMessage.Payload(.notification, [0, 0, 0, 1, 3, 4] + Packets.u16(11) + [1, 2, 3, 4])])
        message.messageID = 0x5152_5354
        let frame = try talk.frame(.quickMode(3)).changing { packet in
            packet = packet.reversed
            packet.ike = message.bytes
        }
        let place = talk.esp.last ?? 0
        let late = talk.frames[place].frame.time.nanoseconds - frame.frame.time.nanoseconds
        return Found(talk.inserting([frame.later(nanoseconds: late + 1_000_000)], behind: place), hasKeys: false)
    }

    /// So many hosts answer one address with one initiator SPI.
    static func reflected(by hosts: Int) throws -> Found {
        let answer = try Talk(of: "main-mode/raw-esp").keeping(.mainMode(2))
        let all = (1...hosts).map { host in
            answer.later(seconds: Double(host) / 1000).changingPackets { packet in
                packet.source = [198, 51, 100, UInt8(host)]
                packet.message?.responderSPI ^= UInt64(host)
            }
        }
        return Found(all.dropFirst().reduce(all[0]) { $0.followed(by: $1) }, hasKeys: false)
    }

    @Test("answers of many hosts that nobody asked are told once", arguments: [4, 5, 30])
    func reflection(hosts: Int) throws {
        let found = try Self.reflected(by: hosts)
        #expect(found.findings.count { $0.id == .reflectionFlood } == (hosts < 5 ? 0 : 1))
        #expect(!found.peers.contains { $0.verdict == "up" })
        #expect(found.first(.capLateStart) == nil)
    }
}

extension Talk {
    /// What comes behind a frame.
    fileprivate static func rest(of talk: Talk, behind index: Int) -> Talk {
        var rest = talk
        rest.frames = Array(talk.frames[(index + 1)...])
        return rest
    }
}
