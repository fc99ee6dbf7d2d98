import AnalysisSupport
import Foundation
import IKEScope
import ScopeCrypto
import ScopeModel
import ScopeWire
import TestSupport
import Testing

/// A capture may end anywhere: what is said of its beginning must not be what the rest of it refutes.
@Suite("No beginning of a capture is called up too early, and no healthy one is called broken for sure")
struct PrefixTests {
    /// What is reported behind each frame, in one run: a report at any moment is what the end there would tell.
    final class Steps {
        private(set) var reports: [Report] = []

        private final class Box {
            var report: () -> Report = { Report() }
        }

        private struct Asker: EventFormatter {
            let box: Box
            static var needs: Needs { .report }
            mutating func connect(report: @escaping () -> Report) { box.report = report }
            mutating func write(_ event: Event, frame: RawSpan, plaintext: RawSpan, to sink: ByteSink) {}
            mutating func finish(to sink: ByteSink) {}
        }

        init(_ frames: ArraySlice<Analysis.MadeFrame>, keys: [KeyFile]) {
            let box = Box()
            let run = Analysis(keys: keys, formatter: Supplied(Asker(box: box), diagnosis: Diagnosis()))
            for (index, made) in frames.enumerated() {
                var frame = made.frame
                frame.number = index + 1
                run.follow(.frame(frame), made.bytes.span.bytes)
                reports.append(box.report())
            }
        }
    }

    /// The first frame behind which a tunnel may be up, by the headers alone: the third message of a Quick Mode, an answer of
    /// IKE_AUTH or CREATE_CHILD_SA, one of a registration at a group's server, ESP or AH of both sides, or what a plain
    /// reader of IPv4 and UDP does not read.
    static func mayBeUp(_ frames: ArraySlice<Analysis.MadeFrame>) -> Int {
        var quick: [[UInt8]: Set<[UInt8]>] = [:]
        var senders: Set<[UInt8]> = []
        for (index, made) in frames.enumerated() {
            guard made.bytes.count >= 34, made.bytes[12...13].elementsEqual([8, 0]) else {
                // ARP and the like carry no tunnel.
                if made.bytes.count >= 14, made.bytes[12...13].elementsEqual([8, 6]) { continue }
                return index
            }
            guard let packet = made.packet else { return index }
            if packet.isESP || packet.protocolNumber == 51 {
                senders.insert(packet.source)
                if senders.count > 1 { return index }
                continue
            }
            guard let message = packet.ike, message.count >= 28 else {
                if packet.protocolNumber == 17 || packet.protocolNumber == 1 { continue }
                return index
            }
            switch message[18] {
            case 32:
                let key = Array(message[0..<16]) + message[20..<24]
                quick[key, default: []].insert(message)
                if quick[key]?.count ?? 0 >= 3 { return index }
            case 35, 36: if message[19] & 0x20 != 0 { return index }
            default: break
            }
        }
        return frames.count
    }

    /// Frames that are looked at: long captures have their negotiation at their beginning.
    private static let mostFrames = 80

    static func check(_ path: String, keys: [KeyFile], _ name: String) throws -> [String] {
        let all = try Analysis.frames(path)
        let frames = all.prefix(mostFrames)
        let whole = Found(playing: all, keys: keys)
        let isHealthy = whole.errors.isEmpty
        let up = mayBeUp(frames)
        var wrong: [String] = []
        for (index, report) in Steps(frames, keys: keys).reports.enumerated() {
            for peer in report.peers where index < up && ["up", "nothing wrong"].contains(peer.verdict) {
                wrong.append("\(name), frame \(index + 1): \(peer.verdict)")
            }
            for finding in report.findings
            where isHealthy && finding.severity == .error && finding.certainty > .possible
                // What stays true, and a later attempt makes good, was no error of judgement.
                && whole.first(finding.id) == nil
            {
                wrong.append("\(name), frame \(index + 1): \(finding.id) \(finding.certainty): \(finding.summary)")
            }
        }
        return wrong
    }

    private static func expectNone(_ wrong: [String]) {
        #expect(wrong.isEmpty, "\(wrong.count): \(wrong.prefix(3).joined(separator: "\n"))")
    }

    /// All captures below `captures/`, with their keys, and without.
    static let shippedNames: [String] = {
        let root = Shared.root + "/captures"
        let names = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
        return names.filter { $0.hasSuffix(".pcap") && !$0.hasPrefix("hostile") }.map { String($0.dropLast(5)) }.sorted()
    }()

    @Test("captures that ship", arguments: shippedNames)
    func ofShipped(name: String) throws {
        let base = ShippedTests.base(name)
        Self.expectNone(try Self.check(base + ".pcap", keys: [], name))
        guard let keys = try? KeyFile.load(base + ".keys.json") else { return }
        Self.expectNone(try Self.check(base + ".pcap", keys: [keys], name + ", keys"))
    }

    /// Every n-th capture of the labs; IKESCOPE_ALL_PREFIXES looks at all of them.
    static let labNames: [String] = {
        let stride = ProcessInfo.processInfo.environment["IKESCOPE_ALL_PREFIXES"] == nil ? 6 : 1
        let all = ["lab", "lab-v2"].flatMap { lab -> [String] in
            guard let folder = Shared.path("captures/" + lab) else { return [] }
            return Shared.names(inFolder: folder).sorted().map { lab + "/" + $0 }
        }
        return all.enumerated().filter { $0.offset % stride == 0 }.map(\.element)
    }()

    @Test("captures of the labs", arguments: labNames)
    func ofLabs(name: String) throws {
        guard let path = Shared.path("captures/" + name + "/capture.pcap") else { return }
        Self.expectNone(try Self.check(path, keys: [], name))
        let scenario = String(name.split(separator: "/")[1])
        let keys =
            name.hasPrefix("lab/")
            ? try LabScenario(scenario).keys("all") : try IKEv2Scenario.named(scenario)?.keys("all")
        guard let keys else { return }
        Self.expectNone(try Self.check(path, keys: [keys], name + ", keys"))
    }
}
