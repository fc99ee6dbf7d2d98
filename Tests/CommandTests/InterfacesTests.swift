import Foundation
import Testing

@Suite("The command interfaces")
struct InterfacesTests {
    @Test("lists each interface that the system has, with its addresses")
    func list() throws {
        let result = try Tool.run(["interfaces"])
        if result.status == 77 {
            #expect(result.isOneComplaint)
            #expect(result.complaints.contains("setcap"))
            return skip("no interface may be captured on")
        }
        #expect(result.status == 0 && result.complaints == "")
        let lines = result.output.split(separator: "\n")
        let known = try FileManager.default.contentsOfDirectory(atPath: "/sys/class/net").filter {
            FileManager.default.fileExists(atPath: "/sys/class/net/\($0)/ifindex")
        }
        for name in known {
            #expect(lines.contains { $0.hasPrefix(name + " ") }, "\(name)")
        }
        let loopback = try #require(lines.first { $0.hasPrefix("lo ") })
        #expect(loopback.contains("127.0.0.1") && loopback.contains("loopback"))
    }
}
