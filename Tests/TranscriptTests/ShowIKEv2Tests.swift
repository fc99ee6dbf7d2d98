import AnalysisSupport
import Foundation
import IKEScope
import ScopeCrypto
import ScopeModel
import ScopeWire
import TestSupport
import Testing

@testable import ScopeFormatters

/// The views of IKEv2, against the daemons' logs, tshark, and the layout of the format's reference.
@Suite("Views of IKEv2 say what the daemons' logs and tshark say") struct ShowIKEv2Tests {
    /// A shipped capture with the keys that the lab knows of it.
    private struct Scene {
        let capture: String
        let keys: [KeyFile]

        init(_ name: String, hasKeys: Bool = true) throws {
            capture = Shared.root + "/captures/" + name + ".pcap"
            // The keys that ship with the rekeying are those of ESP alone.
            let lab = name == "rekey/ikev2" ? try LabScenario("35a-v2-rekey").keys("all") : nil
            let shipped = Shared.root + "/captures/" + name + ".keys.json"
            keys = hasKeys ? [try lab ?? KeyFile.load(shipped)] : []
        }

        func text(_ content: ShowFormatter.Content, at: String? = nil, isDetailed: Bool = false, isJSON: Bool = false)
            throws -> String
        {
            var options = ShowFormatter.Options()
            options.zone = .utc
            options.isDetailed = isDetailed
            options.at = at.flatMap { ShowPoint($0) }
            let formatter = Supplied(ShowFormatter(content, options, isJSON: isJSON))
            return try Analysis.of(capture, keys: keys, formatter: formatter).text
        }

        func json(_ content: ShowFormatter.Content, at: String? = nil) throws -> [[String: Any]] {
            try text(content, at: at, isJSON: true).split(separator: "\n").map { line in
                try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
            }
        }

        /// Fields of IKE or ESP packets, as tshark prints them; nil where tshark is absent.
        func tshark(_ filter: String, _ fields: [String]) throws -> [[String]]? {
            let words = ["tshark", "-n", "-r", capture, "-Y", filter, "-T", "fields"] + fields.flatMap { ["-e", $0] }
            return try ShowFacts.output(words)?.split(separator: "\n").map {
                $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            }
        }
    }

    static let captures = ["rekey/ikev2", "ikev2/psk", "ikev2/signatures", "ikev2/ios-shape", "ikev2/multi-ke"]

    /// The log of the left end: `IKE_SA gw[2] rekeyed` at 12.267, `sending DELETE for IKE_SA gw[1]` after it; the capture
    /// begins at 3.164 of that minute, and tshark has the answer that makes the new SA at +9.0951, the Delete at +9.1039.
    @Test(
        "the IKE SA is seen being replaced",
        arguments: [
            ("+5", ["READY"]), ("+9.1", ["READY", "READY"]), ("+10", ["DELETE", "READY"]),
            ("+14.5", ["DELETE", "DELETE"]),
        ])
    func replacement(at point: String, states: [String]) throws {
        let scene = try Scene("rekey/ikev2")
        let lines = try scene.json(.ikev2SA, at: point)
        #expect(lines.map { $0["state"] as? String } == states)
        #expect(lines.dropFirst().map { $0["replaces"] as? Int } == lines.dropLast().map { $0["id"] as? Int })
        let rows = try scene.text(.ikev2SA, at: point).split(separator: "\n").filter { $0.contains("/4500  ") }
        #expect(rows.map { $0.split(separator: " ").last.map(String.init) } == states)
        // A session lists what lives.
        let session = try scene.text(.ikev2Session, at: point)
        let alive = states.count { $0 == "READY" }
        if alive == 0 {
            #expect(session.isEmpty)
        } else {
            #expect(session.contains("Status:UP-ACTIVE, IKE count:\(alive), CHILD count:1\n"))
        }
    }

    @Test(
        "the message ID of each side's next request is the one behind its last, as tshark reads them",
        arguments: captures)
    func messageIDs(name: String) throws {
        let scene = try Scene(name)
        let fields = ["isakmp.ispi", "isakmp.flag_i", "isakmp.flag_r", "isakmp.messageid"]
        guard let rows = try scene.tshark("isakmp", fields) else { return }
        var next: [String: [String: Int]] = [:]
        for row in rows where row.count == 4 && ["0", "False"].contains(row[2]) {
            let side = ["1", "True"].contains(row[1]) ? "initiator" : "responder"
            let id = try #require(Int(row[3].dropFirst(2), radix: 16))
            next[row[0], default: [:]][side] = max(next[row[0]]?[side] ?? 0, id + 1)
        }
        #expect(!next.isEmpty)
        let lines = try scene.json(.ikev2SA)
        #expect(lines.count == next.count)
        for line in lines {
            let spi = try #require(line["initiator_spi"] as? String)
            let isInitiator = line["role"] as? String == "initiator"
            let told = line["ikev2"] as? [String: Any]
            func number(_ side: String) -> Int? { (told?[side] as? [String: Any])?["next_message_id"] as? Int }
            #expect(number("local") == next[spi]?[isInitiator ? "initiator" : "responder"])
            #expect(number("remote") == next[spi]?[isInitiator ? "responder" : "initiator"])
        }
    }

    @Test("children have the packets that tshark counts under their SPIs", arguments: captures)
    func counters(name: String) throws {
        let scene = try Scene(name)
        guard let rows = try scene.tshark("esp", ["esp.spi"]) else { return }
        let spis = rows.compactMap(\.first)
        var sum = 0
        for line in try scene.json(.ipsecSA) {
            for (spi, way) in [("inbound_spi", "decaps"), ("outbound_spi", "encaps")] {
                // Where no key opens the negotiation, each direction is by itself.
                guard let name = line[spi] as? String else { continue }
                let packets = ShowTests.packets(line, way)
                #expect(packets == spis.count { $0 == name })
                sum += packets ?? 0
            }
        }
        #expect(sum == spis.count && sum > 0)
    }

    /// The log of the right end has four children, whose SPIs it names from its side.
    @Test("the children that a rekeying made are those of the log")
    func children() throws {
        guard let path = LabScenario("35a-v2-rekey").path("right.log") else { return }
        let log = try String(contentsOfFile: path, encoding: .utf8)
        let made = log.matches(of: /CHILD_SA net\{\d+\} established with SPIs (\w{8})_i (\w{8})_o/)
        var pairs: [[String]] = []
        for pair in made.map({ ["0x\($0.2)", "0x\($0.1)"] }) where !pairs.contains(pair) { pairs.append(pair) }
        #expect(pairs.count == 4)
        let lines = try Scene("rekey/ikev2").json(.ipsecSA)
        #expect(lines.map { line in ["inbound_spi", "outbound_spi"].compactMap { line[$0] as? String } } == pairs)
    }

    /// Without keys nothing tells whether IKE_AUTH went well, but packets flow.
    @Test("what no key opens is neither up nor down")
    func unread() throws {
        let scene = try Scene("ikev2/psk", hasKeys: false)
        let view = try scene.text(.ikev2SA, at: "+0.5")
        #expect(view.contains("?/?                  ?  \n"))
        #expect(view.contains("Auth sign: Unknown - 0, Auth verify: Unknown - 0\n"))
        #expect(view.contains("! no key opens its messages: whether it was set up cannot be told\n"))
        #expect(try scene.text(.session, at: "+0.5").contains("Session status: ?     \n"))
        let session = try scene.text(.session)
        #expect(session.contains("Session status: UP-ACTIVE (unproved)     \n"))
        #expect(session.contains("  IKEv2 SA: local 192.0.2.10/4500 remote 198.51.100.20/4500 ? \n"))
        #expect(try Scene("ikev2/psk").text(.ikev2SA, at: "+0.02").contains("IN-NEG"))
    }

    @Test("show isakmp-sa lists the SAs of IKEv1, and says where those of IKEv2 are")
    func isakmp() throws {
        let view = try Scene("ikev2/psk").text(.isakmpSA)
        #expect(view.hasSuffix("IPv6 Crypto ISAKMP SA\n\n! 1 IKEv2 SA: 'show ikev2-sa' lists them\n"))
        #expect(try Scene("main-mode/raw-esp").text(.ikev2SA).isEmpty)
    }

    /// Line by line as sections 13.1 to 13.3 of the format's reference have them; `?` for what is on no wire.
    @Test("rows, details and sessions have the router's columns and trailing blanks")
    func layout() throws {
        #expect(
            try Scene("ikev2/psk").text(.ikev2SA, at: "+2") == """
                 IPv4 Crypto IKEv2  SA\u{20}

                Tunnel-id Local                 Remote                fvrf/ivrf            Status\u{20}
                1         192.0.2.10/4500       198.51.100.20/4500    ?/?                  READY\u{20}\u{20}
                      Encr: AES-CBC, keysize: 256, PRF: SHA256, Hash: SHA256, DH Grp:14, Auth sign: PSK, Auth verify: PSK
                      Life/Active Time: ?/1 sec

                 IPv6 Crypto IKEv2  SA\u{20}


                """)
        let session = try Scene("ikev2/ios-shape").text(.ikev2Session, at: "+10", isDetailed: true)
        for line in [
            "Session-id:1, Status:UP-ACTIVE, IKE count:1, CHILD count:1",
            "      Local spi: 6ACEFCB2E8F2064F       Remote spi: 2AAAFCA4A9871705",
            "      Local req msg id:  3              Remote req msg id:  1         ",
            "      Local next msg id: 3              Remote next msg id: 1         ",
            "      Local window:      5              Remote window:      5         ",
            "      Fragmentation not  configured.", "      NAT-T is not detected  ", "      Initiator of SA : Yes",
            "Child sa: local selector  198.51.100.33/0 - 198.51.100.33/65535 ",
            "          remote selector 203.0.113.130/0 - 203.0.113.130/65535 ",
            "          ESP spi in/out: 0x7A2D3F8E/0x53F5683D  ", "          AH spi in/out: 0x0/0x0  ",
            "          Encr: AES-CBC, keysize: 256, esp_hmac: SHA96",
            "          ah_hmac: None, comp: IPCOMP_NONE, mode tunnel",
        ] {
            #expect(session.contains("\n\(line)\n"), "\(line)")
        }
    }

    /// What the daemons were told to do: a PPK, EAP, an address, another algorithm, an SA that is refused.
    @Test(
        "what was agreed on shows",
        arguments: [
            ("164a-v2-ppk", ["Auth verify: PSK, QR", "Quantum-safe Encryption using PPK is enabled"]),
            ("120a-v2-eap-mschapv2", ["Auth sign: EAP, Auth verify: PSK"]),
            ("134a-v2-cp-address", ["      Pushed IP address: 10.78.0.1"]),
            ("101a-v2-ccm", ["Hash: None"]), ("130a-v2-sig-rsa-pss", ["Auth sign: RSA, Auth verify: RSA"]),
            ("128a-v2-psk-mismatch", ["DELETE", "! ended by AUTHENTICATION_FAILED in frame 6"]),
            ("127a-v2-cert-wrong-id", ["DELETE", "! ended by AUTHENTICATION_FAILED in frame 9"]),
        ])
    func agreed(name: String, expected: [String]) throws {
        guard let scenario = IKEv2Scenario.named(name), let path = scenario.path("capture.pcap"),
            let keys = try scenario.keys("all")
        else { return }
        var options = ShowFormatter.Options()
        options.isDetailed = true
        let view = try Analysis.of(path, keys: [keys], formatter: Supplied(ShowFormatter(.ikev2SA, options))).text
        for text in expected { #expect(view.contains(text), "\(text)") }
    }

    @Test("both versions between the same peers are told apart")
    func bothVersions() throws {
        guard let scenario = IKEv2Scenario.named("167a-v2-v1-fails-v2-works"),
            let path = scenario.path("capture.pcap"), let keys = try scenario.keys("all")
        else { return }
        func text(_ content: ShowFormatter.Content) throws -> String {
            var options = ShowFormatter.Options()
            options.at = .elapsed(3_000_000_000)
            return try Analysis.of(path, keys: [keys], formatter: Supplied(ShowFormatter(content, options))).text
        }
        let session = try text(.session)
        #expect(session.contains("Session status: UP-ACTIVE     \n"))
        #expect(session.contains("  IKEv1 SA: local 198.51.100.33/500 remote 203.0.113.130/500 Inactive \n"))
        #expect(session.contains("  IKEv2 SA: local 198.51.100.33/4500 remote 203.0.113.130/4500 Active \n"))
        #expect(try text(.isakmpSA).contains("203.0.113.130   198.51.100.33   MM_NO_STATE "))
        #expect(try text(.ikev2SA).contains("READY"))
    }
}
