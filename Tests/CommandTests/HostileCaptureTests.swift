import Foundation
import TestSupport
import Testing

/// Each capture that was made to break the program, in each command.
@Suite("Hostile captures in every command")
struct HostileCaptureTests {
    /// Those that ship, and the others where they are at hand.
    private static let captures: [String] = ["captures/hostile", "../shared/captures/hostile"].flatMap { folder in
        let names = (try? FileManager.default.contentsOfDirectory(atPath: Shared.root + "/" + folder)) ?? []
        return names.filter { $0.contains(".pcap") }.sorted().map { Shared.root + "/" + folder + "/" + $0 }
    }

    private static let commands = [
        "packets", "packets -v", "packets --format json", "debug", "debug --view responder", "debug --format json",
        "diagnose", "diagnose --format json", "show isakmp-sa", "show ipsec-sa", "show session", "decrypt -w /dev/null",
        "decrypt -w /dev/null --jobs 2",
    ]

    @Test("end with a status of their own, and with nothing lost", arguments: commands)
    func ends(command: String) throws {
        #expect(!Self.captures.isEmpty)
        for capture in Self.captures {
            let result = try Tool.run(command.split(separator: " ").map(String.init) + [capture])
            // 1: `diagnose` found an error.
            #expect([0, 1].contains(result.status), "\(capture): \(result.status) \(result.complaints)")
        }
    }
}
