import Foundation
import TestSupport
import Testing

@Suite("diagnose, as a command")
struct DiagnoseCommandTests {
    private func capture(_ name: String) -> [String] {
        let base = Shared.root + "/captures/" + name
        return [base + ".pcap", "--keys", base + ".keys.json", "-q"]
    }

    @Test("the cause is in the first five lines, and the status is 1")
    func failure() throws {
        let result = try Tool.run(["diagnose"] + capture("failures/different-psk"))
        #expect(result.status == 1 && result.complaints == "")
        let top = result.output.split(separator: "\n", omittingEmptySubsequences: false).prefix(5).joined(
            separator: "\n")
        #expect(top.contains("different pre-shared keys") && top.contains("psk-mismatch-main, proved"))
    }

    @Test("what works ends with 0; what is no capture with 65; a condition that lets nothing through with 0")
    func others() throws {
        #expect(try Tool.run(["diagnose"] + capture("main-mode/raw-esp")).status == 0)
        #expect(try Tool.run(["diagnose", Shared.root + "/README.md"]).status == 65)
        let none = try Tool.run(["diagnose"] + capture("failures/different-psk") + ["--peer", "203.0.113.77"])
        #expect(none.status == 0 && none.output == "no IKE, ESP or AH in this capture\n")
    }

    @Test("a configuration names the cause; one that is none ends with 65, one that is absent with 66")
    func configuration() throws {
        let base = Shared.root + "/captures/failures/pfs"
        let result = try Tool.run(["diagnose"] + capture("failures/pfs") + ["--config", base + ".right.cfg"])
        #expect(result.status == 1 && result.complaints == "" && result.output.contains("pfs-mismatch, proved"))
        #expect(!result.output.contains("lab-Secret"))
        let none = try Tool.run(["diagnose"] + capture("failures/pfs") + ["--config", base + ".md"])
        #expect(none.status == 65 && none.complaints.contains("pfs.md: is not a configuration"))
        let absent = try Tool.run(["diagnose"] + capture("failures/pfs") + ["--config", base + ".cfg"])
        #expect(absent.status == 66 && absent.output == "")
    }

    @Test("JSON has what the contract names, one object a line")
    func json() throws {
        let result = try Tool.run(["diagnose", "--format", "json"] + capture("failures/proxy-identities"))
        #expect(result.status == 1)
        let lines = try result.output.split(separator: "\n").map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
        #expect(lines.first?["id"] as? String == "proxy-id-mismatch")
        #expect(lines.first?["frames"] as? [Int] == [9, 10])
        #expect(lines.allSatisfy { $0["schema"] as? String == "ikescope.finding/1" })
    }
}
