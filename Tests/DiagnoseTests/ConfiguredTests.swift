import AnalysisSupport
import Foundation
import ScopeConfig
import ScopeCrypto
import ScopeModel
import ScopeWire
import TestSupport
import Testing

/// Captures that ship, with what the two daemons were told in the words of IOS.
///
/// The tests change one pair of configurations in one way each, and share what changes them. They stand together because
/// what one configuration explains must not be explained by another rule.
@Suite("A capture and the configurations tell together")
struct ConfiguredTests {
    private static func base(_ name: String) -> String { Shared.root + "/captures/failures/" + name }

    private static func text(_ name: String, _ side: String) throws -> String {
        try String(contentsOfFile: base(name) + ".\(side).cfg", encoding: .utf8)
    }

    private static func config(_ text: String, _ side: String) -> IOSConfig {
        IOSConfig(bytes: Array(text.utf8), path: side + ".cfg")
    }

    /// - Parameter change: what is put in place of what, in the right side's configuration.
    private static func found(
        _ name: String, sides: [String] = ["right"], keys: Bool = true, change: [(String, String)] = []
    ) throws -> Found {
        let configs = try sides.map { side in
            var text = try Self.text(name, side)
            for (old, new) in change where side == "right" {
                try #require(text.contains(old))
                text = text.replacing(old, with: new)
            }
            return Self.config(text, side)
        }
        return try Found(
            base(name) + ".pcap", keys: keys ? [try KeyFile.load(base(name) + ".keys.json")] : [], configs: configs)
    }

    private static func cause(_ found: Found) throws -> Finding {
        #expect(found.errors.count == 1)
        return try #require(found.findings.first)
    }

    @Test("a policy that differs, in which attributes, and the policy that would fit")
    func policy() throws {
        let cause = try Self.cause(try Self.found("phase1-proposal"))
        #expect(cause.id == .p1ProposalMismatch && cause.certainty == .proved)
        #expect(cause.summary.hasSuffix("encryption and hash differ from its policy 10"))
        #expect(
            cause.evidence.contains {
                $0.contains("right.cfg line 11")
                    && $0.hasSuffix("encryption: aes 256 offered, 3des configured; hash: sha offered, md5 configured")
            })
        #expect(
            cause.advice.first?.ios == [
                "crypto isakmp policy 20", " encryption aes 256", " hash sha", " group 2", " authentication pre-share",
            ])
        #expect(cause.advice.first?.peer?.description == "198.51.100.20")
    }

    @Test(
        "a policy that differs in one attribute alone",
        arguments: [
            (" encr 3des\n hash md5\n", " encr aes 256\n hash sha256\n", "hash differs"),
            (" encr 3des\n hash md5\n", " encr aes\n", "key length differs"),
            (" encr 3des\n hash md5\n authentication pre-share\n", " encr aes 256\n", "authentication differs"),
            (
                " encr 3des\n hash md5\n authentication pre-share\n group 2\n",
                " encr aes 256\n authentication pre-share\n group 14\n", "group differs"
            ),
        ])
    func attribute(_ old: String, _ new: String, _ words: String) throws {
        let cause = try Self.cause(try Self.found("phase1-proposal", change: [(old, new)]))
        #expect(cause.id == .p1ProposalMismatch && cause.summary.hasSuffix("\(words) from its policy 10"))
    }

    @Test("a key for another address: the policy fits, and IOS refuses with the same notification")
    func key() throws {
        let fits = (" encr 3des\n hash md5\n", " encr aes 256\n")
        let cause = try Self.cause(
            try Self.found(
                "phase1-proposal",
                change: [fits, ("lab-Secret-10a address 192.0.2.10", "lab-Secret-10a address 192.0.2.1")]))
        #expect(cause.id == .noKeyForPeer && cause.certainty == .proved)
        #expect(
            cause.evidence.contains {
                $0.contains("address 192.0.2.1 (line 16)") && $0.contains("none of which is for 192.0.2.10")
            })
        // With a key for all there is nothing to say against the configuration.
        let open = try Self.cause(
            try Self.found("phase1-proposal", change: [fits, ("address 192.0.2.10\n!\n!", "address 0.0.0.0\n!\n!")]))
        #expect(open.id == .p1ProposalMismatch && open.evidence.contains { $0.contains("does not explain this") })
    }

    @Test("a transform set that differs, and not PFS")
    func transformSet() throws {
        let cause = try Self.cause(try Self.found("phase2-transform"))
        #expect(cause.id == .p2TransformMismatch && cause.certainty == .proved && cause.lookAlikes.isEmpty)
        #expect(
            cause.summary.hasSuffix(
                "esp-aes offered, esp-3des configured; esp-sha-hmac offered, esp-md5-hmac configured"))
        #expect(cause.advice.first?.ios.first == "crypto ipsec transform-set SET1 esp-aes esp-sha-hmac")
    }

    @Test("PFS that one side alone wants, and not the transform set")
    func pfs() throws {
        let cause = try Self.cause(try Self.found("pfs"))
        #expect(cause.id == .pfsMismatch && cause.certainty == .proved)
        #expect(cause.summary == "198.51.100.20 wants PFS with group 2, and 192.0.2.10 offers none")
        #expect(cause.advice.first?.ios == ["crypto map OUTSIDE 10 ipsec-isakmp", " no set pfs"])
    }

    @Test("an access list that is no mirror image, and the entry that would be")
    func accessList() throws {
        let cause = try Self.cause(try Self.found("proxy-identities", sides: ["left", "right"]))
        #expect(cause.id == .proxyIDMismatch && cause.certainty == .proved)
        #expect(
            cause.advice.first?.ios == [
                "ip access-list extended NET", " permit ip 10.2.0.0 0.0.0.255 10.1.0.0 0.0.0.255",
            ])
        #expect(
            cause.evidence.contains {
                $0.hasPrefix("without a mirror image: RIGHT (right.cfg line 39), access list NET")
            })
        #expect(
            cause.evidence.contains { $0.hasPrefix("without a mirror image: LEFT (left.cfg line 39), access list NET") }
        )
    }

    @Test("a peer address that the map has not")
    func peerAddress() throws {
        let cause = try Self.cause(
            try Self.found("phase2-transform", change: [("set peer 192.0.2.10", "set peer 192.0.2.11")]))
        #expect(cause.id == .noMapForPeer && cause.certainty == .proved)
        #expect(
            cause.evidence.contains { $0.hasSuffix("crypto map OUTSIDE 10 on GigabitEthernet0/0 is for 192.0.2.11") })
        #expect(cause.advice.first?.ios == ["crypto map OUTSIDE 10 ipsec-isakmp", " set peer 192.0.2.10"])
    }

    @Test("a map that is applied nowhere, an entry that is not complete, a profile that the identity does not fit")
    func map() throws {
        let bare = try Self.cause(try Self.found("pfs", change: [(" crypto map OUTSIDE\n", "")]))
        #expect(bare.id == .noMapForPeer)
        #expect(bare.advice.first?.ios == ["interface GigabitEthernet0/0", " crypto map OUTSIDE"])
        let incomplete = try Self.cause(try Self.found("pfs", change: [(" match address NET\n", "")]))
        #expect(incomplete.id == .noMapForPeer && incomplete.summary.contains("no match address"))
        let profile = try Self.cause(
            try Self.found(
                "pfs",
                change: [
                    (" set pfs group2\n", " set isakmp-profile P\n"),
                    (
                        "crypto ipsec transform-set",
                        "crypto isakmp profile P\n match identity host r1.example.net\ncrypto ipsec transform-set"
                    ),
                ]))
        #expect(profile.id == .noMapForPeer && profile.summary.contains("profile P"))
    }

    @Test("without keys both configurations give a likely cause")
    func withoutKeys() throws {
        for (name, id) in [
            ("phase2-transform", FindingID.p2TransformMismatch), ("pfs", .pfsMismatch),
            ("proxy-identities", .proxyIDMismatch),
        ] {
            let cause = try Self.cause(try Self.found(name, sides: ["left", "right"], keys: false))
            #expect(cause.id == id && cause.certainty == .likely, "\(name): \(cause.id)")
            #expect(try Self.cause(try Self.found(name, keys: false)).id == .p2Failed)
        }
    }

    @Test("a configuration that would accept is not made the cause")
    func innocent() throws {
        let cause = try Self.cause(
            try Self.found("phase2-transform", change: [("esp-3des esp-md5-hmac", "esp-aes esp-sha-hmac")]))
        #expect(cause.id == .p2TransformMismatch && cause.certainty == .likely)
        #expect(cause.evidence.contains { $0.contains("the configuration does not explain it") })
    }

    @Test("a configuration of somebody else changes nothing, nor does that of the other side")
    func stranger() throws {
        let plain = try Self.cause(
            try Found(Self.base("pfs") + ".pcap", keys: [try KeyFile.load(Self.base("pfs") + ".keys.json")]))
        let moved = try Self.text("pfs", "right").replacing("198.51.100.20", with: "203.0.113.20")
            .replacing("192.0.2.10", with: "203.0.113.10")
        let keys = [try KeyFile.load(Self.base("pfs") + ".keys.json")]
        let other = try Self.cause(
            try Found(Self.base("pfs") + ".pcap", keys: keys, configs: [Self.config(moved, "moved")]))
        #expect(other.id == plain.id && other.certainty == plain.certainty && other.evidence == plain.evidence)
        let left = try Self.cause(try Self.found("pfs", sides: ["left"]))
        #expect(left.id == plain.id && left.evidence == plain.evidence)
    }

    @Test(
        "nobody answers at the address that is called, and the peer has another",
        arguments: [
            ("lab/13a-peer-silent", "crypto isakmp key KEY address 203.0.113.77"),
            ("lab-v2/156a-v2-silent", "crypto ikev2 keyring RING"),
        ])
    func called(capture: String, line: String) throws {
        guard let folder = Shared.path("captures/" + capture) else { return }
        let found = try Found(folder + "/capture.pcap")
        let cause = try #require(found.errors.first)
        let (caller, called) = (cause.peers[0], cause.peers[1])
        let text = try Self.text("pfs", "right").replacing("198.51.100.20", with: "203.0.113.77")
            .replacing("192.0.2.10", with: "\(caller)")
        let told = try Found(folder + "/capture.pcap", configs: [Self.config(text, "right")])
        let wrong = try #require(told.errors.first)
        #expect(wrong.id == .wrongPeerAddress && wrong.certainty == .likely)
        #expect(wrong.summary == "\(caller) sends to \(called), but the peer that expects it has 203.0.113.77")
        #expect(wrong.advice.first?.ios.contains(line) == true, "\(wrong.advice.map(\.ios))")
    }

    /// Of a daemon that says what it lacks, and one that takes Main Mode alone.
    @Test("a refusal by name is borne out, or not")
    func named() throws {
        guard let folder = Shared.path("reference/observed") else { return }
        func text(_ extra: String) -> IOSConfig {
            Self.config(
                """
                crypto isakmp policy 1
                 encr aes 256
                 authentication pre-share
                 group 14
                \(extra)
                interface GigabitEthernet0/0
                 ip address 192.0.2.2 255.255.255.0
                """, "right")
        }
        let lacks = try Found(folder + "/v1-nokey.pcap", configs: [text("crypto isakmp key K address 203.0.113.5")])
        #expect(lacks.first(.noKeyForPeer)?.certainty == .proved)
        let has = try Found(folder + "/v1-nokey.pcap", configs: [text("crypto isakmp key K address 192.0.2.1")])
        #expect(has.first(.noKeyForPeer)?.certainty == .likely)
        let other = text("crypto isakmp policy 1\n group 5")
        let older = try Found(folder + "/v1-nokey.pcap", configs: [other])
        #expect(older.errors.map(\.id) == [.noKeyForPeer], "a transform was chosen, so no policy is missing")
        let main = try Found(folder + "/mode.pcap", configs: [text("crypto isakmp aggressive-mode disable")])
        #expect(main.first(.modeMismatch)?.certainty == .proved)
        #expect(try Found(folder + "/mode.pcap", configs: [text("!")]).first(.modeMismatch)?.certainty == .likely)
    }

    @Test("different keys: the lines that they stand in, and all of them that fit")
    func keyLines() throws {
        let cause = try Self.cause(
            try Self.found(
                "different-psk", sides: ["left", "right"],
                change: [
                    (
                        "address 192.0.2.10\n!\n!",
                        "address 192.0.2.10\ncrypto isakmp key x address 192.0.2.0 255.255.255.0\n!"
                    )
                ]))
        #expect(cause.id == .pskMismatchMain)
        #expect(
            cause.evidence.contains("the key of LEFT (left.cfg) for 198.51.100.20: address 198.51.100.20 (line 16)"))
        #expect(
            cause.evidence.contains {
                $0.hasPrefix(
                    "the key of RIGHT (right.cfg) for 192.0.2.10: address 192.0.2.10 (line 16); also address 192.0.2.0 255.255.255.0 (line 17)"
                )
            })
    }

    @Test("what works stays without an error, whatever the configurations")
    func healthy() throws {
        for name in ["main-mode/raw-esp", "quick-mode/pfs-group14", "interop/strongswan-libreswan"] {
            let path = Shared.root + "/captures/" + name
            let configs = try ["left", "right"].map { Self.config(try Self.text("pfs", $0), $0) }
            let found = try Found(path + ".pcap", keys: [try KeyFile.load(path + ".keys.json")], configs: configs)
            #expect(found.errors.isEmpty)
        }
    }

    @Test("no finding holds a key of a configuration")
    func secrets() throws {
        for name in ["phase1-proposal", "phase2-transform", "proxy-identities", "pfs", "different-psk"] {
            let found = try Self.found(name, sides: ["left", "right"])
            let text = "\(found.findings)"
            for secret in ["lab-Secret", "correct-horse", "wrong-battery"] { #expect(!text.contains(secret)) }
        }
    }

    // MARK: ASA

    /// The right side of the lab as an ASA: what `right.cfg` says, in its words.
    private static func asa(
        encryption: String = "aes-256", hash: String = "sha", peer: String = "192.0.2.10",
        set: String = "esp-aes esp-sha-hmac",
        pfs: String? = nil, key: String? = "192.0.2.10", destination: String = "LEFT-LAN"
    ) -> IOSConfig {
        let pfs = pfs.map { "crypto map outside_map 1 set pfs \($0)\n" } ?? ""
        let key = key.map {
            "tunnel-group \($0) type ipsec-l2l\ntunnel-group \($0) ipsec-attributes\n ikev1 pre-shared-key *****\n"
        }
        let text = """
            ASA Version 9.8(2)
            hostname RIGHT
            interface GigabitEthernet0/0
             nameif outside
             ip address 198.51.100.20 255.255.255.0
            !
            object network LEFT-LAN
             subnet 10.1.0.0 255.255.255.0
            object-group network RIGHT-LANS
             network-object 10.2.0.0 255.255.255.0
            access-list CRYPTO extended permit ip object-group RIGHT-LANS object LEFT-LAN
            access-list OTHER extended permit ip object-group RIGHT-LANS 10.9.0.0 255.255.255.0
            crypto ipsec ikev1 transform-set LAB \(set)
            crypto map outside_map 1 match address \(destination == "LEFT-LAN" ? "CRYPTO" : "OTHER")
            \(pfs)crypto map outside_map 1 set peer \(peer)
            crypto map outside_map 1 set ikev1 transform-set LAB
            crypto map outside_map interface outside
            crypto ikev1 enable outside
            crypto ikev1 policy 10
             authentication pre-share
             encryption \(encryption)
             hash \(hash)
             group 2
             lifetime 14400
            \(key ?? "")
            """
        return config(text, "asa")
    }

    private static func found(_ name: String, _ asa: IOSConfig) throws -> Finding {
        #expect(asa.unread == [], "\(asa.unread)")
        let keys = [try KeyFile.load(base(name) + ".keys.json")]
        return try cause(try Found(base(name) + ".pcap", keys: keys, configs: [asa]))
    }

    @Test("an ASA's policy, and the lines that it takes")
    func asaPolicy() throws {
        let cause = try Self.found("phase1-proposal", Self.asa(encryption: "3des", hash: "md5"))
        #expect(cause.id == .p1ProposalMismatch && cause.certainty == .proved)
        #expect(cause.summary.hasSuffix("encryption and hash differ from its policy 10"))
        #expect(
            cause.advice.first?.ios == [
                "crypto ikev1 policy 20", " encryption aes-256", " hash sha", " group 2", " authentication pre-share",
            ])
    }

    @Test("an ASA's PFS, in its crypto map")
    func asaPFS() throws {
        let cause = try Self.found("pfs", Self.asa(pfs: "group2"))
        #expect(cause.id == .pfsMismatch && cause.certainty == .proved)
        #expect(cause.advice.first?.ios == ["no crypto map outside_map 1 set pfs"], "\(cause.advice)")
    }

    @Test("an ASA's access list of objects, and its peer's address")
    func asaList() throws {
        let list = try Self.found("proxy-identities", Self.asa(destination: "other"))
        #expect(list.id == .proxyIDMismatch && list.certainty == .proved)
        #expect(
            list.advice.contains { $0.ios.first?.hasPrefix("access-list OTHER extended permit ip 10.2.") == true },
            "\(list.advice)")
        let peer = try Self.found("pfs", Self.asa(peer: "192.0.2.99"))
        #expect(peer.id == .noMapForPeer)
        #expect(peer.advice.first?.ios.first == "crypto map outside_map 1 set peer 192.0.2.10", "\(peer.advice)")
    }
}
