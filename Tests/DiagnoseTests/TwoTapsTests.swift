import AnalysisSupport
import Foundation
import IKEScope
import ScopeCrypto
import ScopeModel
import TestSupport
import Testing

@testable import ScopeDiagnose

@Suite("Two taps of one tunnel")
struct TwoTapsTests {
    /// The comparison of two captures, with no keys.
    private func compare(_ a: String, _ b: String) throws -> TwoTaps {
        let taps = TwoTaps()
        for event in try Analysis.of(a).events { taps.take(event, at: .a) }
        for event in try Analysis.of(b).events { taps.take(event, at: .b) }
        return taps
    }

    /// Losses of each SPI and the offset of the clocks are those that the lab counted.
    @Test("what was lost is counted by direction", arguments: ["72-two-taps", "69b-esp-blocked-two-taps"])
    func losses(name: String) throws {
        let lab = LabScenario(name)
        guard let left = lab.path("tap-left.pcap"), let right = lab.path("tap-right.pcap"),
            let bytes = lab.path("notes.json").flatMap(Shared.bytes)
        else { return }
        let notes = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
        let found = try compare(left, right).findings(names: ("left", "right"))
        for sa in try #require(notes["esp"] as? [[String: Any]]) {
            let (spi, sent) = (try #require(sa["spi"] as? String), try #require(sa["sent_at_near_tap"] as? Int))
            let gone = try #require(sa["dropped_between"] as? Int)
            let way = sa["direction"] as? String == "left-to-right" ? "left to right" : "right to left"
            let isWay = way == "left to right" ? "between left and right" : "between right and left"
            let finding = found.first { $0.evidence.first?.contains(spi) ?? false }
            let wanted = gone == sent ? "none of \(sent) ESP packets" : "\(gone) of \(sent) ESP packets"
            #expect(finding?.summary.hasPrefix(wanted) ?? false, "\(spi): \(finding?.summary ?? "-")")
            #expect(
                finding?.summary.contains(gone == sent ? "from \(way)".replacing(" to ", with: " to ") : isWay) ?? false
            )
            #expect(finding?.certainty == .proved && finding?.severity == (gone == sent ? .error : .warning))
        }
        let offset = try #require(notes["clock_offset_seconds"] as? Double)
        let clock = try #require(found.first { $0.id == .tapsClockOffset })
        let text = String(format: "%.3f s \(offset < 0 ? "behind" : "ahead of")", abs(offset))
        #expect(clock.summary.contains(text), "\(clock.summary)")
        // The other way round the same is lost.
        let turned = try compare(right, left).findings(names: ("right", "left"))
        #expect(
            Set(turned.filter { $0.layer == .traffic }.map(\.summary))
                == Set(found.filter { $0.layer == .traffic }.map(\.summary)))
    }

    @Test(
        "inside and outside of a NAT: it is named as what was altered, and nothing is lost",
        arguments: ["15a-natt", "15d-natt-true"])
    func nat(name: String) throws {
        let lab = LabScenario(name)
        guard let inside = lab.path("capture-inside-nat.pcap"), let outside = lab.path("capture.pcap") else { return }
        let found = try compare(inside, outside).findings(names: ("in", "out"))
        #expect(found.first { $0.id == .natDetected }?.certainty == .proved)
        #expect(
            found.first { $0.id == .natDetected }?.summary.contains("10.99.1.10 at in is 198.51.100.1 at out")
                ?? false)
        #expect(!found.contains { $0.id == .espLoss || $0.id == .espBlocked })
        #expect(found.contains { $0.summary.contains("agree to the millisecond") })
    }

    @Test("what is found is the same each time, also where both ends begin and two changes are in one frame")
    func order() throws {
        // Inside and outside of a NAT in one capture: messages of every address are at both taps.
        let capture = ShippedTests.base("nat/both-sides-any.pcap")
        let events = try Analysis.of(capture).events
        let all = (0..<24).map { _ in
            let taps = TwoTaps()
            for event in events { taps.take(event, at: .a) }
            for event in events { taps.take(event, at: .b) }
            return taps.findings(names: ("a", "b")).map { "\($0.id) \($0.certainty) \($0.frames) \($0.evidence)" }
        }
        #expect(Set(all).count == 1)
    }

    @Test("what the second tap proves takes the place of what the first one suggests")
    func certainty() throws {
        let lab = LabScenario("69b-esp-blocked-two-taps")
        guard let left = lab.path("tap-left.pcap"), let right = lab.path("tap-right.pcap") else { return }
        let alone = try Found(left)
        #expect(alone.first(.espBlocked)?.certainty == .likely)
        let settled = try compare(left, right).settle(alone.findings, names: ("left", "right"))
        #expect(settled.filter { $0.id == .espBlocked }.allSatisfy { $0.certainty == .proved })
        #expect(settled.filter { $0.id == .espBlocked }.count == 2)
    }

    @Test("captures of different tunnels are said to be")
    func unrelated() throws {
        let found = try compare(
            ShippedTests.base("main-mode/raw-esp") + ".pcap", ShippedTests.base("rekey/raw-esp-rekey") + ".pcap"
        ).findings(names: ("a", "b"))
        #expect(found.map(\.id) == [.tapsUnrelated])
    }

    @Test("runs of numbers are the set of numbers", arguments: [1, 2, 3, 4, 5])
    func runs(seed: UInt64) {
        var state = seed
        func random(_ below: UInt32) -> UInt32 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt32(truncatingIfNeeded: state >> 33) % below
        }
        var (a, b) = (NumberRuns(), NumberRuns())
        var (first, second) = (Set<UInt32>(), Set<UInt32>())
        for _ in 0..<400 {
            let (x, y) = (random(300), random(300))
            a.insert(x)
            first.insert(x)
            b.insert(y)
            second.insert(y)
        }
        #expect(a.count == UInt64(first.count))
        var missing = Set<UInt32>()
        for run in a.missing(in: b) { missing.formUnion(run) }
        #expect(missing == first.subtracting(second))
        var edge = NumberRuns()
        let edges: [UInt32] = [.max, 0, .max - 1, 1]
        for number in edges { edge.insert(number) }
        #expect(edge.runs == [0...1, (UInt32.max - 1)...UInt32.max])
    }
}
