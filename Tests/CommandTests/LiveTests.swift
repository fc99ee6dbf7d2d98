import Foundation
import TestSupport
import Testing

@Suite("Live capture prints what a file of the same packets does", .serialized)
struct LiveTests {
    /// Lines without their time stamps, which are those of the replay.
    private static func untimed(_ transcript: String) -> [Substring] {
        let stamp = #/[A-Z][a-z]{2} [ 0-9]{2} \d\d:\d\d:\d\d\.\d{3}:? /#
        return transcript.split(separator: "\n").map { line in
            guard let match = line.prefixMatch(of: stamp) else { return line }
            return line[match.range.upperBound...]
        }
    }

    /// Replays a capture in its own time, or faster, and compares what `options` print of it with what they print of the file.
    private static func replay(
        _ scenario: String, live options: [String], file: [String], addresses: [String] = [], speed: Double = 8
    ) throws {
        guard let capture = PcapFile(lab: scenario) else { return }
        let scratch = Scratch()
        let wanted = capture.records.indices.filter(capture.isIPsec)
        // The frames that the interface's filter lets through, which count from 1 there.
        let expected = try Tool.run(file + [scratch.file("wanted.pcap", capture.file(wanted))]).output
        let beforeLast = try Tool.run(file + [scratch.file("before.pcap", capture.file(wanted.dropLast()))]).output
        // Without the lines of the end, which are others when there is one packet more.
        let known = zip(untimed(expected), untimed(beforeLast)).prefix { $0 == $1 }.count
        #expect(expected.split(separator: "\n").count >= wanted.count)
        try NetworkNamespace.run(addresses: addresses) {
            let sender = try #require(FrameSender(interface: "tap0"))
            let tool = try RunningTool(options + ["-i", "tap1"])
            #expect(tool.waits { $0.complaints.contains("listening on tap1") })
            let began = Date()
            for index in capture.records.indices {
                let due = Double(capture.time(index) - capture.time(0)) / 1e6 / speed
                let left = due - Date().timeIntervalSince(began)
                if left > 0 { usleep(UInt32(left * 1e6)) }
                if index == wanted.last {
                    // All that can be known by now is there, before the last packet is sent.
                    #expect(tool.waits(2) { untimed($0.output).count >= known }, "\(scenario): \(known) lines")
                    #expect(untimed(expected).starts(with: untimed(tool.output)))
                }
                #expect(sender.send(capture.data(index)))
            }
            usleep(500_000)
            #expect(tool.isRunning)
            tool.send(SIGINT)
            let result = tool.end()
            #expect(result.status == 0)
            let sent = wanted.count
            #expect(
                result.complaintLines == [
                    "ikescope: listening on tap1; Ctrl-C ends",
                    "ikescope: tap1: \(sent) packets captured, \(sent) received by filter, 0 dropped by kernel, "
                        + "0 dropped by interface",
                ])
            #expect(untimed(result.output) == untimed(expected))
        }
    }

    @Test(
        "a whole tunnel, line by line as it arrives",
        arguments: [("51a-raw-esp-main", 1), ("15a-natt", 8), ("09a-wrong-psk", 8), ("10a-p1-mismatch", 1)])
    func transcript(scenario: String, speed: Double) throws {
        try Self.replay(scenario, live: ["debug"], file: ["debug"], speed: speed)
    }

    @Test("the view is that of the device whose interface it is")
    func localView() throws {
        let scenario = "51a-raw-esp-main"
        try Self.replay(
            scenario, live: ["debug"], file: ["debug", "--view", "responder"], addresses: ["198.51.100.20/24"])
        try Self.replay(
            scenario, live: ["debug", "--view", "auto"], file: ["debug", "--view", "initiator"],
            addresses: ["192.0.2.10/24"])
        try Self.replay(
            scenario, live: ["debug", "--view", "initiator"], file: ["debug", "--view", "initiator"],
            addresses: ["198.51.100.20/24"])
    }

    @Test("packets lists them too")
    func packets() throws {
        try Self.replay("51a-raw-esp-main", live: ["packets"], file: ["packets"])
    }

    @Test("-c and --duration end a live capture, and a bad filter is refused")
    func extent() throws {
        guard let capture = PcapFile(lab: "51a-raw-esp-main") else { return }
        try NetworkNamespace.run {
            let sender = try #require(FrameSender(interface: "tap0"))
            let counted = try RunningTool(["packets", "-i", "tap1", "-c", "3"])
            #expect(counted.waits { $0.complaints.contains("listening") })
            for index in capture.records.indices { #expect(sender.send(capture.data(index))) }
            let result = counted.end()
            #expect(result.status == 0)
            #expect(result.output.split(separator: "\n").count == 3)

            let began = Date()
            let timed = try Tool.run(["packets", "-q", "-i", "tap1", "--duration", "0.7"])
            #expect(timed.status == 0 && timed.output == "" && timed.complaints == "")
            #expect((0.7..<5).contains(Date().timeIntervalSince(began)))

            let refused = try Tool.run(["debug", "-i", "tap1", "-f", "udp prot 500"])
            #expect(refused.status == 64 && refused.isOneComplaint)
        }
    }

    @Test(
        "whatever asks for an end, all that had arrived is told first", arguments: [SIGINT, SIGTERM, SIGHUP, SIGQUIT])
    func signals(number: Int32) throws {
        guard let capture = PcapFile(lab: "51a-raw-esp-main") else { return }
        try NetworkNamespace.run {
            let sender = try #require(FrameSender(interface: "tap0"))
            let tool = try RunningTool(["packets", "-i", "tap1"])
            #expect(tool.waits { $0.complaints.contains("listening") })
            let sent = capture.records.indices.filter(capture.isIPsec)
            for index in sent { #expect(sender.send(capture.data(index))) }
            tool.send(number)
            let result = tool.end()
            #expect(result.status == 0)
            #expect(result.output.split(separator: "\n").count == sent.count)
            #expect(
                result.complaints.contains("tap1: \(sent.count) packets captured, \(sent.count) received by filter, 0 ")
            )
        }
    }

    @Test(
        "on the loopback, where the kernel sees each packet twice, each is told and counted once",
        arguments: ["lo", "any"])
    func loopback(interface: String) throws {
        guard let capture = PcapFile(lab: "51a-raw-esp-main") else { return }
        try NetworkNamespace.run {
            let sender = try #require(FrameSender(interface: "lo"))
            let tool = try RunningTool(["packets", "-i", interface])
            #expect(tool.waits { $0.complaints.contains("listening") })
            let sent = capture.records.indices.filter(capture.isIPsec)
            for index in sent { #expect(sender.send(capture.data(index))) }
            tool.send(SIGINT)
            let result = tool.end()
            #expect(result.output.split(separator: "\n").count == sent.count)
            #expect(
                result.complaints.contains(
                    "\(interface): \(sent.count) packets captured, \(sent.count) received by filter, 0 dropped by kernel, "
                        + "0 dropped by interface\n"))
        }
    }

    @Test("nohup keeps it running when the terminal goes away")
    func nohup() throws {
        try NetworkNamespace.run {
            let tool = try RunningTool(
                ["-c", #"trap "" HUP; exec "$0" packets -i tap1"#, Tool.path], tool: "/bin/bash")
            #expect(tool.waits { $0.complaints.contains("listening") })
            tool.send(SIGHUP)
            usleep(500_000)
            #expect(tool.isRunning)
            tool.send(SIGINT)
            #expect(tool.end().status == 0)
        }
    }

    @Test("an interface that is down is waited for, and one that goes away ends the run with what there was")
    func link() throws {
        guard let capture = PcapFile(lab: "51a-raw-esp-main") else { return }
        let sent = capture.records.indices.filter(capture.isIPsec)
        @Sendable func ip(_ words: String) throws {
            #expect(try Tool.run(words.split(separator: " ").map(String.init), tool: "/usr/sbin/ip").status == 0)
        }
        try NetworkNamespace.run {
            let sender = try #require(FrameSender(interface: "tap0"))
            let tool = try RunningTool(["packets", "-i", "tap1"])
            #expect(tool.waits { $0.complaints.contains("listening") })
            try ip("link set tap1 down")
            #expect(tool.waits { $0.complaints.contains("warning: tap1: the interface is down") })
            try ip("link set tap1 up")
            #expect(tool.waits { $0.complaints.contains("warning: tap1: the interface is up again") })
            for index in sent { #expect(sender.send(capture.data(index))) }
            try ip("link del tap1")
            let result = tool.end()
            #expect(result.status == 66)
            #expect(result.output.split(separator: "\n").count == sent.count)
            #expect(
                result.complaintLines.suffix(2) == [
                    "ikescope: tap1: \(sent.count) packets captured, \(sent.count) received by filter, 0 dropped by kernel, "
                        + "0 dropped by interface",
                    "ikescope: tap1: the interface is gone",
                ])
        }
    }

    @Test("-s keeps so much of each frame, and -s and -B are for interfaces")
    func snapshotLength() throws {
        guard let capture = PcapFile(lab: "51a-raw-esp-main") else { return }
        let scratch = Scratch()
        let kept = 96
        let wanted = capture.records.indices.filter(capture.isIPsec)
        let cut = wanted.flatMap { index -> [UInt8] in
            let record = capture.records[index]
            // Of the record's header (seconds, fraction, bytes kept, bytes on the wire) the third number.
            guard record.count > 16 + kept else { return record }
            return record[..<8] + [UInt8(kept), 0, 0, 0] + record[12..<(16 + kept)]
        }
        let expected = try Tool.run(["packets", scratch.file("cut.pcap", capture.file([]) + cut)]).output
        #expect(try expected != Tool.run(["packets", scratch.file("whole.pcap", capture.file(wanted))]).output)
        try NetworkNamespace.run {
            let sender = try #require(FrameSender(interface: "tap0"))
            let tool = try RunningTool(["packets", "-i", "tap1", "-s", "\(kept)", "-B", "512"])
            #expect(tool.waits { $0.complaints.contains("listening") })
            for index in wanted { #expect(sender.send(capture.data(index))) }
            tool.send(SIGINT)
            #expect(Self.untimed(tool.end().output) == Self.untimed(expected))
            for options in [["-B", "0"], ["-B", "2097152"], ["-s", "-1"], ["-s", "262145"]] {
                let refused = try Tool.run(["packets", "-i", "tap1"] + options)
                #expect(refused.status == 64 && refused.isOneComplaint, "\(options)")
            }
        }
        for options in [["-B", "512"], ["-s", "96"]] {
            let refused = try Tool.run(["packets", scratch.file("cut.pcap", cut)] + options)
            #expect(refused.status == 64 && refused.isOneComplaint)
        }
    }

    @Test("conditions and an own filter work there as well")
    func filters() throws {
        try Self.replay(
            "51a-raw-esp-main", live: ["debug", "-f", "udp port 500 or esp"],
            file: ["debug", "-f", "udp port 500 or esp"])
        try Self.replay(
            "51a-raw-esp-main", live: ["debug", "--peer", "198.51.100.20"], file: ["debug", "--peer", "198.51.100.20"])
    }
}
