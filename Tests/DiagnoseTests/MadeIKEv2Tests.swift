import AnalysisSupport
import ScopeCrypto
import ScopeModel
import ScopeWire
import TestSupport
import Testing

/// Negotiations of IKEv2 with one thing changed, in the clear or inside what is encrypted.
@Suite("What IKEv2 says of a failure is told")
struct MadeIKEv2Tests {
    private static let auth: UInt8 = 39
    private static let ikeAuth: UInt8 = 35
    private static let createChild: UInt8 = 36
    private static let informational: UInt8 = 37

    // MARK: Made

    /// The shipped tunnel up to a frame of IKE, and something of somebody else so many seconds later.
    static func stopped(behind messages: Int, seconds: Double) throws -> Found {
        let all = try Analysis.frames(ShippedTests.base("ikev2/psk") + ".pcap")
        let ike = all.filter { $0.packet?.isIKE ?? false }
        let kept = Array(ike.prefix(messages))
        let other = try Talk(of: "main-mode/raw-esp").frame(.mainMode(1)).changing { $0.source = [203, 0, 113, 9] }
        let time = (kept.last?.frame.time.nanoseconds ?? 0) + Int64(seconds * 1e9)
        let late = other.later(nanoseconds: time - other.frame.time.nanoseconds)
        return Found(playing: kept + [late])
    }

    /// IKE_AUTH that was refused, with the keys of the lab or with another pre-shared key, and without AUTH.
    static func refused(hasRightKey: Bool = true, withoutAUTH: Bool = false) throws -> Found? {
        guard var talk = try IKEv2Talk("36a-v2-auth-fail") else { return nil }
        let place = talk.places(ikeAuth, isResponse: false)
        var payloads = talk.payloads(place)
        if withoutAUTH { payloads.removeAll { $0.type == auth } }
        if !hasRightKey {
            // AUTH of another key: as good as any other bytes.
            for index in payloads.indices where payloads[index].type == auth {
                payloads[index].body = payloads[index].body.prefix(4) + [UInt8](repeating: 0x5a, count: 32)
            }
        }
        talk = talk.with(payloads, in: place)
        return Found(playing: talk.frames, keys: talk.keys)
    }

    /// A second child that is refused with this notification.
    static func refusedChild(type: UInt16) throws -> Found? {
        guard let talk = try IKEv2Talk("168a-v2-child2-refused") else { return nil }
        let place = talk.places(createChild, isResponse: true)
        let made = talk.with([.notify(type)], in: Array(place.prefix(1)))
        return Found(playing: made.frames, keys: talk.keys)
    }

    /// An INFORMATIONAL answer that has this notification.
    static func informed(type: UInt16, data: [UInt8] = [0, 0, 0, 9]) throws -> Found? {
        guard let talk = try IKEv2Talk("168a-v2-child2-refused") else { return nil }
        let place = talk.places(informational, isResponse: false)
        let made = talk.with([.notify(type, data)], in: Array(place.prefix(1)))
        return Found(playing: made.frames, keys: talk.keys)
    }

    /// A responder with a certificate that names it, or not, and an initiator that refuses it.
    static func otherIdentity(isNamed: Bool) throws -> Found? {
        guard var talk = try IKEv2Talk("127a-v2-cert-wrong-id") else { return nil }
        if isNamed { return Found(playing: talk.frames, keys: talk.keys) }
        let place = talk.places(ikeAuth, isResponse: true)
        var payloads = talk.payloads(place)
        for index in payloads.indices where payloads[index].type == 36 {
            payloads[index].body = [2, 0, 0, 0] + Array("somebody.else.example".utf8)
        }
        talk = talk.with(payloads, in: place)
        return Found(playing: talk.frames, keys: talk.keys)
    }

    // MARK: Progress

    @Test("where the capture ends before anybody would ask again, nothing is concluded")
    func tooEarly() throws {
        for messages in [1, 2, 3] {
            let found = try Self.stopped(behind: messages, seconds: 1)
            let finding = try #require(found.first(.stalled))
            #expect(finding.severity == .note && finding.summary.contains("nothing follows from that"))
            let peers = try #require(found.peers.first { $0.verdict == finding.summary })
            #expect(peers.reached == (messages == 3 ? "IKE_AUTH" : "IKE_SA_INIT"))
        }
    }

    @Test("where nobody goes on, it is said who was to move", arguments: [1, 2, 3])
    func silence(messages: Int) throws {
        let found = try Self.stopped(behind: messages, seconds: 60)
        let finding = try #require(found.first(.stalled))
        #expect(finding.severity == .error && finding.certainty == .likely)
        let mover = messages == 2 ? "192.0.2.10 does not go on" : "198.51.100.20 does not answer"
        #expect(finding.summary.contains(mover))
        let word = ["I_WAIT_INIT", "R_WAIT_AUTH", "I_WAIT_AUTH"][messages - 1]
        #expect(finding.evidence.contains { $0.contains(word) })
    }

    @Test("a tunnel that came up is not stalled")
    func up() throws {
        let found = try Self.stopped(behind: 4, seconds: 60)
        // The packet of another peer, which only ends the capture, is no part of it.
        let first = try #require(found.peers.first { $0.reached == "child" })
        #expect(!found.findings.contains { $0.id == .stalled && $0.peers.contains(first.initiator) })
        #expect(first.verdict == "up")
    }

    /// Where EAP asks for a user, the first answer carries a certificate and is as long as one with a child.
    @Test("no beginning of a tunnel is called up before its child is there", arguments: ["psk", "eap-mschapv2"])
    func beginnings(name: String) throws {
        let all = try Analysis.frames(ShippedTests.base("ikev2/" + name) + ".pcap")
        let traffic = try #require(all.firstIndex { $0.packet?.isESP ?? false })
        let setUp = all[..<traffic].filter { $0.packet?.isIKE ?? false }
        #expect(setUp.count >= 4)
        for count in 1...setUp.count {
            let found = Found(playing: Array(setUp.prefix(count)))
            let peers = try #require(found.peers.first)
            #expect(peers.verdict != "up" && peers.reached != "child", "\(count): \(peers.verdict)")
            #expect(found.findings.allSatisfy { $0.severity < .error }, "\(count): \(found.ids)")
        }
        #expect(Found(playing: all).peers.contains { $0.verdict == "up" && $0.reached == "child" })
    }

    @Test("the capture that ends behind INVALID_KE_PAYLOAD says nothing against the tunnel")
    func cutBehindWrongGroup() throws {
        guard let path = Shared.path("captures/lab-v2/149a-v2-invalid-ke/capture.pcap") else { return }
        let all = try Analysis.frames(path)
        let ike = all.filter { $0.packet?.isIKE ?? false }
        let cut = Found(playing: Array(ike.prefix(2)))
        #expect(cut.first(.stalled)?.severity == .note && cut.errors.isEmpty, "\(cut.ids)")
        // Where nobody goes on, it is the end of it.
        let other = try Talk(of: "main-mode/raw-esp").frame(.mainMode(1)).changing { $0.source = [203, 0, 113, 9] }
        let time = (ike[1].frame.time.nanoseconds) + 30_000_000_000
        let late = other.later(nanoseconds: time - other.frame.time.nanoseconds)
        #expect(!Found(playing: Array(ike.prefix(2)) + [late]).errors.isEmpty)
    }

    // MARK: Authentication

    @Test("AUTH of another key is a different key, AUTH of this one an identity that is refused")
    func keys() throws {
        guard let wrong = try Self.refused(hasRightKey: false), let right = try Self.refused(),
            let none = try Self.refused(withoutAUTH: true)
        else { return }
        #expect(wrong.first(.pskMismatchV2)?.certainty == .likely)
        #expect(right.first(.idMismatch)?.certainty == .likely && right.first(.pskMismatchV2) == nil)
        #expect(none.first(.authMethodMismatch)?.certainty == .likely)
        for found in [wrong, right, none] { #expect(found.errors.count == 1) }
    }

    @Test("a child that is refused while another one works is no error", arguments: [34, 35])
    func children(type: UInt16) throws {
        guard let found = try Self.refusedChild(type: type) else { return }
        #expect(found.errors.isEmpty)
        let finding = try #require(found.first(type == 34 ? .v2SinglePair : .v2NoAdditionalSAs))
        #expect(finding.severity == .warning && finding.certainty == .proved)
    }

    @Test("an error of IKE_AUTH that no registry has is told with its data")
    func unknownError() throws {
        guard let talk = try IKEv2Talk("36a-v2-auth-fail") else { return }
        let place = talk.places(Self.ikeAuth, isResponse: true)
        let made = talk.with([.notify(12345, [0, 0, 0x35, 0xed])], in: place)
        let finding = try #require(Found(playing: made.frames, keys: talk.keys).first(.stalled))
        #expect(finding.certainty == .proved && finding.severity == .error)
        #expect(finding.summary.contains("12345"))
        #expect(finding.evidence.contains { $0.contains("000035ed") })
    }

    @Test("a pre-shared key that is not the one of a tunnel that works is no fault of the tunnel")
    func otherKeyGiven() throws {
        guard let lab = IKEv2Scenario.named("30a-v2-psk"), let path = lab.path("capture.pcap"),
            let text = try lab.keys("dh-private-initiator,dh-private-responder")
        else { return }
        let wrong = try KeyFile(
            bytes: Array(#"{"schema": "ikescope.keys/1", "psk": [{"peer": "*", "key": "another"}]}"#.utf8),
            path: "k.json")
        let found = try Found(path, keys: [text, wrong])
        #expect(found.errors.isEmpty && found.first(.dhOrKeysWrong)?.severity == .note)
    }

    // MARK: Rekeying

    /// With keys the messages say what took the place of what; without, it is seen from where they stand.
    @Test(
        "an IKE SA that is rekeyed stays one row",
        arguments: ["35a-v2-rekey", "144a-v2-collide-ike", "158a-v2-skd-chain", "202a-v2-followup-ke"])
    func rekeyed(name: String) throws {
        guard let lab = IKEv2Scenario.named(name), let path = lab.path("capture.pcap") else { return }
        for keys in [[], [try lab.keys("all")].compactMap { $0 }] {
            let found = try Found(path, keys: keys)
            #expect(found.peers.map(\.attempts) == [1] && found.peers.map(\.reached) == ["child"])
            #expect(found.errors.isEmpty && found.first(.capLateStart) == nil)
        }
    }

    @Test("an SA that moves stays one row as well, from its first question on")
    func moved() throws {
        guard let lab = IKEv2Scenario.named("152a-v2-mobike-move"), let path = lab.path("capture.pcap") else { return }
        for keys in [[], [try lab.keys("all")].compactMap { $0 }] {
            #expect(try Found(path, keys: keys).peers.map(\.attempts) == [1])
        }
    }

    @Test("a refused IKEv1 and a tunnel of IKEv2 are two attempts of one pair, the first one made good")
    func bothVersions() throws {
        guard let lab = IKEv2Scenario.named("167a-v2-v1-fails-v2-works"), let path = lab.path("capture.pcap") else {
            return
        }
        let found = try Found(path)
        #expect(found.peers.map(\.attempts) == [2] && found.peers.map(\.reached) == ["child"])
        let refused = try #require(found.first(.p1ProposalMismatch))
        #expect(refused.severity == .warning && refused.evidence.contains { $0.hasPrefix("a later attempt succeeded") })
    }

    // MARK: Values

    @Test("a nonce that one peer uses for two IKE SAs is told, and one that it repeats with its message is not")
    func nonce() throws {
        let frames = try Analysis.frames(ShippedTests.base("ikev2/psk") + ".pcap")
        let first = try #require(frames.first { $0.packet?.isIKE ?? false })
        let other = first.changing { packet in
            guard var message = packet.ike else { return }
            message[0] ^= 0xff
            packet.ike = message
        }.later(seconds: 1)
        #expect(Found(playing: [first, other]).first(.weakNonceOrCookieReuse)?.summary.contains("nonce") == true)
        #expect(Found(playing: [first, first.later(seconds: 1)]).first(.weakNonceOrCookieReuse) == nil)
    }
}
