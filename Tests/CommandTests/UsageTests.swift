import Foundation
import TestSupport
import Testing

@Suite("How the command is spoken to")
struct UsageTests {
    let scratch = Scratch()

    @Test(
        "what is not understood is one line with a hint, and 64",
        arguments: [
            (["debug", "--bogus", "x"], "unknown option '--bogus'"),
            (["debug"], "no capture named"),
            (["debug", "x", "-i", "lo"], "not both"),
            (["debug", "-i", "lo", "--follow"], "--follow is for files"),
            (["debug", "-", "-"], "only once"),
            (["debug", "x", "-c", "0"], "--count 0"),
            (["debug", "x", "-c", "many"], "'many' is invalid"),
            (["debug", "x", "--duration", "nan"], "--duration"),
            (["debug", "x", "-c"], "missing value for '-c"),
            (["debug", "x", "--view", "neither"], "expected auto, initiator, responder, both or an address"),
            (["debug", "x", "--format", "xml"], "--format xml: expected text or json"),
            (["debug", "x", "--condition", "peer 10.0.0.2"], "condition \"peer 10.0.0.2\": expected"),
            (["debug", "x", "--condition", "fvrf blue"], "a capture does not show in which front-door VRF"),
            (["debug", "x", "--peer", "10.0.0.0/33"], "--peer \"10.0.0.0/33\": expected"),
            (["debug", "x", "--color", "some"], "'auto', 'always' or 'never'"),
            (["explain", "x"], "unknown command 'explain'"),
            (["--bogus"], "unknown option '--bogus'"),
        ])
    func usage(arguments: [String], part: String) throws {
        let result = try Tool.run(arguments)
        #expect(result.status == 64)
        #expect(result.isOneComplaint, "\(result.complaints)")
        #expect(result.complaints.contains(part), "\(result.complaints)")
        #expect(result.complaints.contains("--help'"))
        #expect(result.output == "")
    }

    @Test("show condition prints what is set, as the router does, and needs no capture to be there")
    func showCondition() throws {
        let set = ["--peer", "203.0.113.130", "--condition", "connid 1002", "--condition", "peer hostname a\u{1b}b"]
        let result = try Tool.run(["show", "condition", "absent.pcap"] + set)
        #expect(result.status == 0)
        let lines = result.output.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.first == "Crypto conditional debug currently is turned ON")
        let filters = try #require(lines.firstIndex(of: "IKE peer IP address filters:"))
        #expect(lines[filters + 1] == "203.0.113.130")
        #expect(lines.contains { $0.hasPrefix("Connection-id filters:") && $0.contains("1002:") })
        #expect(lines.contains { $0.hasSuffix(#"peer hostname a\x1bb"#) })
        let none = try Tool.run(["show", "condition", "absent.pcap"])
        #expect(none.output.hasPrefix("Crypto conditional debug currently is turned OFF\n"))
        #expect(try Tool.run(["show", "condition", "x", "--format", "json"]).status == 64)
    }

    @Test("a bad filter is one line, and 64")
    func badFilter() throws {
        guard let path = Shared.path("captures/lab/51a-raw-esp-main/capture.pcap") else { return }
        let result = try Tool.run(["debug", path, "-f", "udp prot 500"])
        #expect(result.status == 64)
        #expect(result.isOneComplaint)
        #expect(result.complaints.contains("bad filter \"udp prot 500\""))
    }

    @Test("help and version are no errors, and a full disk is one even for them")
    func help() throws {
        for arguments in [[], ["--help"], ["help", "debug"], ["debug", "--help"], ["--version"]] {
            let result = try Tool.run(arguments)
            #expect(result.status == 0)
            #expect(result.complaints == "")
            #expect(!result.output.isEmpty)
        }
        #expect(try Tool.run(["--version"]).output == "ikescope 0.1.0\n")
        #expect(try Tool.shell(#""$1" --help > /dev/full"#, []).status == 74)
    }

    @Test("conditions hide what is between others, whichever way they are given")
    func conditions() throws {
        guard let capture = PcapFile(lab: "51a-raw-esp-main"), let other = PcapFile(lab: "59-v2-ipv6") else { return }
        let wanted = scratch.file("wanted", capture.whole)
        let both = [wanted, scratch.file("other", other.whole)]
        let ours = try Tool.run(["debug", "--no-annotations", wanted]).output
        #expect(ours.contains("ISAKMP"))
        for condition in [
            ["--peer", "192.0.2.10"], ["--peer", "198.51.100.0/24"], ["--condition", "peer ipv4 192.0.2.10"],
            ["--condition", "peer subnet 192.0.2.0 255.255.255.0"], ["--peer", "203.0.113.9", "--peer", "192.0.2.10"],
        ] {
            #expect(try Tool.run(["debug", "--no-annotations"] + condition + both).output == ours, "\(condition)")
        }
        let nobody = try Tool.run(["debug", "--peer", "203.0.113.9", wanted])
        #expect(nobody.output == "")
        #expect(nobody.status == 0)
    }

    @Test("the view is the device's that is named")
    func view() throws {
        guard let path = Shared.path("captures/lab/51a-raw-esp-main/capture.pcap") else { return }
        func debug(_ view: String...) throws -> String { try Tool.run(["debug", path] + view).output }
        let initiator = try debug()
        let responder = try debug("--view", "responder")
        #expect(initiator.contains("New State = IKE_I_MM1") && !initiator.contains("IKE_R_MM1"))
        #expect(responder.contains("New State = IKE_R_MM1") && !responder.contains("IKE_I_MM1"))
        #expect(try debug("--view", "auto") == initiator)
        #expect(try debug("--view", "initiator") == initiator)
        #expect(try debug("--view", "192.0.2.10") == initiator)
        #expect(try debug("--view", "198.51.100.20") == responder)
        #expect(!(try debug("--view", "203.0.113.9")).contains("ISAKMP"))
    }

    @Test("color is for terminals, unless it is asked for")
    func color() throws {
        guard let path = Shared.path("captures/lab/51a-raw-esp-main/capture.pcap") else { return }
        func isColored(_ options: String..., environment: [String: String] = [:]) throws -> Bool {
            try Tool.run(["debug", path] + options, environment: environment).output.contains("\u{1b}[")
        }
        #expect(try !isColored())
        #expect(try isColored("--color", "always"))
        #expect(try isColored("--color", "always", environment: ["NO_COLOR": "1"]))
        #expect(try !isColored("--color", "never"))
        // script(1) gives the program a terminal.
        guard FileManager.default.fileExists(atPath: "/usr/bin/script") else { return skip("no script(1)") }
        let line = #"TERM=xterm script -qec "'$1' debug '$2'" /dev/null"#
        let shown = try Tool.shell(line, [path])
        #expect(shown.output.contains("\u{1b}["), "\(shown)")
        #expect(try !Tool.shell("export NO_COLOR=1; " + line, [path]).output.contains("\u{1b}["))
        #expect(try Tool.shell("export NO_COLOR=; " + line, [path]).output.contains("\u{1b}["))
    }

    @Test("times are the local zone's, or UTC")
    func zone() throws {
        guard let path = Shared.path("captures/lab/51a-raw-esp-main/capture.pcap") else { return }
        let zone = ["TZ": "IST-5:30"]
        #expect(try Tool.run(["debug", path], environment: zone).output.contains("\nNov 23 14:20:33.295: "))
        #expect(try Tool.run(["debug", path, "--utc"], environment: zone).output.contains("\nNov 23 08:50:33.295: "))
    }
}
