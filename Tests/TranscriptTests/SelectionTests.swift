import AnalysisSupport
import Foundation
import ScopeCrypto
import ScopeFormatters
import TestSupport
import Testing

@Suite("What is selected of a transcript is exactly that part of the whole")
struct SelectionTests {
    static let captures = [
        "main-mode/raw-esp", "quick-mode/pfs-group14", "rekey/raw-esp-rekey", "failures/different-psk",
    ]

    static func lines(
        _ capture: String, _ change: (inout IOSDebugFormatter.Options) -> Void
    ) throws -> [Substring] {
        let base = Shared.root + "/captures/" + capture
        var options = IOSDebugFormatter.Options()
        options.zone = .utc
        options.annotations = false
        change(&options)
        let run = try Analysis.of(base + ".pcap", keys: [try KeyFile.load(base + ".keys.json")], debug: options)
        return run.text.split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// Whether a line with a time stamp is one of `debug crypto ipsec`; nil for a line that continues another.
    static func isIPsec(_ line: Substring) -> Bool? {
        guard let stamp = line.prefixMatch(of: #/[A-Z][a-z]{2} [ 0-9]{2} [0-9:.]{12}: /#) else { return nil }
        let text = line[stamp.range.upperBound...]
        if text.hasPrefix("IPSEC") || text.hasPrefix("Crypto mapdb") { return true }
        #expect(text.hasPrefix("ISAKMP") || text.hasPrefix("%CRYPTO"))
        return false
    }

    @Test(
        "--only takes the lines of one command, with those that continue them", arguments: captures, LineFamily.allCases
    )
    func only(capture: String, family: LineFamily) throws {
        for view in [IOSDebugFormatter.View.initiator, .responder] {
            let all = try Self.lines(capture) { ($0.view, $0.family) = (view, family) }
            var isakmp: [Substring] = []
            var ipsec: [Substring] = []
            var isInIPsec = false
            for line in all.dropLast() {
                isInIPsec = Self.isIPsec(line) ?? isInIPsec
                if isInIPsec { ipsec.append(line) } else { isakmp.append(line) }
            }
            #expect(!isakmp.isEmpty)
            let onlyISAKMP = try Self.lines(capture) { ($0.view, $0.family, $0.commands) = (view, family, .isakmp) }
            let onlyIPsec = try Self.lines(capture) { ($0.view, $0.family, $0.commands) = (view, family, .ipsec) }
            #expect(onlyISAKMP.dropLast() == isakmp[...])
            #expect(onlyIPsec.dropLast() == ipsec[...])
        }
    }
}
