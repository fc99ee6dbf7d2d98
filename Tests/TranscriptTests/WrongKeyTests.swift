import AnalysisSupport
import Foundation
import ScopeCrypto
import ScopeFormatters
import ScopeModel
import TestSupport
import Testing

@Suite("Keys that do not fit are named, and open nothing")
struct WrongKeyTests {
    static let lab = LabScenario("02a-main-psk-aes256")

    /// The scenario's key file with `edit` applied to its JSON.
    static func edited(_ parts: String, _ edit: (inout [String: Any]) -> Void) throws -> KeyFile? {
        guard let text = try lab.keyText(parts) else { return nil }
        var json = try #require(try JSONSerialization.jsonObject(with: Data(text)) as? [String: Any])
        edit(&json)
        return try KeyFile(bytes: Array(JSONSerialization.data(withJSONObject: json)), path: "edited.json")
    }

    static func run(_ keys: KeyFile?) throws -> Analysis? {
        guard let keys, let path = lab.path("capture.pcap") else { return nil }
        return try Analysis.of(path, keys: [keys], debug: .init())
    }

    /// Nothing may come out of a key that does not fit.
    static func expectClosed(_ run: Analysis) {
        #expect(run.inner.isEmpty)
        for message in run.messages { if case .opened = message.opening { Issue.record("\(message.step) was opened") } }
        for packet in run.espPackets { if case .verified = packet.verdict { Issue.record("ESP was opened") } }
    }

    static func lines(_ run: Analysis, _ text: String) -> [Substring] {
        run.text.split(separator: "\n").filter { $0.contains(text) }
    }

    @Test("a wrong PSK is named with the message it was tried on")
    func wrongPSK() throws {
        let keys = try Self.edited("psk,dh-private-initiator") { $0["psk"] = [["peer": "*", "key": "not it"]] }
        guard let run = try Self.run(keys) else { return }
        Self.expectClosed(run)
        guard case .wrong(let why) = try #require(run.keyStatuses.last) else {
            Issue.record("\(run.keyStatuses)")
            return
        }
        #expect(why.contains("psk[0]") && why.contains("Main Mode message 5") && why.contains("the PSK is wrong"))
        #expect(Self.lines(run, "psk[0]").filter { $0.contains("tried on Main Mode message 5") }.count >= 1)
    }

    @Test("an exponent that yields no KE of the capture says just that")
    func wrongExponent() throws {
        let keys = try Self.edited("psk,dh-private-initiator") {
            $0["dh"] = [["private": String(repeating: "5a", count: 128)]]
        }
        guard let run = try Self.run(keys) else { return }
        Self.expectClosed(run)
        #expect(run.unusedKeys.contains { $0.hasPrefix("dh[0].private: fits no public value among") })
        guard case .missing(let what, _) = try #require(run.keyStatuses.last) else {
            Issue.record("\(run.keyStatuses)")
            return
        }
        #expect(what.contains("DH"))
    }

    @Test("a wrong g^xy is named")
    func wrongShared() throws {
        let keys = try Self.edited("psk,dh-shared") { json in
            guard var dh = json["dh"] as? [[String: Any]], let secret = dh.first?["shared"] as? String else { return }
            dh[0]["shared"] = String(secret.reversed())
            json["dh"] = dh
        }
        guard let run = try Self.run(keys) else { return }
        Self.expectClosed(run)
        guard case .wrong(let why) = try #require(run.keyStatuses.last) else {
            Issue.record("\(run.keyStatuses)")
            return
        }
        #expect(why.contains("dh[0].shared"))
    }

    @Test("an IKE key of the wrong length is named")
    func wrongLength() throws {
        let keys = try Self.edited("ike-key") { json in
            guard var ike = json["ike"] as? [[String: Any]], let key = ike.first?["encryption_key"] as? String else {
                return
            }
            ike[0]["encryption_key"] = String(key.dropLast(16))
            json["ike"] = ike
        }
        guard let run = try Self.run(keys) else { return }
        Self.expectClosed(run)
        let status = "\(try #require(run.keyStatuses.last))"
        #expect(status.contains("ike[0]") && status.contains("bytes"), "\(status)")
    }

    @Test("keys of another capture are told to belong to none of its SAs")
    func anotherSA() throws {
        let other = LabScenario("01-main-psk-3des")
        guard let keys = try other.keys("psk,dh-shared"), let run = try Self.run(keys) else { return }
        Self.expectClosed(run)
        #expect(run.unusedKeys.contains { $0.contains("no IKE SA of this capture has initiator SPI") })
    }

    @Test("the lab's spoiled keys open nothing, whichever part is given")
    func spoiled() throws {
        for parts in ["psk,dh-private-initiator", "psk,dh-shared", "skeyid", "sa"] {
            guard let keys = try Self.lab.keys(parts, wrong: true), let run = try Self.run(keys) else { return }
            Self.expectClosed(run)
            #expect(!run.unusedKeys.isEmpty, "\(parts)")
            // A bit of each key away, they open everything.
            let right = try #require(try Self.run(try Self.lab.keys(parts)))
            #expect(right.inner.count == 19 && right.unusedKeys.isEmpty, "\(parts)")
        }
    }

    @Test("without keys, what is in the clear is shown and what is missing is said")
    func noKeys() throws {
        guard let path = Self.lab.path("capture.pcap") else { return }
        let run = try Analysis.of(path, debug: .init())
        Self.expectClosed(run)
        #expect(run.keyStatuses == [.none])
        #expect(run.text.contains("no keys were given"))
        #expect(run.text.contains("encryption AES-CBC"))
    }

    @Test("a PSK alone does not open Main Mode, and what it lacks is said in one line")
    func pskAlone() throws {
        guard let run = try Self.run(try Self.lab.keys("psk")) else { return }
        Self.expectClosed(run)
        guard case .missing(let what, _) = try #require(run.keyStatuses.last) else {
            Issue.record("\(run.keyStatuses)")
            return
        }
        #expect(what.contains("DH private exponent") && !what.contains("\n"))
    }
}
