import Foundation
import TestSupport
import Testing

@Suite("Key files that the command is given")
struct KeyFileTests {
    let scratch = Scratch()

    private func complaint(_ text: String) throws -> Tool.Result {
        guard let path = Shared.path("captures/lab/51a-raw-esp-main/capture.pcap") else {
            return Tool.Result(status: 65, output: "", complaints: "ikescope: \n")
        }
        return try Tool.run(["debug", path, "--keys", scratch.file("keys.json", text)])
    }

    @Test("one that is none is refused, with the place")
    func refused() throws {
        guard Shared.path("captures/lab/51a-raw-esp-main/capture.pcap") != nil else { return }
        for (text, part) in [
            (#"{"schema":"ikescope.keys/1","dh":[{"privat":"00"}]}"#, "keys.json: dh[0].privat"),
            (#"{"schema":"ikescope.keys/1","psk":[{"peer":"10.0.0.1","key_hex":"0g"}]}"#, "psk[0].key_hex"),
            ("once upon a time", "keys.json: "),
            ("", "keys.json: "),
        ] {
            let result = try complaint(text)
            #expect(result.status == 65)
            #expect(result.isOneComplaint)
            #expect(result.complaints.contains(part), "\(result.complaints)")
            #expect(result.output == "")
        }
    }

    @Test("one that is not there is no input")
    func absent() throws {
        let result = try Tool.run(["debug", "x", "--keys", scratch.path + "/absent"])
        #expect(result.status == 66)
        #expect(result.isOneComplaint)
        #expect(result.complaints.contains("absent: No such file"))
    }

    @Test("one that others may read gets a warning, once, unless quiet is asked for")
    func exposed() throws {
        guard let path = Shared.path("captures/lab/51a-raw-esp-main/capture.pcap") else { return }
        let keys = scratch.file("keys.json", #"{"schema":"ikescope.keys/1","psk":[{"peer":"*","key":"x"}]}"#)
        #expect(try Tool.run(["debug", path, "--keys", keys]).complaints == "")
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: keys)
        let warned = try Tool.run(["debug", path, "--keys", keys, "--keys", keys])
        #expect(warned.status == 0)
        #expect(warned.isOneComplaint)
        #expect(warned.complaints.contains("keys.json: key file can be read by everybody"))
        #expect(try Tool.run(["debug", path, "--keys", keys, "-q"]).complaints == "")
    }
}
