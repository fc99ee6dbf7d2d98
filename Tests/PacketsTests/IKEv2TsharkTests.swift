import AnalysisSupport
import Foundation
import IKEScope
import ScopeCapture
import ScopeCrypto
import ScopeFormatters
import ScopeModel
import TestSupport
import Testing

/// tshark is given what `keys export --to wireshark` writes; it runs once for each capture.
@Suite("tshark reads IKEv2 with the exported tables as IKEScope reads it") struct IKEv2TsharkTests {
    /// Frames that tshark 4.0 reads otherwise, and what says that it should not.
    private static let differences: [String: (frames: Set<Int>, why: String)] = [
        "102a-v2-chacha": (
            [5, 6, 28], "ChaCha20-Poly1305 (RFC 7634): its table has no word for it, the SA stays closed"
        ),
        "112a-v2-prf-aes": ([5, 6, 26], "AES-XCBC-96 (RFC 3566): its table has no word for it"),
        "113a-v2-camellia": ([5, 6, 26], "Camellia (RFC 5529): its table has no word for it"),
        "204a-v2-ppk-intermediate": (
            [3, 4], "RFC 9242 section 3.3.1: IKE_AUTH has other keys; it knows one set of an SA"
        ),
        "206a-v2-tcp": ([6, 8, 10, 12, 28, 30], "RFC 9329 section 3: it does not look for IKE in TCP"),
        "207a-v2-gikev2": ([1, 2, 3, 4, 5, 6], "RFC 9838 section 2.1: it does not look at port 848"),
        "213a-v2-major-version": ([1, 3], "RFC 7296 section 2.5: what version 3 looks like nobody knows; it reads on"),
        "216a-v2-bad-icv": ([3], "RFC 7296 section 3.14: the ICV is wrong; it decrypts all the same"),
        "217a-v2-refragment": ([8], "RFC 7383 section 2.5.2: it joins pieces of two cuts of a message"),
        "220a-v2-null-auth": ([3], "RFC 7619 section 2.2: ID_NULL has no bytes; it stops there"),
    ]

    /// Messages of IKEv1 that the lab's count has beside those of IKEv2.
    private static let others = ["166a-v2-v1-and-v2": 7]

    @Test("header and payload chain of every message, and how many frames open", arguments: IKEv2Scenario.all)
    func messages(scenario: IKEv2Scenario) throws {
        guard let path = scenario.path("capture.pcap"), let keys = (try? scenario.keys("all")) ?? nil,
            let counts = scenario.path("oracle.json").flatMap(Shared.bytes)
        else { return }
        let run = try Reading(path, keys)
        guard let tshark = try TsharkReading(path, run.export.wiresharkTables().tables) else { return }
        let allowed = Self.differences[scenario.name]?.frames ?? []
        var differing: Set<Int> = []
        for frame in Set(run.rows.keys).union(tshark.rows.keys) where run.rows[frame] != tshark.rows[frame] {
            // The whole of a message is told once, however often its pieces come; tshark joins them again.
            if run.repeated.contains(frame), run.rows[frame]?.headers == tshark.rows[frame]?.headers { continue }
            differing.insert(frame)
            guard !allowed.contains(frame) else { continue }
            let (ours, theirs) = (run.rows[frame], tshark.rows[frame])
            Issue.record(
                "frame \(frame): \(ours.map { "\($0)" } ?? "nothing"), tshark \(theirs.map { "\($0)" } ?? "nothing")")
        }
        #expect(differing == allowed, "frames that differ")
        let oracle = try JSONSerialization.jsonObject(with: Data(counts)) as? [String: Int]
        let messages = try #require(oracle?["ike_decrypted_frames"]) - (Self.others[scenario.name] ?? 0)
        #expect(tshark.opened >= messages, "messages that tshark opens")
        #expect(tshark.verified >= (try #require(oracle?["esp_icv_good"])), "ESP packets that tshark verifies")
        #expect(tshark.inner >= (try #require(oracle?["esp_inner_dissected"])), "ESP packets that tshark opens")
    }

    /// What IKEScope makes of a capture: by frame the headers and the payloads inside, and the keys for others.
    private final class Reading {
        let export = KeyExport()
        private(set) var rows: [Int: FrameRow] = [:]
        /// Frames with a piece that came before.
        private(set) var repeated: Set<Int> = []

        init(_ path: String, _ keys: KeyFile) throws {
            let sink = ByteSink()
            var formatter = PacketJSONFormatter()
            let analyzer = Analyzer(keys: [keys], export: export) {
                formatter.write($0, frame: $1, plaintext: $2, to: sink)
            }
            let source = try Captures.open(paths: [path])
            while let item = try source.next() { source.withBytes { analyzer.follow(item, $0) } }
            analyzer.finish()
            for object in try Listing(bytes: sink.bytes).objects() where object["version"] != nil {
                let frame = object["frame"] as? Int ?? 0
                let one = FrameRow.ours([object])[frame] ?? FrameRow(headers: [], payloads: [])
                // The frame of the last piece has the whole message beside the piece, under the header of the first one.
                let isWhole = object["ike_fragments"] != nil && object["version"] as? String == "2.0"
                rows[frame, default: FrameRow(headers: [], payloads: [])].headers += isWhole ? [] : one.headers
                let isPiece = (object["payloads"] as? [Any])?.isEmpty == true && object["next_payload"] as? Int == 53
                if isPiece, object["repetition"] != nil { repeated.insert(frame) }
                rows[frame]?.payloads += one.payloads.filter { !TsharkReading.wrappers.contains($0) }
            }
        }
    }

    private struct TsharkReading {
        private(set) var rows: [Int: FrameRow] = [:]
        private(set) var opened = 0
        private(set) var verified = 0
        private(set) var inner = 0

        /// SK and SKF, which tshark lists before what is in them.
        static let wrappers: Set = ["46", "53"]

        /// Nil, with a visible line, where there is no tshark.
        init?(_ path: String, _ tables: [KeyExport.Table]) throws {
            var arguments = ["-n", "-r", path, "-Y", "isakmp || esp", "-T", "fields", "-e", "frame.number"]
            for option in ["esp.enable_encryption_decode", "esp.enable_authentication_check"] {
                arguments += ["-o", "\(option):TRUE"]
            }
            for field in FrameRow.fields { arguments += ["-e", "isakmp.\(field)"] }
            for field in ["frame.protocols", "isakmp.enc.decrypted", "esp.icv_good"] { arguments += ["-e", field] }
            for table in tables {
                let text = table.text.withBytes { String(decoding: $0, as: UTF8.self) }
                for line in text.split(separator: "\n") { arguments += ["-o", "uat:\(table.name):\(line)"] }
            }
            guard let text = try output(of: "tshark", arguments) else { return nil }
            for line in text.split(separator: "\n") {
                let cells = line.split(separator: "\t", omittingEmptySubsequences: false)
                guard cells.count == 12, let frame = Int(cells[0]) else { continue }
                let protocols = cells[9]
                // A message that an ICMP error quotes is none of the peers'.
                let outer = protocols[..<(protocols.firstRange(of: "isakmp")?.lowerBound ?? protocols.endIndex)]
                let isQuoted = outer.contains(":icmp")
                if !cells[1].isEmpty, !isQuoted { add(cells[1...8].map { String($0) }, frame) }
                if !isQuoted { opened += cells[10].split(separator: ",").count }
                verified += cells[11].split(separator: ",").count { $0 == "1" || $0 == "True" }
                let behind = protocols.firstRange(of: "esp:").map { protocols[$0.upperBound...].split(separator: ":") }
                let known: Set<Substring> = ["ip", "ipv6", "icmp", "icmpv6", "tcp", "udp", "ah"]
                if let first = behind?.first(where: { $0 != "ethertype" }), known.contains(first) { inner += 1 }
            }
        }

        private mutating func add(_ cells: [String], _ frame: Int) {
            let columns = cells.map { $0.split(separator: ",").map(String.init) }
            let headers = columns[0].indices.map { index in
                (0..<7).map { column in index < columns[column].count ? columns[column][index] : "" }
            }
            // Proposals and transforms are lists inside the SA payload (RFC 7296 sections 3.3.1 and 3.3.2).
            let payloads = columns[7].filter { $0 != "2" && $0 != "3" && !Self.wrappers.contains($0) }
            rows[frame] = FrameRow(headers: headers, payloads: payloads)
        }
    }
}
