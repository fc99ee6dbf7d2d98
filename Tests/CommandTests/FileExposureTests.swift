import Foundation
import Glibc
import TestSupport
import Testing

@Suite("Warnings of files that others can get at")
struct FileExposureTests {
    let scratch = Scratch()
    private let capture = Shared.root + "/captures/main-mode/raw-esp.pcap"
    private static let row = #"{"schema":"ikescope.keys/1","psk":[{"peer":"*","key":"x"}]}"#

    private func warnings(_ path: String, _ option: String = "--keys", _ more: [String] = []) throws -> [String] {
        let result = try Tool.run(["debug", capture, option, path, "-o", "/dev/null"] + more)
        #expect(result.status == 0, "\(result.complaints)")
        return result.complaintLines.filter { $0.hasPrefix("ikescope: warning: ") }
    }

    @Test("any bit of the group or of everybody is one, and the owner's own are none")
    func bits() throws {
        let keys = scratch.file("keys.json", Self.row)
        for (mode, words) in [
            (0o600, nil), (0o400, nil), (0o640, "read by its group"), (0o620, "written by its group"),
            (0o604, "read by everybody"), (0o666, "read and written by everybody"), (0o601, "executed by everybody"),
        ] as [(mode_t, String?)] {
            chmod(keys, mode)
            let found = try warnings(keys)
            #expect(found.count == (words == nil ? 0 : 1), "\(found)")
            if let words { #expect(found.first?.contains("key file can be \(words); chmod 600") == true, "\(found)") }
            #expect(try warnings(keys, "--keys", ["-q"]) == [])
        }
    }

    @Test("lists of candidates and configurations are looked at as well, once each")
    func kinds() throws {
        let words = scratch.file("words.txt", "one\ntwo\n")
        let config = scratch.file("r1.cfg", "crypto isakmp policy 10\n encr aes\n")
        #expect(try warnings(words, "--psk-list") == [])
        #expect(try warnings(config, "--config") == [])
        chmod(words, 0o644)
        chmod(config, 0o644)
        #expect(try warnings(words, "--psk-list").first?.contains("words.txt: list of keys can be read") == true)
        let twice = try warnings(config, "--config", ["--config", config])
        #expect(twice.count == 1 && twice[0].contains("r1.cfg: configuration can be read by everybody"))
        let taps = try Tool.run([
            "diagnose", "--tap", "a=\(capture)", "--tap", "b=\(capture)", "--psk-list", words, "-o", "/dev/null",
        ])
        #expect(taps.complaintLines.count == 1, "\(taps.complaints)")
    }

    @Test("a foreign owner, and a folder where everybody can replace the file")
    func places() throws {
        guard getuid() == 0 else { return skip("a file of another user needs root") }
        let keys = scratch.file("keys.json", Self.row)
        chown(keys, 4711, 4711)
        #expect(try warnings(keys).first?.contains("belongs to user 4711, who is neither you nor root") == true)
        let sudo = try Tool.run(
            ["debug", capture, "--keys", keys, "-o", "/dev/null"],
            environment: ["SUDO_UID": "4711", "SUDO_GID": "4711"])
        #expect(!sudo.complaints.contains("belongs to"), "\(sudo.complaints)")
        chown(keys, 0, 0)
        let inner = scratch.path + "/open/inner"
        try FileManager.default.createDirectory(atPath: inner, withIntermediateDirectories: true)
        let moved = inner + "/keys.json"
        try FileManager.default.moveItem(atPath: keys, toPath: moved)
        chmod(scratch.path + "/open", 0o777)
        #expect(try warnings(moved).first?.contains("may write to the folder \(scratch.path)/open") == true)
        chmod(scratch.path + "/open", 0o1777)
        #expect(try warnings(moved) == [])
    }

    @Test("published test keys are excepted by the mark beside them, which must be the owner's")
    func published() throws {
        let folder = scratch.path + "/captures/topic"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let keys = folder + "/keys.json"
        try Self.row.write(toFile: keys, atomically: false, encoding: .utf8)
        chmod(keys, 0o644)
        #expect(try warnings(keys).count == 1)
        let mark = scratch.file("captures/PUBLISHED-KEYS")
        #expect(try warnings(keys) == [])
        if getuid() == 0 {
            chown(mark, 4711, 4711)
            #expect(try warnings(keys).count == 1)
        } else {
            skip("a mark of another user needs root")
        }
        // Those that ship.
        let shipped = Shared.root + "/captures/main-mode/raw-esp.keys.json"
        #expect(try warnings(shipped) == [])
    }
}
