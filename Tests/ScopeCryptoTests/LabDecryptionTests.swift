import AnalysisSupport
import ScopeCrypto
import ScopeDissect
import ScopeModel
import TestSupport
import Testing

@Suite("Lab captures open with what a real user has")
struct LabDecryptionTests {
    /// Main Mode scenarios with a tunnel, and their plaintext at the initiator's host.
    static let tunnels = [
        "01-main-psk-3des", "02a-main-psk-aes256", "03a-pfs-modp2048", "05-main-rsa", "08a-rekey", "15a-natt",
        "15c-natt-ports", "17b-esp-gcm", "23-esp-null", "51a-raw-esp-main", "55-raw-rekey", "56-raw-two-children",
        "61-libreswan-v1-main",
    ]

    @Test("every inner packet comes out, every ICV right, whichever side's exponent is given", arguments: tunnels)
    func tunnel(scenario: String) throws {
        let lab = LabScenario(scenario)
        guard let capture = lab.path("capture.pcap"), let plain = lab.path("plain-left.pcap"),
            let keys = LabKeys.load(scenario)
        else { return }
        let expected = Set(try Plaintext.packets(plain).map(Plaintext.lasting))
        var variants = ["psk,dh-private-initiator", "psk,dh-shared", "skeyid,dh-shared"]
        if keys.ike.allSatisfy({ $0.dh_private_r != nil }) { variants.append("psk,dh-private-responder") }
        if keys.ike.contains(where: { $0.dh_private_i == nil }) { variants.removeFirst() }
        for parts in variants {
            let run = try Analysis.of(capture, keys: [try #require(try lab.keys(parts))])
            for message in run.messages where !message.message.ciphertext.isEmpty {
                guard case .opened(_, _, let proof) = message.opening else {
                    Issue.record("\(parts): \(message.step) \(message.opening)")
                    continue
                }
                if case .failed = proof { Issue.record("\(parts): \(message.step) \(proof)") }
            }
            #expect(!run.espPackets.isEmpty)
            for packet in run.espPackets {
                guard case .verified = packet.verdict else {
                    Issue.record("\(parts): \(packet.verdict)")
                    break
                }
            }
            #expect(Set(run.inner.map(Plaintext.lasting)) == expected, "\(parts)")
            #expect(run.unusedKeys == [], "\(parts)")
        }
    }
}
