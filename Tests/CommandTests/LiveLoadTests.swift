import Foundation
import TestSupport
import Testing

/// tcpdump is the measure: it does nothing with what it gets but write it down.
@Suite("On a loaded interface nothing is lost that tcpdump does not lose", .serialized)
struct LiveLoadTests {
    private static let packets = 60_000
    private static let packetsPerSecond = 10_000.0

    /// What a program says of its run at the end; tcpdump's words are those of the others.
    private struct Counts: Equatable {
        var captured: Int
        var received: Int
        var dropped: Int

        init(captured: Int, received: Int, dropped: Int) {
            (self.captured, self.received, self.dropped) = (captured, received, dropped)
        }

        init?(_ complaints: String) {
            func number(before words: String) -> Int? {
                guard let end = complaints.range(of: " \(words)")?.lowerBound else { return nil }
                return Int(String(complaints[..<end].reversed().prefix(while: \.isNumber).reversed()))
            }
            guard let captured = number(before: "packets captured"),
                let received = number(before: "received by filter") ?? number(before: "packets received by filter"),
                let dropped = number(before: "dropped by kernel") ?? number(before: "packets dropped by kernel")
            else { return nil }
            self.init(captured: captured, received: received, dropped: dropped)
        }
    }

    /// What the three commands found.
    private struct Findings {
        var transcript: String
        var summary: String
        var json: [Substring]
        var counts: [String: Counts]
    }

    /// Sends frames from another network namespace, while all three commands and tcpdump listen at the other end.
    private static func listen(
        to frames: [[UInt8]], keys: [String] = [], _ check: @escaping @Sendable (Findings) throws -> Void
    ) throws {
        guard access("/usr/bin/tcpdump", X_OK) == 0 else { return skip("no tcpdump") }
        let scratch = Scratch()
        let (transcript, list, capture) = (
            scratch.path + "/debug.txt", scratch.path + "/packets.json", scratch.path + "/tcpdump.pcap"
        )
        let commands = [
            ["debug", "-o", transcript], ["decrypt", "-w", scratch.path + "/inner.pcapng"],
            ["packets", "--format", "json", "-o", list],
        ]
        try NetworkNamespace.run {
            let sender = try #require(try NetworkNamespace.senderElsewhere("tap0"))
            let tcpdump = try RunningTool(["-i", "tap1", "-w", capture], tool: "/usr/bin/tcpdump")
            let tools = try commands.map { try RunningTool($0 + ["-i", "tap1"] + keys) }
            for tool in tools + [tcpdump] { #expect(tool.waits { $0.complaints.contains("listening on tap1") }) }
            sender.send(frames, perSecond: packetsPerSecond)
            for tool in tools { tool.send(SIGINT) }
            // It forgets what it has not read when it is interrupted.
            usleep(2_000_000)
            tcpdump.send(SIGINT)
            let measure = try #require(Counts(tcpdump.end().complaints))
            var counts: [String: Counts] = [:]
            var summary = ""
            for (command, tool) in zip(commands, tools) {
                let result = tool.end()
                #expect(result.status == 0, "\(command): \(result.complaints)")
                let found = try #require(Counts(result.complaints), "\(command): \(result.complaints)")
                #expect(found.dropped <= measure.dropped, "\(command): \(found), tcpdump: \(measure)")
                #expect(found.received == frames.count && found.captured + found.dropped == frames.count, "\(command)")
                counts[command[0]] = found
                if command[0] == "decrypt" { summary = result.complaints }
            }
            try check(
                Findings(
                    transcript: String(decoding: Shared.bytes(transcript) ?? [], as: UTF8.self), summary: summary,
                    json: String(decoding: Shared.bytes(list) ?? [], as: UTF8.self).split(separator: "\n"),
                    counts: counts))
        }
    }

    /// The list has each packet that was captured, and at its end what was said on standard error.
    private static func checkList(_ findings: Findings) throws {
        let counts = try #require(findings.counts["packets"])
        #expect(findings.json.count == counts.captured + 1)
        #expect(findings.json.dropLast().allSatisfy { $0.hasPrefix(#"{"schema":"ikescope.packet/1","#) })
        let last = try #require(findings.json.last)
        let end = try #require(try JSONSerialization.jsonObject(with: Data(last.utf8)) as? [String: Any])
        #expect(end["schema"] as? String == "ikescope.capture/1" && end["interface"] as? String == "tap1")
        #expect(
            Counts(
                captured: end["captured"] as? Int ?? -1, received: end["received"] as? Int ?? -1,
                dropped: end["dropped_by_kernel"] as? Int ?? -1) == counts)
        #expect(findings.transcript.contains("the capturing system lost") == (findings.counts["debug"]?.dropped != 0))
    }

    @Test("four tunnels that are decrypted")
    func tunnels() throws {
        guard let generator = Shared.path("lab/genpcap.py") else { return }
        let scratch = Scratch()
        let path = scratch.path + "/load.pcap"
        let made = try ChildProcess.run(
            [
                "python3", generator, "--out", path, "--peers", "2", "--sizes", "40:7,64:2,512:1", "--esp-per-sa",
                "\(Self.packets / 4)",
            ], errors: .discarded)
        guard made.status == 0, let capture = PcapFile(path) else { return skip("python3 without cryptography") }
        let frames = capture.records.indices.map(capture.data)
        #expect(frames.count == Self.packets + 18)
        try Self.listen(to: frames, keys: ["--keys", scratch.path + "/load.ikescope.json"]) { findings in
            try Self.checkList(findings)
            let counts = try #require(findings.counts["decrypt"])
            if counts.dropped == 0 {
                #expect(
                    findings.summary.contains("\(Self.packets) of \(Self.packets) ESP packets decrypted and written\n"))
            } else {
                #expect(findings.summary.contains("; \(counts.dropped) packets were dropped before being captured\n"))
            }
        }
    }

    @Test("and one SPI from sixty thousand addresses")
    func addresses() throws {
        let frames = (0..<Self.packets).map { index -> [UInt8] in
            let source = UInt32(0x0a00_0000 + index)
            let payload = [UInt8](repeating: UInt8(truncatingIfNeeded: index &* 7), count: 60)
            let esp = big(0x1122_3344) + big(UInt32(index + 1)) + payload
            let length = UInt16(20 + esp.count)
            let ip = [0x45, 0, UInt8(length >> 8), UInt8(length & 255), 0, 0, 0, 0, 64, 50, 0, 0]
            return [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0] + ip + big(source) + [198, 51, 100, 20] + esp
        }
        try Self.listen(to: frames) { findings in
            try Self.checkList(findings)
            #expect(findings.summary.contains("0 of \(findings.counts["decrypt"]?.captured ?? -1) "))
        }
    }

    private func big(_ value: UInt32) -> [UInt8] { withUnsafeBytes(of: value.bigEndian) { Array($0) } }
}

extension FrameSender {
    /// Sends so many a second, in bursts of a millisecond; what does not go out at once is tried again.
    func send(_ frames: [[UInt8]], perSecond rate: Double) {
        let began = Date()
        var next = 0
        while next < frames.count {
            let due = min(frames.count, Int(Date().timeIntervalSince(began) * rate))
            while next < due, send(frames[next]) { next += 1 }
            usleep(1000)
        }
    }
}
