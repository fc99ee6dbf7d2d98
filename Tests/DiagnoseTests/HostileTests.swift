import AnalysisSupport
import ScopeDissect
import ScopeModel
import ScopeWire
import TestSupport
import Testing

/// Numbers of a peer or of a file that are in no order, or too large to be added.
@Suite("Numbers that were put together to break arithmetic")
struct HostileTests {
    private static func found(_ name: String) throws -> Found { try Found(ShippedTests.base("hostile/\(name)")) }

    @Test("a range that ends before it begins is named, and is no selector", arguments: ["v4", "v6"])
    func reversed(family: String) throws {
        let found = try Self.found("selector-range-reversed-\(family).pcap")
        let finding = try #require(found.first(.idRangeReversed))
        #expect(finding.severity == .warning && finding.certainty == .proved && finding.frames == [3])
        #expect(found.peers.first?.verdict == finding.summary)
        #expect(found.ids.isDisjoint(with: [.clearLeak, .espSelectorViolation]))
        let run = try Analysis.of(ShippedTests.base("hostile/selector-range-reversed-\(family).pcap"))
        let problems = run.messages.flatMap { $0.message.chain.payloads.compactMap(\.problem) }
        // IDci and IDcr of messages 1 and 2.
        #expect(problems.map(\.reason) == Array(repeating: .reversedRange, count: 4))
    }

    @Test("ranges in order are none of it")
    func inOrder() {
        let (low, high) = (IPAddress(v4: 0x0a00_0001), IPAddress(v4: 0x0a00_0009))
        #expect(!Identity.range(low, high).isReversed && !Identity.range(low, low).isReversed)
        #expect(Identity.range(high, low).isReversed)
        // The high halves decide.
        let (first, last) = (IPAddress(v6high: 1, low: .max), IPAddress(v6high: 2, low: 0))
        #expect(!Identity.range(first, last).isReversed && Identity.range(last, first).isReversed)
    }

    @Test("sums of losses stay at the greatest number", arguments: ["drops-overflow", "drops-overflow-isb"])
    func losses(name: String) throws {
        let finding = try #require(Self.found("\(name).pcapng").first(.capDrops))
        #expect(finding.summary.contains("\(UInt64.max)"))
    }

    @Test("a record whose checksum no 32 bits hold is read to its end")
    func longRecord() throws {
        let found = try Self.found("null-sum-overflow.pcap")
        #expect(found.ids.contains(.nullEncryption) && found.peers.count == 1)
    }
}
