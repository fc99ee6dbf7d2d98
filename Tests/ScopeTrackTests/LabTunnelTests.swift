import AnalysisSupport
import ScopeCrypto
import ScopeModel
import ScopeWire
import TestSupport
import Testing

@Suite("Tunnels of the lab open with what a real user has")
struct LabTunnelTests {
    struct Capture: CustomTestStringConvertible, Sendable {
        var scenario: String
        var file = "capture.pcap"
        var usesPSK = true
        var testDescription: String { "\(scenario)/\(file)" }
    }

    /// The scenarios of the first release, each in every form that the lab has of it.
    static let captures: [Capture] =
        [
            "01-main-psk-3des", "02a-main-psk-aes256", "03a-pfs-modp2048", "08a-rekey", "15a-natt", "15c-natt-ports",
            "17b-esp-gcm", "23-esp-null", "51a-raw-esp-main", "55-raw-rekey", "56-raw-two-children",
            "61-libreswan-v1-main",
        ].map { Capture(scenario: $0) }
        + [
            "raw-esp.pcap", "raw-esp.pcapng", "raw-esp-nsec.pcap", "raw-esp-rawip.pcap", "raw-esp-sll.pcap",
        ].map { Capture(scenario: "02a-main-psk-aes256", file: $0) }
        + ["15a-natt", "15c-natt-ports"].flatMap {
            [
                Capture(scenario: $0, file: "capture-inside-nat.pcap"),
                Capture(scenario: $0, file: "capture-any-sll2.pcap"),
            ]
        }
        + [Capture(scenario: "05-main-rsa", usesPSK: false)]

    @Test("every inner packet comes out once, every ICV right, with either exponent or g^xy", arguments: captures)
    func tunnel(capture: Capture) throws {
        let lab = LabScenario(capture.scenario)
        guard let path = lab.path(capture.file), let plain = lab.path("plain-left.pcap") else { return }
        let truth = Set(try Plaintext.packets(plain).map(Plaintext.lasting))
        #expect(!truth.isEmpty)
        var variants = ["dh-shared"]
        if try lab.hasExponents(of: "i") { variants.append("dh-private-initiator") }
        if try lab.hasExponents(of: "r") { variants.append("dh-private-responder") }
        for variant in variants {
            let parts = (capture.usesPSK ? "psk," : "") + variant
            let run = try Analysis.of(path, keys: [try #require(try lab.keys(parts))])
            #expect(Set(run.inner.map(Plaintext.lasting)) == truth, "\(parts)")
            #expect(run.inner.count == Set(run.inner).count, "\(parts): each once")
            for packet in run.espPackets {
                guard case .verified = packet.verdict else {
                    Issue.record("\(parts): \(packet.verdict)")
                    break
                }
            }
            for message in run.messages {
                switch message.opening {
                case .clear, .opened(_, _, .verified), .opened(_, _, .notChecked): break
                default: Issue.record("\(parts): \(message.step) \(message.opening)")
                }
            }
            #expect(run.unusedKeys == [], "\(parts)")
        }
    }

    @Test("a capture on all interfaces of a NAT router counts each packet once and says that it saw it twice")
    func bothSidesOfNAT() throws {
        for name in ["15a-natt", "15c-natt-ports"] {
            let lab = LabScenario(name)
            guard let path = lab.path("capture-any-sll2.pcap"), let outside = lab.path("capture.pcap") else { return }
            let both = try Analysis.of(path)
            let one = try Analysis.of(outside)
            #expect(both.accounts.map(\.packets) == one.accounts.map(\.packets))
            #expect(both.accounts.map(\.sightings) == one.accounts.map(\.packets))
            let first = both.messages.filter { $0.repetition == .first }
            #expect(first.count == one.messages.count)
            #expect(both.messages.count == 2 * first.count)
            #expect(Set(both.messages.compactMap(\.sa?.id)) == [1])
        }
    }

    @Test("signatures are verified with the certificates that come along")
    func signatures() throws {
        for name in ["05-main-rsa", "18-ike-frag"] {
            let lab = LabScenario(name)
            guard let path = lab.path("capture.pcap") else { return }
            let run = try Analysis.of(path, keys: [try #require(try lab.keys("dh-shared"))])
            let proofs = run.messages.compactMap { message -> ProofKind? in
                guard case .v1(.mainMode) = message.step, case .opened(_, _, .verified(let proof)) = message.opening
                else {
                    return nil
                }
                return proof
            }
            #expect(proofs == [.signature(.initiator), .signature(.responder)])
        }
    }

    @Test("transport mode gives the packets between the gateways themselves")
    func transportMode() throws {
        let lab = LabScenario("53a-transport")
        guard let path = lab.path("capture.pcap") else { return }
        for parts in ["psk,dh-private-initiator", "psk,dh-private-responder", "psk,dh-shared"] {
            let run = try Analysis.of(path, keys: [try #require(try lab.keys(parts))])
            #expect(run.inner.count == 16)
            for packet in run.inner {
                // A whole packet from one gateway to the other: version, total length, a protocol that is not ESP.
                #expect(packet[0] == 0x45)
                #expect(Int(packet[2]) << 8 | Int(packet[3]) == packet.count)
                #expect(packet[9] != 50)
            }
        }
    }
}
