import Foundation
import TestSupport
import Testing

@Suite("The commands packets and decrypt")
struct PacketsAndDecryptTests {
    let scratch = Scratch()

    /// The capture of a scenario, and a key file with the PSK and one exponent.
    private func opened(_ scenario: String = "51a-raw-esp-main") throws -> (capture: String, keys: String)? {
        guard let capture = Shared.path("captures/lab/\(scenario)/capture.pcap"),
            let lab = Shared.path("captures/lab/\(scenario)/keys.json")
        else { return nil }
        let json = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: lab)))
        let ike = try #require(((json as? [String: Any])?["ike"] as? [[String: Any]])?.first)
        let keys: [String: Any] = [
            "schema": "ikescope.keys/1",
            "psk": [["peer": "*", "key": try #require(ike["psk"])]],
            "dh": [["private": try #require(ike["dh_private_i"])]],
        ]
        return (capture, scratch.file("keys.json", Array(try JSONSerialization.data(withJSONObject: keys))))
    }

    @Test("packets lists each IPsec packet in a line, and -v and -x put more under it")
    func packets() throws {
        guard let (path, keys) = try opened(), let capture = PcapFile(path) else { return }
        let wanted = capture.records.indices.filter(capture.isIPsec)
        let lines = try Tool.run(["packets", path, "--keys", keys]).output.split(separator: "\n")
        let listed = lines.compactMap { line in
            line.split(separator: " ").first { $0.hasPrefix("#") }.flatMap { Int($0.dropFirst()) }
        }
        #expect(listed == wanted.map { $0 + 1 })
        #expect(lines.contains { $0.contains("icv=ok 10.1.0.10 → 10.2.0.20 icmp") })
        let short = try Tool.run(["packets", path]).output
        let tree = try Tool.run(["packets", "-v", path]).output
        let dump = try Tool.run(["packets", "-x", path]).output
        for long in [tree, dump] {
            let own = long.split(separator: "\n").filter { !$0.hasPrefix(" ") }
            #expect(own == short.split(separator: "\n"))
            #expect(long.count > 4 * short.count)
        }
        #expect(tree != dump)
    }

    @Test("packets --format json is one object a line")
    func json() throws {
        guard let (path, keys) = try opened(), let capture = PcapFile(path) else { return }
        let result = try Tool.run(["packets", "--format", "json", path, "--keys", keys])
        let objects = try result.output.split(separator: "\n").map { line in
            try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
        let wanted = capture.records.indices.filter(capture.isIPsec)
        #expect(objects.compactMap { $0["frame"] as? Int } == wanted.map { $0 + 1 })
        #expect(objects.allSatisfy { $0["schema"] as? String == "ikescope.packet/1" })
        #expect(objects.filter { $0["integrity"] as? String == "ok" }.count == 19)
        for options in [["-v"], ["-x"]] {
            #expect(try Tool.run(["packets", "--format", "json", path] + options).status == 64)
        }
        #expect(try Tool.run(["packets", "--format", "xml", path]).complaints.contains("expected text or json"))
    }

    @Test("secrets stay masked unless they are asked for")
    func secrets() throws {
        let scenario = "06a-xauth-psk-modecfg"
        guard let (capture, file) = try opened(scenario),
            let config = Shared.path("captures/lab/\(scenario)/config/left.swanctl.conf")
        else { return }
        let text = try String(contentsOfFile: config, encoding: .utf8)
        let password = String(try #require(text.firstMatch(of: /xauth-1 \{[^}]*secret = "?([^"\s]+)/)).1)
        for options in [["-v"], ["-v", "-x"], ["--format", "json"]] {
            let command = ["packets", capture, "--keys", file] + options
            #expect(try !Tool.run(command).output.contains(password), "\(options)")
            #expect(try !Tool.run(["debug", capture, "--keys", file]).output.contains(password))
        }
        for options in [["-v"], ["--format", "json"]] {
            let shown = try Tool.run(["packets", capture, "--keys", file, "--show-secrets"] + options)
            #expect(shown.output.contains(password), "\(options)")
        }
    }

    @Test("decrypt writes what the hosts behind the tunnel sent, to a file and to a pipe")
    func decrypt() throws {
        guard let (path, keys) = try opened() else { return }
        let target = scratch.path + "/inner.pcapng"
        let result = try Tool.run(["decrypt", path, "--keys", keys, "-w", target])
        #expect(result.status == 0 && result.output == "")
        #expect(result.complaintLines == ["ikescope: 19 of 19 ESP packets decrypted and written"])
        // -q quiets the notice.
        let quiet = try Tool.shell(#""$1" decrypt -q "$2" --keys "$3" -w - | cmp - "$4""#, [path, keys, target])
        #expect(quiet.status == 0 && quiet.output == "" && quiet.complaints == "")
        guard FileManager.default.fileExists(atPath: "/usr/bin/tcpdump") else { return skip("no tcpdump") }
        let plain = try #require(Shared.path("captures/lab/51a-raw-esp-main/plain-left.pcap"))
        let list = #"tcpdump -nttr "$2" "net 10.0.0.0/8" 2>/dev/null | cut -d' ' -f2-"#
        let inner = try Tool.shell(list, [target]).output.split(separator: "\n")
        #expect(inner.count == 19)
        let sent = Set(try Tool.shell(list, [plain]).output.split(separator: "\n"))
        #expect(inner.allSatisfy(sent.contains))
    }

    @Test("a disk that fills up ends the run with status 74, and leaves whole packets")
    func fullDisk() throws {
        guard let path = Shared.path("captures/lab/73-esp-health/capture.pcap"),
            let tool = Shared.path("lab/tools/to-keys"), let lab = Shared.path("captures/lab/73-esp-health/keys.json")
        else { return }
        let keys = scratch.path + "/health.keys.json"
        _ = try Tool.shell(#"umask 077; python3 "$2" "$3" --parts sa > "$4""#, [tool, lab, keys])
        let target = scratch.path + "/full.pcapng"
        // A limit on the file's size stands in for the disk; blocks of 512 bytes, some 200 kB.
        let result = try Tool.shell(
            #"trap '' XFSZ; ulimit -f 401; "$1" decrypt "$2" --keys "$3" -w "$4""#, [path, keys, target])
        #expect(result.status == 74)
        let bytes = try #require(Shared.bytes(target))
        #expect(bytes.count > 65_536 && bytes.count < 401 * 1024)
        guard FileManager.default.fileExists(atPath: "/usr/bin/capinfos") else { return skip("no capinfos") }
        let report = try Tool.shell(#"capinfos -c "$2""#, [target])
        #expect(report.status == 0 && report.complaints == "")
    }

    @Test("a disk that takes no more than a few packets leaves a capture of those", arguments: [1, 2, 9, 40])
    func nearlyFullDisk(blocks: Int) throws {
        guard let path = Shared.path("captures/lab/73-esp-health/capture.pcap"),
            let tool = Shared.path("lab/tools/to-keys"), let lab = Shared.path("captures/lab/73-esp-health/keys.json")
        else { return }
        let keys = scratch.path + "/health.keys.json"
        _ = try Tool.shell(#"umask 077; python3 "$2" "$3" --parts sa > "$4""#, [tool, lab, keys])
        let target = scratch.path + "/nearly.pcapng"
        // Blocks of a kilobyte in bash.
        let result = try Tool.shell(
            #"trap '' XFSZ; ulimit -f "$5"; "$1" decrypt "$2" --keys "$3" -w "$4""#,
            [path, keys, target, "\(blocks)"])
        #expect(result.status == 74 && result.complaintLines.count { $0.contains("cannot be written") } == 1)
        let bytes = try #require(Shared.bytes(target))
        #expect(bytes.count > blocks * 1024 - 600 && bytes.count <= blocks * 1024)
        guard FileManager.default.fileExists(atPath: "/usr/bin/capinfos") else { return skip("no capinfos") }
        let report = try Tool.shell(#"capinfos -Tcm "$2""#, [target])
        #expect(report.status == 0 && report.complaints == "", "\(report.complaints)")
    }

    @Test("a disk that fills up under lines leaves whole ones")
    func wholeLines() throws {
        guard let path = Shared.path("captures/lab/73-esp-health/capture.pcap") else { return }
        let target = scratch.path + "/lines.jsonl"
        let result = try Tool.shell(
            #"trap '' XFSZ; ulimit -f 20; "$1" packets "$2" --format json -o "$3""#, [path, target])
        #expect(result.status == 74)
        let bytes = try #require(Shared.bytes(target))
        #expect(bytes.count > 19 * 1024 && bytes.count <= 20 * 1024 && bytes.last == 10)
    }

    @Test("decrypt --with-ike adds the messages of IKE, which tshark reads without a key")
    func withIKE() throws {
        guard let (path, keys) = try opened() else { return }
        let output = scratch.path + "/with-ike.pcapng"
        let result = try Tool.run(["decrypt", path, "--keys", keys, "--with-ike", "-w", output])
        #expect(result.status == 0)
        guard FileManager.default.fileExists(atPath: "/usr/bin/tshark") else { return skip("no tshark") }
        let fields = "-T fields -e isakmp.exchangetype -e isakmp.id.data.ipv4_addr"
        let read = try Tool.shell(#"tshark -n -r "$2" -Y isakmp "# + fields, [output])
        let lines = read.output.split(separator: "\n")
        // Main Mode 5 and 6, three of Quick Mode, two deletes.
        #expect(lines.map { $0.prefix { $0 != "\t" } } == ["2", "2", "32", "32", "32", "5", "5"])
        #expect(lines.first?.contains("192.0.2.10") == true)
    }

    @Test("decrypt writes to no terminal and over no input, and needs to know where to")
    func refused() throws {
        guard let capture = PcapFile(lab: "51a-raw-esp-main") else { return }
        let path = scratch.file("capture.pcap", capture.whole)
        let nowhere = try Tool.run(["decrypt", path])
        #expect(nowhere.status == 64 && nowhere.isOneComplaint)
        let overlap = try Tool.run(["decrypt", path, "-w", path])
        #expect(overlap.status == 64 && overlap.isOneComplaint)
        #expect(Shared.bytes(path) == capture.whole)
        #expect(try Tool.run(["decrypt", path, "-w", "/dev/full"]).status == 74)
        guard FileManager.default.fileExists(atPath: "/usr/bin/script") else { return skip("no script(1)") }
        for target in ["-", "/dev/tty"] {
            let shown = try Tool.shell(#"script -qec "'$1' decrypt '$2' -w $3" /dev/null"#, [path, target])
            #expect(shown.status == 64)
            #expect(shown.output.hasPrefix("ikescope: -w \(target): a terminal"), "\(shown.output)")
        }
    }

    @Test("what decrypt cannot open is counted, not written")
    func closed() throws {
        guard let (path, _) = try opened() else { return }
        let result = try Tool.run(["decrypt", path, "-w", "-"])
        #expect(result.status == 0)
        #expect(result.complaints == "ikescope: 0 of 19 ESP packets decrypted and written; left out: 19 without key\n")
    }
}
