import AnalysisSupport
import Foundation
import ScopeConfig
import ScopeCrypto
import ScopeModel
import ScopeWire
import TestSupport
import Testing

/// Captures of IKEv2 that ship, with what the two daemons were told in the words of IOS.
@Suite("A capture of IKEv2 and the configurations tell together")
struct ConfiguredIKEv2Tests {
    private static func base(_ name: String) -> String { Shared.root + "/captures/failures/ikev2-" + name }

    /// - Parameter change: what is put in place of what, in the right side's configuration.
    private static func cause(
        _ name: String, sides: [String] = ["right"], keys: Bool = true, change: [(String, String)] = []
    ) throws -> Finding {
        let configs = try sides.map { side in
            var text = try String(contentsOfFile: base(name) + ".\(side).cfg", encoding: .utf8)
            for (old, new) in change where side == "right" {
                try #require(text.contains(old))
                text = text.replacing(old, with: new)
            }
            return IOSConfig(bytes: Array(text.utf8), path: side + ".cfg")
        }
        for config in configs { #expect(config.unread == [], "\(config.unread)") }
        let found = try Found(
            base(name) + ".pcap", keys: keys ? [try KeyFile.load(base(name) + ".keys.json")] : [], configs: configs)
        #expect(found.errors.count == 1)
        return try #require(found.findings.first)
    }

    @Test("a proposal that differs, in which algorithms, and the proposal that would fit")
    func proposal() throws {
        let cause = try Self.cause("proposal")
        #expect(cause.id == .p1ProposalMismatch && cause.certainty == .proved && cause.lookAlikes.isEmpty)
        #expect(cause.summary.hasSuffix("encryption, integrity, PRF and group differ from its proposal LAB"))
        #expect(
            cause.evidence.contains {
                $0.hasPrefix("proposal LAB of RIGHT (right.cfg line 11)")
                    && $0.contains("encryption: aes-cbc-256 offered, aes-cbc-128 configured")
                    && $0.contains("group: 14 offered, 2 configured")
            })
        #expect(
            cause.advice.first?.ios == [
                "crypto ikev2 proposal PROPOSAL1", " encryption aes-cbc-256", " integrity sha256", " group 14",
                "crypto ikev2 policy LAB", " proposal PROPOSAL1",
            ])
        #expect(cause.advice.first?.peer?.description == "198.51.100.20")
        #expect(cause.proposals?.known.map(\.label) == ["proposal LAB"])
        // Group alone.
        let group = try Self.cause(
            "proposal",
            change: [("encryption aes-cbc-128", "encryption aes-cbc-256"), ("integrity sha1", "integrity sha256")])
        #expect(group.summary.hasSuffix(": group differs from its proposal LAB"))
    }

    @Test("a proposal that would be taken is not made the cause, and the default of IOS is no proof")
    func innocent() throws {
        let fits = [
            ("encryption aes-cbc-128", "encryption aes-cbc-256"), ("integrity sha1", "integrity sha256"),
            (" group 2\n", " group 14\n"),
        ]
        let cause = try Self.cause("proposal", change: fits)
        #expect(cause.evidence.contains { $0.contains("does not explain this") })
        let bare = try Self.cause(
            "proposal", change: [("crypto ikev2 policy LAB \n match fvrf any\n proposal LAB\n", "")])
        #expect(bare.evidence.contains { $0.contains("proposal default") && $0.contains("does not explain this") })
    }

    @Test("an identity that no profile takes, with the line that would")
    func identity() throws {
        let cause = try Self.cause("identity", sides: ["left", "right"])
        #expect(cause.id == .idMismatch && cause.certainty == .proved)
        #expect(cause.summary.contains("branch.lab.example"))
        #expect(cause.evidence.contains { $0.contains("match identity remote fqdn other.lab.example") })
        #expect(
            cause.advice.first?.ios == ["crypto ikev2 profile OTHER", " match identity remote fqdn branch.lab.example"])
    }

    @Test("keys that differ: the profile takes the identity, and the lines of the keys are named")
    func keys() throws {
        let cause = try Self.cause("psk", sides: ["left", "right"])
        #expect(cause.id == .pskMismatchV2)
        #expect(cause.evidence.contains { $0.contains("IKEv2 profile OTHER takes") })
        let lines = cause.evidence.filter {
            $0.contains("keyring SITES, peer OTHER, one key for both directions in line")
        }
        #expect(lines.count == 2 && !cause.evidence.contains { $0.contains("northwind") || $0.contains("southwind") })
        let sides = try Self.cause(
            "psk",
            change: [("  pre-shared-key southwind", "  pre-shared-key local southwind\n  pre-shared-key remote x")])
        #expect(sides.evidence.contains { $0.contains("its own in line") && $0.contains("that of the peer in line") })
    }

    @Test("a transform set that differs")
    func transformSet() throws {
        let cause = try Self.cause("transform")
        #expect(cause.id == .v2ChildNoProposal && cause.certainty == .proved)
        #expect(
            cause.summary.hasSuffix(
                "esp-aes 256 offered, esp-aes configured; esp-sha256-hmac offered, esp-sha-hmac configured"))
        #expect(cause.advice.first?.ios.first == "crypto ipsec transform-set SET1 esp-aes 256 esp-sha256-hmac")
        #expect(cause.proposals?.known.map(\.label) == ["transform set LAB"])
    }

    @Test("selectors that the access list has not, and the entry that would be")
    func selectors() throws {
        let cause = try Self.cause("selectors", sides: ["left", "right"])
        #expect(cause.id == .tsUnacceptable && cause.certainty == .proved)
        #expect(
            cause.advice.first?.ios == [
                "ip access-list extended NET", " permit ip 10.2.0.0 0.0.0.255 10.1.0.0 0.0.0.255",
            ])
        #expect(cause.evidence.contains { $0.hasPrefix("without a mirror image: RIGHT (right.cfg line") })
    }

    @Test("without keys both configurations give a likely cause")
    func withoutKeys() throws {
        for (name, id) in [("transform", FindingID.v2ChildNoProposal), ("selectors", .tsUnacceptable)] {
            let cause = try Self.cause(name, sides: ["left", "right"], keys: false)
            #expect(cause.id == id && cause.certainty == .likely, "\(name): \(cause.id)")
        }
        let identity = try Self.cause("identity", sides: ["left", "right"], keys: false)
        #expect(identity.id == .idMismatch)
    }
}
