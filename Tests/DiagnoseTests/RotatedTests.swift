import AnalysisSupport
import Foundation
import ScopeCapture
import ScopeCrypto
import ScopeModel
import ScopeWire
import TestSupport
import Testing

/// A ring of files is one capture: where one file ends and the next one begins changes nothing.
@Suite("A capture in several files is diagnosed as in one")
struct RotatedTests {
    /// Captures of what fails, and some of what works; the borders of the longest are tried in a few places.
    static let captures = ChangedCaptureTests.captures.filter {
        $0.path.contains("/failures/") || $0.path.contains("/rekey/") || $0.path.contains("/esp/")
            || $0.path.contains("/nat/") || $0.path.contains("/shared/captures/lab/")
    }

    private static let mostBorders = 24

    @Test("in two, and in one for each frame", arguments: captures)
    func borders(capture: ChangedCaptureTests.Capture) throws {
        let frames = try Analysis.frames(capture.path)
        guard !frames.isEmpty, frames.count < 400, Self.isInOrder(frames) else { return }
        let whole = Self.text(Found(merging: [frames]))
        #expect(Self.text(Found(merging: frames.map { [$0] })) == whole)
        let step = max(1, frames.count / Self.mostBorders)
        for border in stride(from: 1, to: frames.count, by: step) {
            let found = Found(merging: [Array(frames[..<border]), Array(frames[border...])])
            #expect(Self.text(found) == whole, "border before frame \(border + 1)")
        }
    }

    private static func isInOrder(_ frames: [Analysis.MadeFrame]) -> Bool {
        zip(frames, frames.dropFirst()).allSatisfy { $0.frame.time <= $1.frame.time }
    }

    private static func text(_ found: Found) -> [String] {
        found.peers.map { "\($0)" } + found.findings.map { "\($0)" }
    }

    @Test("first messages half a second apart, each in a file of its own")
    func repeats() throws {
        let talk = try Talk(of: "main-mode/raw-esp")
        let first = try talk.frame(.mainMode(1))
        let frames = (0..<5).map { index in
            var made = first
            made.frame.time = Instant(nanoseconds: first.frame.time.nanoseconds + Int64(index) * 500_000_000)
            return made
        }
        let found = Found(merging: frames.map { [$0] })
        let finding = try #require(found.first(.noResponse))
        #expect(finding.severity == .error && finding.frames == [1, 2, 3, 4, 5])
        #expect(found.first(.capDuplicates) == nil)
    }

    @Test("files whose times overlap are two places, and what both hold counts once")
    func taps() throws {
        let frames = try Analysis.frames(ShippedTests.base("main-mode/raw-esp") + ".pcap")
        let later = frames.map { made in
            var made = made
            made.frame.time = Instant(nanoseconds: made.frame.time.nanoseconds + 2_000_000)
            return made
        }
        let found = Found(merging: [frames, later])
        #expect(found.first(.capDuplicates) != nil && found.errors.isEmpty)
        #expect(found.first(.espReplayDrop) == nil)
    }
}

/// Frames of a test, as a file of them would give them.
private final class ListedFrames: CaptureSource {
    private let frames: [Analysis.MadeFrame]
    private var place = 0
    private var held: [UInt8] = []

    init(_ frames: [Analysis.MadeFrame]) { self.frames = frames }

    var interfaces: [CaptureInterface] { frames.first.map { [CaptureInterface(linkType: $0.frame.linkType)] } ?? [] }
    var progress: CaptureProgress? { nil }
    var comment: String? { nil }
    var beforeWaiting: (() -> Void)? {
        get { nil }
        set {}
    }

    func next() throws(CaptureError) -> CaptureItem? {
        guard place < frames.count else { return nil }
        var frame = frames[place].frame
        held = frames[place].bytes
        place += 1
        frame.number = place
        frame.interface = 0
        return .frame(frame)
    }

    var bytes: UnsafeRawBufferPointer {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: held.count, alignment: 16)
        copy.copyBytes(from: held)
        kept?.deallocate()
        kept = copy
        return UnsafeRawBufferPointer(copy)
    }
    private var kept: UnsafeMutableRawBufferPointer?

    deinit { kept?.deallocate() }
}

extension Found {
    /// Of the frames of several files.
    init(merging files: [[Analysis.MadeFrame]], keys: [KeyFile] = []) {
        self.init(reading: MergedSource(files.map(ListedFrames.init)), keys: keys)
    }
}
