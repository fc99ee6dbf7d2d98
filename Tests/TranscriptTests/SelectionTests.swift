import AnalysisSupport
import Foundation
import ScopeCrypto
import ScopeFormatters
import ScopeModel
import ScopeWire
import TestSupport
import Testing

@Suite("What is selected of a transcript is exactly that part of the whole")
struct SelectionTests {
    static let captures = [
        "main-mode/raw-esp", "quick-mode/pfs-group14", "rekey/raw-esp-rekey", "failures/different-psk",
        "ikev2/rekeying", "ikev2/refused-child",
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
        #expect(text.hasPrefix("ISAKMP") || text.hasPrefix("%CRYPTO") || text.hasPrefix("IKEv2"))
        return false
    }

    @Test(
        "--only takes the lines of one command, with those that continue them", arguments: captures, LineFamily.allCases
    )
    func only(capture: String, family: LineFamily) throws {
        for view in [View.initiator, .responder] {
            let all = try Self.lines(capture) { ($0.view, $0.family) = (view, family) }
            var isakmp: [Substring] = []
            var ipsec: [Substring] = []
            var isInIPsec = false
            for line in all.dropLast() {
                isInIPsec = Self.isIPsec(line) ?? isInIPsec
                if isInIPsec { ipsec.append(line) } else { isakmp.append(line) }
            }
            #expect(!isakmp.isEmpty)
            let onlyISAKMP = try Self.lines(capture) {
                ($0.view, $0.family, $0.commands) = (view, family, [.isakmp, .ikev2])
            }
            let onlyIPsec = try Self.lines(capture) { ($0.view, $0.family, $0.commands) = (view, family, .ipsec) }
            #expect(onlyISAKMP.dropLast() == isakmp[...])
            #expect(onlyIPsec.dropLast() == ipsec[...])
        }
    }

    /// The lines of the device with `address`, without what leads them.
    static func lines(_ all: [Substring], of address: String) -> [Substring] {
        all.filter { $0.hasPrefix(address + " ") }.map { $0.dropFirst(address.count + 1) }
    }

    @Test(
        "both devices' lines are those of the two single views, in time order", arguments: captures, LineFamily.allCases
    )
    func both(capture: String, family: LineFamily) throws {
        let base = Shared.root + "/captures/" + capture
        let sa = try #require(try Analysis.of(base + ".pcap").messages.lazy.compactMap(\.sa).first)
        let addresses = [sa.initiator.address.description, sa.responder.address.description]
        let both = try Self.lines(capture) { ($0.view, $0.family) = (.both, family) }.dropLast()
        for (view, address) in zip([View.initiator, .responder], addresses) {
            let single = try Self.lines(capture) { ($0.view, $0.family) = (view, family) }.dropLast()
            #expect(single.count > 50)
            #expect(Self.lines(Array(both), of: address) == Array(single))
        }
        #expect(both.allSatisfy { line in addresses.contains { line.hasPrefix($0 + " ") } })
        let stamps = both.compactMap { line in
            addresses.lazy.compactMap { line.hasPrefix($0 + " ") ? line.dropFirst($0.count + 1) : nil }.first
                .flatMap { $0.prefixMatch(of: #/[A-Z][a-z]{2} [ 0-9]{2} [0-9:.]{12}: /#) }.map { String($0.output) }
        }
        #expect(stamps.count > 100)
        #expect(stamps == stamps.sorted())
    }

    @Test("of both devices, annotations are said once", arguments: captures)
    func annotationsOnce(capture: String) throws {
        func counted(_ view: View) throws -> [Substring: Int] {
            let lines = try Self.lines(capture) { ($0.view, $0.annotations) = (view, true) }
            return Dictionary(lines.filter { $0.hasPrefix("! ") }.map { ($0, 1) }, uniquingKeysWith: +)
        }
        let singles = try counted(.initiator).merging(try counted(.responder), uniquingKeysWith: max)
        #expect(try counted(.both) == singles)
    }
}
