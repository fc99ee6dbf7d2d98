import AnalysisSupport
import ScopeCrypto
import ScopeDissect
import ScopeModel
import TestSupport
import Testing

@Suite("Keys that are wrong, or not enough, are told in one clear line") struct WrongKeyTests {
    private static let scenario = "02a-main-psk-aes256"

    private func play(_ text: String, _ scenario: String = scenario) throws -> Analysis? {
        guard let capture = LabScenario(scenario).path("capture.pcap") else { return nil }
        let file = try KeyFile(bytes: Array(#"{"schema": "ikescope.keys/1", \#(text)}"#.utf8), path: "k.json")
        return try Analysis.of(capture, keys: [file])
    }

    private func status(_ run: Analysis) -> String { "\(run.keyStatuses.last ?? .none)" }

    private func encrypted(_ run: Analysis) -> [IKEMessage] { run.messages.filter { !$0.message.ciphertext.isEmpty } }

    private func exponent() -> String {
        LabKeys.load(Self.scenario)?.ike.first?.dh_private_i ?? ""
    }

    @Test("a PSK alone: the DH secret is missing")
    func pskAlone() throws {
        guard let run = try play(#""psk": [{"peer": "*", "key": "cisco123-LabKey!"}]"#) else { return }
        #expect(status(run).contains("the PSK is known, but the DH secret is missing"))
        #expect(
            run.unusedKeys == [
                "psk[0] (*): could not be tried: no message that a PSK proves could be read "
                    + "(Main Mode and IKE_AUTH also need the DH secret)"
            ])
        #expect(encrypted(run).allSatisfy { if case .sealed = $0.opening { true } else { false } })
    }

    @Test("a wrong PSK beside a right exponent: no sane plaintext, and the PSK is named")
    func wrongPSK() throws {
        let rows = #""psk": [{"peer": "*", "key": "cisco124-LabKey!"}], "dh": [{"private": "\#(exponent())"}]"#
        guard let run = try play(rows) else { return }
        #expect(status(run).contains("psk[0] (*) with dh[0].private tried on"))
        #expect(status(run).contains("the PSK is wrong"))
        #expect(run.unusedKeys.count == 1 && run.unusedKeys[0].hasPrefix("psk[0] (*): fits no IKE SA (tried on"))
        #expect(encrypted(run).allSatisfy { if case .opened = $0.opening { false } else { true } })
    }

    @Test("an exponent that yields no KE payload is told with what it was compared to")
    func wrongExponent() throws {
        guard let run = try play(#""psk": [{"peer": "*", "key": "x"}], "dh": [{"private": "0102"}]"#)
        else { return }
        #expect(status(run).contains("the given exponent fits neither KE payload"))
        #expect(
            run.unusedKeys.contains(
                "dh[0].private: fits no public value among the 2 KE payloads of group 2 in this capture"))
    }

    @Test("a cipher key or SKEYID_e of the wrong length is told by its length")
    func wrongLength() throws {
        let spi = #""initiator_spi": "a731d9fb495cb474""#
        guard let run = try play(#""ike": [{\#(spi), "encryption_key": "0001"}]"#) else { return }
        #expect(status(run).contains("ike[0].encryption_key has 2 bytes, and AES-CBC-256 takes 32"))
        let second = try #require(try play(#""ike": [{\#(spi), "skeyid_e": "0001"}]"#))
        #expect(status(second).contains("ike[0].skeyid_e has 2 bytes, and the hash of this IKE SA yields 20"))
        let third = try #require(try play(#""ike": [{\#(spi), "skeyid_d": "0001"}]"#))
        #expect(status(third).contains("ike[0] holds neither skeyid_e nor encryption_key"))
    }

    @Test("a cipher key of the right length that is wrong, and one for another SA")
    func wrongCipherKey() throws {
        let key = String(repeating: "5a", count: 32)
        let rows =
            #""ike": [{"initiator_spi": "a731d9fb495cb474", "encryption_key": "\#(key)"}, "#
            + #"{"initiator_spi": "0000000000000001", "encryption_key": "\#(key)"}]"#
        guard let run = try play(rows) else { return }
        #expect(encrypted(run).allSatisfy { if case .opened = $0.opening { false } else { true } })
        let lines = run.unusedKeys
        #expect(
            lines.count == 2
                && lines[0].hasPrefix("ike[0]: does not open the IKE SA with initiator SPI a731d9fb495cb474"))
        #expect(lines[1] == "ike[1]: no IKE SA of this capture has initiator SPI 0000000000000001")
    }

    @Test("ESP keys that are wrong open nothing, and say so with a count")
    func wrongESP() throws {
        let keys = [String(repeating: "11", count: 16), String(repeating: "22", count: 20)]
        let row =
            #""sa": [{"spi": "53a8f102", "encryption": "aes-cbc", "encryption_key": "\#(keys[0])", "#
            + #""integrity": "hmac-sha1-96", "integrity_key": "\#(keys[1])"}]"#
        guard let run = try play(row) else { return }
        #expect(!run.espPackets.contains { if case .verified = $0.verdict { true } else { false } })
        #expect(run.espPackets.contains { $0.verdict == .badICV })
        #expect(run.unusedKeys.first?.hasPrefix("sa[0]: does not open any of the") == true, "\(run.unusedKeys)")
    }

    @Test(
        "every key of the lab with one bit flipped opens nothing at all",
        arguments: [
            "psk,dh-private-initiator", "psk,dh-shared", "skeyid,dh-shared", "ike-key", "sa",
        ])
    func flipped(parts: String) throws {
        for scenario in ["01-main-psk-3des", "02a-main-psk-aes256", "03a-pfs-modp2048", "17b-esp-gcm"] {
            let lab = LabScenario(scenario)
            guard let file = try lab.keys(parts, wrong: true), let capture = lab.path("capture.pcap")
            else { continue }
            // The last bit of a 3DES key is parity; that of a SHA2-512 SKEYID_e lies behind what AES-256 takes of it.
            if parts == "ike-key", scenario.hasPrefix("01") { continue }
            let run = try Analysis.of(capture, keys: [file])
            #expect(run.messages.allSatisfy { $0.clearProof == .notChecked })
            for message in encrypted(run) {
                if case .opened(_, _, .failed) = message.opening, parts.hasPrefix("skeyid"), scenario.hasPrefix("17b") {
                    continue
                }
                if case .opened = message.opening { Issue.record("\(scenario): \(message.step)") }
            }
            #expect(run.inner.isEmpty, "\(scenario)")
            #expect(!run.unusedKeys.isEmpty)
            for line in run.unusedKeys { #expect(!line.contains("\n") && line.count < 300) }
        }
    }
}
