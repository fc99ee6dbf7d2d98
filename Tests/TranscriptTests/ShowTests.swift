import AnalysisSupport
import Foundation
import IKEScope
import ScopeCrypto
import ScopeModel
import ScopeSAD
import ScopeWire
import TestSupport
import Testing

@testable import ScopeFormatters

@Suite("Show views say what the daemons' logs and tshark say") struct ShowTests {
    static let scenarios = ["08a-rekey", "55-raw-rekey", "56-raw-two-children", "14-dpd", "21-deletes"]

    static func packets(_ object: [String: Any], _ way: String, _ field: String = "packets") -> Int? {
        (object[way] as? [String: Any])?[field] as? Int
    }

    @Test("pairs, who deleted them, and how many packets they carried", arguments: scenarios)
    func pairs(name: String) throws {
        guard let facts = try ShowFacts(name) else { return }
        let lines = try facts.json(.ipsecSA)
        #expect(lines.map { $0["inbound_spi"] as? String } == facts.children.map(\.inbound))
        #expect(lines.map { $0["outbound_spi"] as? String } == facts.children.map(\.outbound))
        let spis = try facts.tshark("esp.spi")
        for (line, child) in zip(lines, facts.children) {
            let by = (line["deleted"] as? [String: Any])?["by"] as? String
            if facts.deletedByLeft.contains(child.inbound) {
                #expect(by == facts.left)
            } else if facts.deletedByRight.contains(child.outbound) {
                #expect(by == facts.right)
            } else {
                #expect(by == nil)
            }
            #expect(line["status"] as? String == (by == nil ? "alive" : "deleted"))
            guard let spis else { continue }
            #expect(Self.packets(line, "decaps") == spis.count { $0 == child.inbound })
            #expect(Self.packets(line, "encaps") == spis.count { $0 == child.outbound })
        }
    }

    @Test("IKE SAs, and who deleted them", arguments: scenarios) func ike(name: String) throws {
        guard let facts = try ShowFacts(name) else { return }
        let lines = try facts.json(.isakmpSA)
        if let cookies = try facts.tshark("isakmp.ispi") {
            #expect(Set(lines.compactMap { $0["initiator_spi"] as? String }) == Set(cookies))
        }
        let by = lines.compactMap { ($0["deleted"] as? [String: Any])?["by"] as? String }
        #expect(by.sorted() == facts.ikeDeletes.sorted())
        for line in lines {
            #expect(line["state"] as? String == (facts.ikeDeletes.isEmpty ? "QM_IDLE" : "MM_NO_STATE"))
            #expect((line["local_identity"] as? [String: Any])?["identity"] as? String == facts.left)
        }
    }

    @Test("octets inside are those that the daemon counted")
    func octets() throws {
        guard let facts = try ShowFacts("21-deletes") else { return }
        let lines = try facts.json(.ipsecSA)
        let counted = facts.children.first?.octets
        #expect(counted != nil)
        #expect(Self.packets(lines[0], "decaps", "payload_octets") == counted?.into)
        #expect(Self.packets(lines[0], "encaps", "payload_octets") == counted?.out)
    }

    /// The three forms of `--at`; the capture's first frame is of 09:04:31.159.
    @Test(
        "the SA that is being replaced shows",
        arguments: [
            ("2026-11-23T11:04:32.5+02:00", "2026-11-23T09:04:32.500"), ("09:04:34", "2026-11-23T09:04:34.000"),
            ("+5.5", "2026-11-23T09:04:36.659"),
        ])
    func replacement(at text: String, logged: String) throws {
        guard let facts = try ShowFacts("55-raw-rekey") else { return }
        let point = try #require(ShowPoint(text))
        let expected = facts.children.filter { $0.time <= logged }
        #expect(expected.count > 1)
        let lines = try facts.json(.ipsecSA) { $0.at = point }
        #expect(lines.map { $0["inbound_spi"] as? String } == expected.map(\.inbound))
        #expect(lines.allSatisfy { $0["status"] as? String == "alive" })
        #expect(lines.dropLast().map { $0["replaced_by"] as? Int } == lines.dropFirst().map { $0["id"] as? Int })
        #expect(lines.last?["replaced_by"] == nil)
        let router = try facts.run(.ipsecSA) { $0.at = point }
        for child in expected { #expect(router.contains("      spi: 0x\(child.inbound.dropFirst(2).uppercased())(")) }
        let newest = try #require(expected.last?.outbound.dropFirst(2).uppercased())
        #expect(router.contains("     current outbound spi: 0x\(newest)("))
    }

    @Test("the kernel of the left end held the pairs that stand before the deletes")
    func kernel() throws {
        guard let facts = try ShowFacts("55-raw-rekey"),
            let path = LabScenario("55-raw-rekey").path("left.ip-xfrm-state.txt")
        else { return }
        let state = try String(contentsOfFile: path, encoding: .utf8)
        let held = Set(state.matches(of: /proto esp spi (0x\w{8})/).map { String($0.1) })
        let lines = try facts.json(.ipsecSA) { $0.at = .elapsed(6_200_000_000) }
        let alive = lines.filter { $0["status"] as? String == "alive" }
        let shown = alive.flatMap { [$0["inbound_spi"] as? String, $0["outbound_spi"] as? String].compactMap { $0 } }
        #expect(Set(shown) == held)
    }

    /// Frames 6 to 9 are XAUTH, 10 and 11 Mode Config (tshark's reading); the capture begins at 08:47:35.044.
    @Test(
        "XAUTH and Mode Config are states of their own, until the server has its answer",
        arguments: [
            ("08:47:35.0915", "QM_IDLE"), ("08:47:35.0925", "CONF_XAUTH"), ("08:47:35.0985", "CONF_XAUTH"),
            ("08:47:35.0998", "CONF_ADDR"), ("08:47:35.1070", "QM_IDLE"),
        ])
    func configuration(at text: String, state: String) throws {
        guard let facts = try ShowFacts("06a-xauth-psk-modecfg") else { return }
        let point = try #require(ShowPoint(text))
        #expect(try facts.json(.isakmpSA) { $0.at = point }.map { $0["state"] as? String } == [state])
        #expect(try facts.run(.isakmpSA) { $0.at = point }.contains("192.0.2.10      \(state) "))
    }

    /// The peer died, and nobody deleted anything; the lifetimes are 3960 s and 15840 s.
    @Test(
        "a lifetime that ran out ends the SA",
        arguments: [(3900, "alive", "established"), (4100, "expired", "established"), (16_000, "expired", "expired")])
    func expiry(elapsed: Int64, ipsec: String, ike: String) throws {
        guard let facts = try ShowFacts("14-dpd") else { return }
        let point = ShowPoint.elapsed(elapsed * 1_000_000_000)
        #expect(try facts.json(.ipsecSA) { $0.at = point }.map { $0["status"] as? String } == [ipsec])
        #expect(try facts.json(.isakmpSA) { $0.at = point }.map { $0["status"] as? String } == [ike])
        let session = try facts.run(.session) { $0.at = point }
        #expect(session.contains(ipsec == "alive" ? "UP-ACTIVE" : ike == "expired" ? "DOWN" : "UP-IDLE"))
    }

    @Test("two negotiations that cross each other replace nothing")
    func crossing() throws {
        let base = Shared.root + "/captures/main-mode/both-initiate"
        for content in [ShowFormatter.Content.isakmpSA, .ipsecSA] {
            let formatter = Supplied(ShowFormatter(content, ShowFormatter.Options(), isJSON: true))
            let run = try Analysis.of(
                base + ".pcap", keys: [try KeyFile.load(base + ".keys.json")], formatter: formatter)
            #expect(run.text.split(separator: "\n").count == 2)
            #expect(!run.text.contains("\"replace"))
        }
    }

    @Test("two proxy pairs of one IKE SA do not replace each other")
    func twoChildren() throws {
        guard let facts = try ShowFacts("56-raw-two-children") else { return }
        let lines = try facts.json(.ipsecSA)
        #expect(lines.count == 2 && lines.allSatisfy { $0["replaces"] == nil && $0["replaced_by"] == nil })
    }

    @Test("lines of the router, seen from either end")
    func router() throws {
        guard let facts = try ShowFacts("55-raw-rekey") else { return }
        let at = ShowPoint.elapsed(6_200_000_000)
        // Row by row as section 10.1 of the format's reference has it.
        let ike = try facts.run(.isakmpSA) { $0.at = at }
        #expect(
            ike == """
                IPv4 Crypto ISAKMP SA
                dst             src             state          conn-id status
                203.0.113.130   198.51.100.33   QM_IDLE           1001 ACTIVE
                203.0.113.130   198.51.100.33   QM_IDLE           1002 ACTIVE

                IPv6 Crypto ISAKMP SA


                """)
        // Proxies and algorithms are those of the log and of `ip xfrm state`.
        let own = try facts.run(.ipsecSA) { $0.at = at }
        let other = try facts.run(.ipsecSA) {
            $0.at = at
            $0.view = .responder
        }
        for (text, local, remote) in [(own, "10.50.8.0", "10.60.9.0"), (other, "10.60.9.0", "10.50.8.0")] {
            #expect(text.contains("   local  ident (addr/mask/prot/port): (\(local)/255.255.255.0/0/0)\n"))
            #expect(text.contains("   remote ident (addr/mask/prot/port): (\(remote)/255.255.255.0/0/0)\n"))
            #expect(text.contains("        transform: esp-aes esp-sha-hmac ,\n"))
            #expect(text.contains("        in use settings ={Tunnel, }\n"))
        }
        #expect(own.contains("   current_peer \(facts.right) port 500\n"))
        #expect(other.contains("   current_peer \(facts.left) port 500\n"))
        let session = try facts.run(.session) { $0.at = at }
        #expect(session.contains("Session status: UP-ACTIVE     \nPeer: \(facts.right) port 500 \n"))
        #expect(session.contains("        Active SAs: \(facts.children.count * 2), origin: ?\n"))
        #expect(try facts.run(.session).contains("Session status: DOWN     \n"))
        let silent = try ShowFacts("14-dpd")?.run(.session)
        #expect(silent?.contains("Session status: UP-ACTIVE     \n") ?? true)
        let address = try #require(IPAddress(facts.right))
        let device = try facts.run(.ipsecSA) {
            $0.at = at
            $0.view = .address(address)
        }
        #expect(device == other)
        let stranger = IPAddress(v4: 0x0102_0304)
        #expect(try facts.run(.ipsecSA) { $0.view = .address(stranger) } == "")
    }

    @Test("of more SAs than are kept, the dead go first")
    func bounds() throws {
        guard let facts = try ShowFacts("08a-rekey") else { return }
        let run = try Analysis.of(facts.capture, keys: facts.keys)
        var bounds = SADatabase.Bounds()
        (bounds.ike, bounds.children) = (2, 2)
        var database = SADatabase(bounds: bounds)
        for event in run.events {
            database.take(event)
            #expect(database.ikeRecords.count <= 2 && database.childRecords.count <= 2)
        }
        // The log has the first pair deleted before the third is made.
        let kept = database.childRecords.compactMap(\.spiToInitiator)
        #expect(kept.map { "0x" + String(hex: $0, digits: 8) } == facts.children.dropFirst().map(\.inbound))
        #expect(database.forgotten == 1)
    }

    @Test(
        "times that are none are refused", arguments: ["", "+", "+1e3", "5", "24:00:00", "1:2:3", "2026-11-23", "+1.x"])
    func refusedTimes(text: String) { #expect(ShowPoint(text) == nil) }

    @Test("every line keeps to the published schema", arguments: scenarios + ["15a-natt", "04a-aggressive-psk"])
    func schema(name: String) throws {
        guard let facts = try ShowFacts(name) else { return }
        guard try ShowFacts.output(["python3", "-c", "import jsonschema"]) != nil else { return }
        let file = FileManager.default.temporaryDirectory.appending(path: "ikescope-\(UUID().uuidString).jsonl")
        defer { try? FileManager.default.removeItem(at: file) }
        var lines: [[String: Any]] = []
        for content in ShowFormatter.Content.allCases { lines += try facts.json(content) }
        let texts = try lines.map { try JSONSerialization.data(withJSONObject: $0) }
        try Data(texts.joined(separator: Data("\n".utf8))).write(to: file)
        let program = """
            import json, sys, jsonschema
            check = jsonschema.Draft202012Validator(json.load(open(sys.argv[1])))
            lines = [json.loads(line) for line in open(sys.argv[2])]
            print(len(lines), sum(not check.is_valid(line) for line in lines))
            """
        let schema = Shared.root + "/docs/schemas/ikescope.sa-1.schema.json"
        let said = try ShowFacts.output(["python3", "-c", program, schema, file.path])
        #expect(said == "\(lines.count) 0\n")
        #expect(lines.count >= 3)
    }
}
