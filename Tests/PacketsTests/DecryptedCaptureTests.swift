import AnalysisSupport
import Foundation
import ScopeCapture
import ScopeFormatters
import ScopeModel
import ScopeWire
import TestSupport
import Testing

@Suite("decrypt -w writes what was inside, and nothing that is not vouched for") struct DecryptedCaptureTests {
    /// Runs a body on a file with what the writer makes of a capture.
    static func written(
        _ scenario: String, _ file: String = "capture.pcap", parts: String = "sa", wrong: Bool = false,
        _ options: DecryptedCaptureWriter.Options = .init(), _ body: (String, DecryptedSummary) throws -> Void
    ) throws {
        let lab = LabScenario(scenario)
        guard let path = lab.path(file), let keys = try lab.keys(parts, wrong: wrong) else { return }
        let run = try Listing.of(path, keys: [keys], with: DecryptedCaptureWriter(options))
        let output = URL(filePath: NSTemporaryDirectory()).appending(path: "decrypted-\(UUID()).pcapng")
        try Data(run.listing.bytes).write(to: output)
        defer { try? FileManager.default.removeItem(at: output) }
        try body(output.path, run.formatter.summary)
    }

    static func fields(_ path: String, filter: String = "", _ names: String...) throws -> [[Substring]]? {
        let columns = names.flatMap { ["-e", $0] }
        let arguments = ["-n", "-r", path, "-T", "fields"] + columns + (filter.isEmpty ? [] : ["-Y", filter])
        return try output(of: "tshark", arguments)?.split(separator: "\n").map {
            $0.split(separator: "\t", omittingEmptySubsequences: false)
        }
    }

    @Test(
        "the packets are those that entered and left the tunnel",
        arguments: [
            "01-main-psk-3des", "02a-main-psk-aes256", "08a-rekey", "17b-esp-gcm", "51a-raw-esp-main", "59-v2-ipv6",
        ])
    func plaintext(scenario: String) throws {
        try Self.written(scenario) { path, summary in
            guard let plain = LabScenario(scenario).path("plain-left.pcap") else { return }
            let inner = try Analysis.frames(path).map(\.bytes).map(Plaintext.lasting)
            let expected = try Plaintext.packets(plain).map(Plaintext.lasting)
            #expect(!inner.isEmpty)
            #expect(Set(inner) == Set(expected))
            #expect(summary.written == inner.count && summary.seen == summary.written)
        }
    }

    @Test("tshark sees raw IP with the time of the outer frame, and a comment that names it")
    func readBack() throws {
        let lab = LabScenario("51a-raw-esp-main")
        try Self.written(lab.name) { path, summary in
            guard let outer = lab.path("capture.pcap"),
                let inner = try Self.fields(path, "frame.time_epoch", "frame.comment", "ip.src", "frame.protocols"),
                let esp = try Self.fields(
                    outer, filter: "esp", "frame.time_epoch", "frame.number", "esp.spi", "esp.sequence", "ip.src",
                    "ip.dst")
            else { return }
            #expect(inner.count == summary.written && inner.count == esp.count)
            for (row, packet) in zip(inner, esp) {
                #expect(row[0] == packet[0])
                #expect(
                    row[1].hasPrefix(
                        "frame \(packet[1]): ESP \(packet[2]) seq \(packet[3]), \(packet[4]) → \(packet[5])"))
                #expect(row[1].contains("IPsec SA ") && row[1].hasSuffix("ICV verified"))
                #expect(row[2].hasPrefix("10.") && row[3].hasPrefix("raw:ip:"))
            }
            let report = try output(of: "capinfos", [path]) ?? ""
            #expect(report.contains("Raw IP") && report.contains("nanoseconds"))
        }
    }

    @Test("each SA has an interface with its SPI for a name, and tunnels in AH say what is around them")
    func interfaces() throws {
        try Self.written("82-ah-esp-bundle") { path, summary in
            guard let rows = try Self.fields(path, "frame.interface_name", "frame.comment") else { return }
            #expect(rows.count == summary.written && rows.count == 11)
            for row in rows {
                let spi = try #require(row[1].split(separator: " ").first { $0.hasPrefix("0x") })
                #expect(row[0] == "esp-" + spi)
                #expect(row[1].contains(", inside IPsec SA "))
            }
            #expect(Set(rows.map { $0[0] }).count == 3)
            let dump = try output(of: "tcpdump", ["-nr", path])
            #expect(dump.map { $0.split(separator: "\n").count } ?? 11 == 11, "libpcap takes the interfaces as well")
        }
    }

    @Test("what is readable without a key is written only on demand, and marked")
    func nullEncryption() throws {
        var open = DecryptedCaptureWriter.Options()
        open.unverified = true
        guard let path = LabScenario("23-esp-null").path("capture.pcap") else { return }
        let closed = try Listing.of(path, keys: [], with: DecryptedCaptureWriter())
        let run = try Listing.of(path, keys: [], with: DecryptedCaptureWriter(open))
        #expect(closed.formatter.summary.written == 0 && closed.formatter.summary.unverified > 0)
        #expect(run.formatter.summary.written == closed.formatter.summary.unverified)
        let text = String(decoding: run.listing.bytes, as: Unicode.ASCII.self)
        let marks = text.components(separatedBy: "not verified, not encrypted (certain)").count - 1
        #expect(marks == run.formatter.summary.written)
    }

    @Test("transport mode comes out under the outer header, with a right checksum")
    func transportMode() throws {
        try Self.written("53a-transport") { path, summary in
            guard
                let rows = try output(
                    of: "tshark",
                    [
                        "-n", "-r", path, "-o", "ip.check_checksum:TRUE", "-T", "fields", "-e", "ip.checksum.status",
                        "-e", "_ws.malformed", "-e", "ip.src",
                    ])?
                    .split(separator: "\n")
            else { return }
            #expect(rows.count == summary.written && !rows.isEmpty)
            for row in rows {
                #expect(row.hasPrefix("1\t\t192.0.2.10") || row.hasPrefix("1\t\t198.51.100.20"), "\(row)")
            }
        }
    }

    @Test("a packet seen at two points is written once, and counted")
    func sightings() throws {
        try Self.written("15d-natt-true", "capture-any-sll2.pcap") { path, summary in
            #expect(summary.sightings > 0)
            #expect(summary.written + summary.sightings == summary.seen)
            let frames = try Analysis.frames(path)
            #expect(frames.count == summary.written)
        }
    }

    @Test("nothing is written with wrong keys, and the file is a capture all the same")
    func wrongKeys() throws {
        try Self.written("51a-raw-esp-main", wrong: true) { path, summary in
            #expect(summary.written == 0 && summary.badICV == summary.seen && summary.seen > 0)
            let frames = try Analysis.frames(path)
            #expect(frames.isEmpty)
            #expect(summary.description.contains("with a wrong ICV"))
        }
    }

    @Test("without integrity a packet is written only when that is asked for")
    func unverified() {
        var open = DecryptedCaptureWriter.Options()
        open.unverified = true
        let event = Self.event(.unverified(payload: 128..<148, nextHeader: 4))
        for (options, count) in [(DecryptedCaptureWriter.Options(), 0), (open, 1)] {
            var writer = DecryptedCaptureWriter(options)
            let sink = ByteSink()
            let plaintext = [UInt8](repeating: 0x45, count: 148)
            writer.write(event, frame: RawSpan(), plaintext: plaintext.span.bytes, to: sink)
            writer.finish(to: sink)
            #expect(writer.summary.written == count && writer.summary.unverified == 1 - count)
        }
    }

    @Test("IKE messages come out in the clear where that is asked for, and read as the oracle reads them decrypted")
    func ike() throws {
        var options = DecryptedCaptureWriter.Options()
        options.ike = true
        for scenario in ["02a-main-psk-aes256", "18-ike-frag", "06a-xauth-psk-modecfg"] {
            let lab = LabScenario(scenario)
            let parts = "psk,dh-shared"
            try Self.written(scenario, parts: parts, options) { path, summary in
                guard let capture = lab.path("capture.pcap"), let keys = try lab.keys(parts),
                    let found = try FrameRow.tshark(path, decryptionTable: [])
                else { return }
                let listing = try Listing.of(capture, keys: [keys], with: PacketJSONFormatter(PacketOptions())).listing
                let expected = try listing.objects().filter { $0["decrypted"] as? Bool == true && $0["version"] != nil }
                    .filter { ($0["hash_check"] as? [String: Any])?["result"] as? String == "ok" }
                #expect(!expected.isEmpty && summary.ikeWritten == expected.count && found.count == expected.count)
                for (object, number) in zip(expected, found.keys.sorted()) {
                    let ours = IKERow(object)
                    #expect(found[number]?.payloads.joined(separator: ",") == ours.payloads, "\(scenario) \(ours)")
                    #expect(found[number]?.headers.first?.prefix(2).elementsEqual(ours.header[4...5]) == true)
                    #expect(found[number]?.headers.first?[4] == "0x00")
                }
                let bad = try output(
                    of: "tshark",
                    [
                        "-n", "-r", path, "-o", "udp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE", "-Y",
                        "isakmp && (udp.checksum.status != 1 || ip.checksum.status != 1 || _ws.malformed)",
                    ])
                #expect(bad?.isEmpty ?? true, "\(bad ?? "")")
                let text = String(decoding: try Data(contentsOf: URL(filePath: path)), as: Unicode.ASCII.self)
                #expect(!text.contains("wonderland"))
            }
        }
    }

    @Test("each fate of a packet is counted once, and told in one line")
    func summary() {
        let fates: [(ESPVerdict, IKEMessage.Repetition, Range<Int>?)] = [
            (.noKey, .first, nil), (.badICV, .first, nil), (.malformed(.padLength), .first, nil), (.cut, .first, nil),
            (.verified(payload: 0..<20, nextHeader: 4), .first, 0..<20),
            (.verified(payload: 0..<20, nextHeader: 59), .first, nil),
            (.unverified(payload: 0..<20, nextHeader: 4), .first, 0..<20),
            (.verified(payload: 0..<20, nextHeader: 4), .sighting(of: 1), 0..<20), (.noKey, .sighting(of: 1), nil),
            (.verified(payload: 0..<20, nextHeader: 4), .retransmission(of: 1, count: 1), 0..<20),
        ]
        var writer = DecryptedCaptureWriter()
        let sink = ByteSink()
        let bytes = [UInt8](repeating: 0x45, count: 20)
        for (verdict, repetition, inner) in fates {
            writer.write(
                Self.event(verdict, repetition, inner), frame: RawSpan(), plaintext: bytes.span.bytes, to: sink)
        }
        #expect(
            writer.summary.description
                == "2 of 10 ESP packets decrypted and written; left out: 2 second sightings, 1 without key, "
                + "1 with a wrong ICV, 1 not verified by anything, 1 malformed, 1 cut by the capture, 1 dummy packet")
    }

    @Test("packets that were lost stand in its statistics where they are missing, and in the line at the end")
    func losses() throws {
        var writer = DecryptedCaptureWriter()
        let sink = ByteSink()
        let bytes = [UInt8](repeating: 0x45, count: 148)
        func write(_ event: Event) {
            writer.write(event, frame: RawSpan(), plaintext: bytes.span.bytes, to: sink)
        }
        let inside = Self.event(.verified(payload: 128..<148, nextHeader: 4))
        var loss = inside
        write(inside)
        for count in [3, .max, 4] as [UInt64] {
            loss.kind = .captureLoss(count)
            write(loss)
            if count == 3 { write(inside) }
        }
        writer.finish(to: sink)
        #expect(
            writer.summary.description
                == "2 of 2 captured ESP packets decrypted and written; \(UInt64.max) packets were dropped before being "
                + "captured")
        var statistics = CaptureStatistics(interface: "eth0")
        statistics.captured = 10
        statistics.received = 17
        statistics.droppedByKernel = 7
        statistics.droppedByInterface = 2
        writer.close(statistics, to: sink)
        let path = NSTemporaryDirectory() + "decrypted-\(UUID()).pcapng"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(sink.bytes).write(to: URL(filePath: path))
        let source = try Captures.open(paths: [path])
        var items: [String] = []
        while let item = try source.next() {
            switch item {
            case .frame: items.append("frame")
            case .dropped(let count): items.append("\(count) dropped")
            case .quiet: break
            }
        }
        #expect(items == ["frame", "3 dropped", "frame", "\(UInt64.max - 3) dropped"])
        // Interface statistics block (pcapng section 4.6): type, length, interface, time, then options of 8 bytes.
        let last = Array(sink.bytes.suffix(76))
        func number(_ at: Int, _ count: Int) -> UInt64 {
            last[at..<(at + count)].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
        #expect((number(0, 4), number(4, 4), number(8, 4), number(72, 4)) == (5, 76, 0, 76))
        #expect((number(12, 4), number(16, 4)) == (0, 5))
        #expect((0..<4).map { number(20 + 12 * $0, 2) } == [5, 6, 7, 8])
        #expect((0..<4).map { number(24 + 12 * $0, 8) } == [2, 17, 7, 10])
        #expect(number(68, 4) == 0)
        if let read = try Self.fields(path, "frame.number") { #expect(read == [["1"], ["2"]]) }
    }

    static func event(
        _ verdict: ESPVerdict, _ repetition: IKEMessage.Repetition = .first, _ inner: Range<Int>? = 128..<148
    ) -> Event {
        let frame = Frame(
            number: 2, time: Instant(nanoseconds: 5), linkType: .ethernet, capturedLength: 100, originalLength: 100)
        var packet = ESPPacket()
        packet.source = Endpoint(IPAddress(v4: 1))
        packet.destination = Endpoint(IPAddress(v4: 2))
        packet.spi = 1
        packet.sequence = 1
        packet.length = 80
        packet.bytes = 20..<100
        packet.account = 1
        packet.verdict = verdict
        packet.innerPacket = inner
        packet.repetition = repetition
        return Event(ordinal: 1, time: frame.time, origin: frame, scope: Scope(), kind: .esp(Told(packet)))
    }
}
