import AnalysisSupport
import Foundation
import IKEScope
import ScopeCrypto
import ScopeDissect
import ScopeFormatters
import ScopeModel
import ScopeWire
import TestSupport
import Testing

/// Debian's Python, whose jsonschema the tests install; false, with a visible line, where it is absent.
private let hasValidator: Bool = {
    let status = try? ChildProcess.run(["/usr/bin/python3", "-c", "import jsonschema"], errors: .discarded).status
    if status != 0 { print("SKIPPED: validating JSON: there is no python3-jsonschema") }
    return status == 0
}()

@Suite("JSON output fits its schema", .enabled(if: hasValidator)) struct SchemaTests {
    /// Prints what is wrong with the lines on standard input, and the values of the members "kind" and "protocol".
    ///
    /// The schemas allow further members, as the contract does; here none may be missing from them.
    static let validator = """
        import json, sys, jsonschema
        schema = json.load(open(sys.argv[1]))
        jsonschema.Draft202012Validator.check_schema(schema)
        def close(node):
            if isinstance(node, dict):
                if "properties" in node: node["additionalProperties"] = False
                for value in node.values(): close(value)
            elif isinstance(node, list):
                for value in node: close(value)
        # One schema puts members that all kinds have beside those of each kind.
        if "oneOf" not in schema: close(schema)
        schema.pop("$id", None)
        check = jsonschema.Draft202012Validator(schema)
        kinds = set()
        for number, line in enumerate(open(sys.argv[2], encoding="utf-8"), 1):
            value = json.loads(line)
            kinds.add(value.get("kind") or value.get("protocol") or "")
            if not check.is_valid(value):
                best = jsonschema.exceptions.best_match(check.iter_errors(value))
                print("line", number, str(best.message)[:300], "in", line[:300])
        print("kinds", *sorted(kinds))
        """

    static let scenarios = [
        "04a-aggressive-psk", "05-main-rsa", "06a-xauth-psk-modecfg", "09a-wrong-psk", "15d-natt-true", "18-ike-frag",
        "31a-v2-cert-frag", "54a-ah-tunnel", "55-raw-rekey", "56-raw-two-children", "71-ike-scan", "72-two-taps",
        "84-esp-oddities",
    ]

    private func problems(_ listing: Listing, _ schema: String) throws -> (lines: [Substring], kinds: Set<Substring>) {
        let file = FileManager.default.temporaryDirectory.appending(path: "ikescope-\(UUID().uuidString).jsonl")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(listing.bytes).write(to: file)
        let path = Shared.root + "/docs/schemas/\(schema).schema.json"
        let (status, output) = try ChildProcess.run(["/usr/bin/python3", "-c", Self.validator, path, file.path])
        #expect(status == 0)
        var lines = String(decoding: output, as: UTF8.self).split(separator: "\n")
        let kinds = lines.popLast()?.split(separator: " ").dropFirst() ?? []
        return (lines, Set(kinds))
    }

    @Test("of every kind of capture in the lab", arguments: scenarios)
    func lab(scenario: String) throws {
        let lab = LabScenario(scenario)
        guard let path = lab.path("capture.pcap"), let keys = try lab.keys("all") else { return }
        let packets = try Listing.of(path, keys: [keys], with: PacketJSONFormatter()).listing
        let events = try Listing.of(path, keys: [keys], with: EventJSONFormatter()).listing
        #expect(packets.lines.count > 3 && events.lines.count >= packets.lines.count)
        #expect(try problems(packets, "ikescope.packet-1").lines == [])
        let found = try problems(events, "ikescope.event-1")
        #expect(found.lines == [])
        if scenario == "55-raw-rekey" {
            #expect(found.kinds.isSuperset(of: ["ike_message", "esp", "ike_keys", "ipsec_sas", "ipsec_account"]))
        }
    }

    @Test("of findings", arguments: scenarios)
    func findings(scenario: String) throws {
        guard let path = LabScenario(scenario).path("capture.pcap") else { return }
        let listing = try Listing.of(path, with: Supplied(FindingJSONFormatter())).listing
        #expect(try problems(listing, "ikescope.finding-1").lines == [])
    }

    @Test("of certificates", arguments: ["ecdsa-chain", "expired", "aggressive-ecdsa"])
    func certificates(name: String) throws {
        let base = Shared.root + "/captures/certificates/" + name
        let keys = [try KeyFile.load(base + ".keys.json")]
        let packets = try Listing.of(base + ".pcap", keys: keys, with: PacketJSONFormatter()).listing
        let events = try Listing.of(base + ".pcap", keys: keys, with: EventJSONFormatter()).listing
        #expect(packets.text.contains("\"certificates\":[{\"version\":3,"))
        #expect(packets.text.contains("\"certificate_check\":{") && events.text.contains("\"certificate_check\":{"))
        #expect(try problems(packets, "ikescope.packet-1").lines == [])
        #expect(try problems(events, "ikescope.event-1").lines == [])
    }

    /// Of each kind of exchange and payload one.
    private static let ikev2Scenarios = [
        "31a-v2-cert-frag", "35a-v2-rekey", "120a-v2-eap-mschapv2", "128a-v2-psk-mismatch", "151a-v2-redirect",
        "159a-v2-children-narrowing", "164a-v2-ppk", "202a-v2-followup-ke", "221a-v2-config-all",
    ]

    @Test("of IKEv2: what ships, and a part of what the labs have")
    func ikev2() throws {
        var packets: [UInt8] = []
        var events: [UInt8] = []
        var shown: [UInt8] = []
        func add(_ path: String, _ keys: [KeyFile]) throws {
            packets += try Listing.of(path, keys: keys, with: PacketJSONFormatter()).listing.bytes
            events += try Listing.of(path, keys: keys, with: EventJSONFormatter()).listing.bytes
            for content in ShowFormatter.Content.allCases {
                shown += try Listing.of(path, keys: keys, with: Supplied(ShowFormatter(content, isJSON: true))).listing
                    .bytes
            }
        }
        for name in ["psk", "signatures", "multi-ke", "ios-shape"] {
            let base = Shared.root + "/captures/ikev2/" + name
            try add(base + ".pcap", [try KeyFile.load(base + ".keys.json")])
        }
        for name in Self.ikev2Scenarios {
            guard let scenario = IKEv2Scenario.named(name), let path = scenario.path("capture.pcap"),
                let keys = try scenario.keys("all")
            else { return }
            try add(path, [keys])
        }
        #expect(try problems(Listing(bytes: packets), "ikescope.packet-1").lines == [])
        let found = try problems(Listing(bytes: events), "ikescope.event-1")
        #expect(found.lines == [])
        #expect(found.kinds.isSuperset(of: ["ike_message", "esp", "ike_keys", "ipsec_sas", "ipsec_account"]))
        #expect(try problems(Listing(bytes: shown), "ikescope.sa-1").lines == [])
    }

    @Test("of what is broken on purpose and what others captured")
    func wild() throws {
        let paths = ["public", "malformed"].flatMap { folder in
            Shared.list("captures/\(folder)").filter { $0.contains(".pcap") }.compactMap {
                Shared.path("captures/\(folder)/\($0)")
            }
        }
        guard !paths.isEmpty else { return }
        var packets: [UInt8] = []
        var events: [UInt8] = []
        for path in paths {
            // Some of the malformed ones are no captures: what could be read before is enough.
            guard let some = try? Listing.of(path, with: PacketJSONFormatter()).listing else { continue }
            // The crowded ones say the same thing over and over.
            packets += some.lines.prefix(200).joined(separator: "\n").utf8 + [10]
            let told = try Listing.of(path, with: EventJSONFormatter()).listing.lines
            events += (told.prefix(200) + told.suffix(100)).joined(separator: "\n").utf8 + [10]
        }
        #expect(try problems(Listing(bytes: Self.withoutEmptyLines(packets)), "ikescope.packet-1").lines == [])
        let found = try problems(Listing(bytes: Self.withoutEmptyLines(events)), "ikescope.event-1")
        #expect(found.lines == [])
        #expect(found.kinds.isSuperset(of: ["icmp_error", "reassembly", "ah"]))
    }

    private static func withoutEmptyLines(_ bytes: [UInt8]) -> [UInt8] {
        bytes.split(separator: 10).flatMap { $0 + [10] }
    }

    @Test("of events that no capture of the lab shows")
    func made() throws {
        let kinds: [Event.Kind] = [
            .captureLoss(3), .comment("a\u{1b}[31m \"comment\""), .evicted(table: "IKE SAs", count: 4),
            .unusedKey("psk[0] (*): could be tried on nothing"),
            .reassembly(.refused(frame: 2, why: "too long")), .reassembly(.overlap(frames: [1, 2])),
            .malformed(MalformedPacket(layer: .isakmp, error: DecodeError(.badLength(3), at: 24, field: "length"))),
        ]
        let sink = ByteSink()
        var formatter = EventJSONFormatter()
        for (index, kind) in kinds.enumerated() {
            let frame = Frame(
                number: index + 1, time: Instant(nanoseconds: 5), linkType: .raw, capturedLength: 0, originalLength: 0)
            let event = Event(ordinal: index + 1, time: frame.time, origin: frame, scope: Scope(), kind: kind)
            formatter.write(event, frame: RawSpan(), plaintext: RawSpan(), to: sink)
        }
        let found = try problems(Listing(bytes: sink.bytes), "ikescope.event-1")
        #expect(found.lines == [])
        #expect(found.kinds == ["capture_loss", "comment", "evicted", "unused_key", "reassembly", "malformed"])
    }

    @Test("of the end of a live run, which is the same everywhere")
    func capture() throws {
        var statistics = CaptureStatistics(interface: "eth0")
        statistics.captured = 3
        statistics.received = 14
        statistics.droppedByKernel = 1
        let sinks = [ByteSink(), ByteSink(), ByteSink(), ByteSink(), ByteSink()]
        var packets = PacketJSONFormatter()
        var events = EventJSONFormatter()
        var findings = FindingJSONFormatter()
        var show = ShowFormatter(.session, isJSON: true)
        var table = ShowFormatter(.session)
        packets.close(statistics, to: sinks[0])
        events.close(statistics, to: sinks[1])
        findings.close(statistics, to: sinks[2])
        show.close(statistics, to: sinks[3])
        table.close(statistics, to: sinks[4])
        for sink in sinks[..<4] {
            #expect(sink.bytes == sinks[0].bytes)
            #expect(try problems(Listing(bytes: sink.bytes), "ikescope.capture-1").lines == [])
            #expect(try Listing(bytes: sink.bytes).objects().first?["unread"] as? Int == 10)
        }
        #expect(sinks[4].count == 0)
    }

    @Test("and hides passwords")
    func passwords() throws {
        let lab = LabScenario("06a-xauth-psk-modecfg")
        guard let path = lab.path("capture.pcap"), let keys = try lab.keys("all") else { return }
        let text = try Listing.of(path, keys: [keys], with: EventJSONFormatter()).listing.text
        #expect(text.contains("\"value\":\"alice\""))
        #expect(text.contains("\"name\":\"XAUTH-USER-PASSWORD\",\"value\":null,\"hidden\":true"))
    }
}
