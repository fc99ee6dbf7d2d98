import AnalysisSupport
import ScopeCrypto
import ScopeFormatters
import ScopeModel
import ScopeWire
import TestSupport
import Testing

@Suite("Several threads print what one prints")
struct JobsTests {
    static let all: [String] = Shared.names(inFolder: Shared.root + "/captures").flatMap { topic in
        let folder = Shared.root + "/captures/" + topic
        return Shared.names(inFolder: folder).filter { $0.hasSuffix(".pcap") }
            .map { folder + "/" + $0.dropLast(".pcap".count) }
    }

    /// Of these all keys are given.
    static let scenarios = [
        "08a-rekey", "15c-natt-ports", "23-esp-null", "53a-transport", "82-ah-esp-bundle", "83-ipv6", "84-esp-oddities",
    ]

    /// The frames of a capture over and over, so that its SAs are busy ones: some are damaged, some are cut.
    ///
    /// What follows the first time is sent again by the wrong hand, as a replay; IKE comes between it each time.
    private func busy(_ frames: [Analysis.MadeFrame]) -> [Analysis.MadeFrame] {
        var all = frames
        var count = 0
        // Twice where the capture is a long one already.
        for _ in 0..<(frames.count > 500 ? 2 : max(20, 480 / max(frames.count, 1))) {
            for made in frames {
                count += 1
                var copy = made
                if count % 7 == 3, !copy.bytes.isEmpty { copy.bytes[copy.bytes.count - 1] ^= 1 }
                if count % 31 == 5, copy.bytes.count > 80 {
                    copy.bytes.removeLast(20)
                    copy.frame.capturedLength = copy.bytes.count
                }
                all.append(copy)
            }
        }
        return all
    }

    @Test("every capture of the repository, and its packets many times over", arguments: Self.all)
    func captures(base: String) throws {
        let keys = Shared.bytes(base + ".keys.json") == nil ? [] : [try KeyFile.load(base + ".keys.json")]
        try compare(base + ".pcap", keys)
    }

    @Test("tunnels in tunnels, transport mode, NAT traversal, rekeying, AH around ESP")
    func lab() throws {
        for name in Self.scenarios {
            let scenario = LabScenario(name)
            guard let path = scenario.path("capture.pcap"), let keys = try scenario.keys("all") else { continue }
            try compare(path, [keys])
        }
    }

    private func compare(_ path: String, _ keys: [KeyFile]) throws {
        let frames = try Analysis.frames(path)
        var options = IOSDebugFormatter.Options()
        options.zone = .utc
        let (few, many) = (frames, busy(frames))
        for frames in [few, many] {
            let one = Analysis.playing(frames, keys: keys, debug: options)
            let written = Analysis.playing(frames, keys: keys, formatter: DecryptedCaptureWriter())
            for jobs in [2, 3] {
                let several = Analysis.playing(frames, keys: keys, debug: options, jobs: jobs)
                #expect(several.transcript == one.transcript, "\(path), \(jobs) jobs")
                #expect(several.inner == one.inner, "\(path), \(jobs) jobs")
                #expect(several.events.map(\.ordinal) == one.events.map(\.ordinal))
                let again = Analysis.playing(frames, keys: keys, formatter: DecryptedCaptureWriter(), jobs: jobs)
                #expect(again.transcript == written.transcript, "\(path), \(jobs) jobs")
            }
        }
    }
}
