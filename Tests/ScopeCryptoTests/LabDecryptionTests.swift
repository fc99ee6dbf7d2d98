import ScopeCrypto
import ScopeDissect
import ScopeModel
import ScopeWire
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
        guard let capture = LabCapture("captures/lab/\(scenario)/capture.pcap"),
            let plain = LabCapture("captures/lab/\(scenario)/plain-left.pcap"), let keys = LabKeys.load(scenario)
        else { return }
        var variants = ["psk,dh-private-initiator", "psk,dh-shared", "skeyid,dh-shared"]
        if keys.ike.allSatisfy({ $0.dh_private_r != nil }) { variants.append("psk,dh-private-responder") }
        if keys.ike.contains(where: { $0.dh_private_i == nil }) { variants.removeFirst() }
        for parts in variants {
            let ring = KeyRing([try #require(try LabKeys.keyFile(scenario, parts: parts))])
            let dialogue = Dialogue(ring)
            try dialogue.play(capture)
            for outcome in dialogue.outcomes {
                guard case .opened(_, _, let proof) = outcome.opening else {
                    Issue.record("\(parts): \(outcome)")
                    continue
                }
                if case .failed = proof { Issue.record("\(parts): \(outcome.step) \(proof)") }
            }
            #expect(!dialogue.verdicts.isEmpty)
            for verdict in dialogue.verdicts {
                guard case .verified = verdict else {
                    Issue.record("\(parts): \(verdict)")
                    break
                }
            }
            #expect(Set(dialogue.inner.map(Self.lasting)) == Set(plain.ip.map(Self.lasting)), "\(parts)")
            #expect(ring.unusedKeys() == [], "\(parts)")
        }
    }

    /// A packet without what a router changes on the way: TTL and header checksum.
    static func lasting(_ packet: [UInt8]) -> [UInt8] {
        guard packet.count >= 20, packet[0] >> 4 == 4 else { return packet }
        var packet = packet
        packet[8] = 0
        packet[10] = 0
        packet[11] = 0
        return packet
    }
}
