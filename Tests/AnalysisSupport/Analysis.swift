import IKEScope
import ScopeCapture
import ScopeCrypto
import ScopeDissect
import ScopeFormatters
import ScopeModel
import ScopeWire

/// One run of the analyzer over a capture, with what came out of it.
public final class Analysis {
    public private(set) var events: [Event] = []
    /// The inner IP packet of each verified ESP packet, second sightings left out.
    public private(set) var inner: [[UInt8]] = []
    public private(set) var transcript: [UInt8] = []

    /// A frame of a test's own making.
    public struct MadeFrame: Sendable {
        public var frame: Frame
        public var bytes: [UInt8]

        public init(_ frame: Frame, _ bytes: [UInt8]) {
            self.frame = frame
            self.bytes = bytes
        }
    }

    private let sink = ByteSink()
    private var formatter: (any EventFormatter)?
    private var analyzer: Analyzer?
    private var hasStarted = false

    public init(
        keys: [KeyFile] = [], candidates: CandidateSearch? = nil, conditions: Conditions = Conditions(),
        limits: Limits = Limits(), debug: IOSDebugFormatter.Options? = nil, formatter: (any EventFormatter)? = nil,
        jobs: Int = 1
    ) {
        self.formatter = formatter ?? debug.map { IOSDebugFormatter($0) }
        analyzer = Analyzer(
            keys: keys, candidates: candidates, conditions: conditions, limits: limits, jobs: jobs,
            watchesClear: formatter.map { type(of: $0).watchesClear } ?? false
        ) {
            [unowned self] in
            take($0, $1, $2)
        }
    }

    private func take(_ event: Event, _ bytes: RawSpan, _ plaintext: RawSpan) {
        events.append(event)
        formatter?.write(event, frame: bytes, plaintext: plaintext, to: sink)
        guard case .esp(let packet) = event.kind, case .verified = packet.verdict, let range = packet.innerPacket
        else { return }
        if case .sighting = packet.repetition { return }
        inner.append(plaintext.extracting(range).withUnsafeBytes { Array($0) })
    }

    /// Reads a capture to its end, or `frames` of it.
    public static func of(
        _ path: String, keys: [KeyFile] = [], candidates: CandidateSearch? = nil,
        conditions: Conditions = Conditions(), debug: IOSDebugFormatter.Options? = nil,
        formatter: (any EventFormatter)? = nil
    ) throws -> Analysis {
        let run = Analysis(
            keys: keys, candidates: candidates, conditions: conditions, debug: debug, formatter: formatter)
        let source = try Captures.open(paths: [path])
        while let item = try source.next() { source.withBytes { run.follow(item, $0, comment: source.comment) } }
        run.finish()
        return run
    }

    /// All frames of a capture, for tests that change them.
    public static func frames(_ path: String) throws -> [MadeFrame] {
        let source = try Captures.open(paths: [path])
        var frames: [MadeFrame] = []
        while let item = try source.next() {
            guard case .frame(let frame) = item else { continue }
            frames.append(MadeFrame(frame, source.withBytes { $0.withUnsafeBytes { Array($0) } }))
        }
        return frames
    }

    /// Plays frames in the order given, numbered anew.
    public static func playing(
        _ frames: [MadeFrame], keys: [KeyFile] = [], conditions: Conditions = Conditions(), limits: Limits = Limits(),
        debug: IOSDebugFormatter.Options? = nil, formatter: (any EventFormatter)? = nil, jobs: Int = 1
    ) -> Analysis {
        let run = Analysis(
            keys: keys, conditions: conditions, limits: limits, debug: debug, formatter: formatter, jobs: jobs)
        for (index, made) in frames.enumerated() {
            var frame = made.frame
            frame.number = index + 1
            run.follow(.frame(frame), made.bytes.span.bytes)
        }
        run.finish()
        return run
    }

    public func follow(_ item: CaptureItem, _ bytes: RawSpan, comment: String? = nil) {
        if !hasStarted, case .frame(let frame) = item {
            formatter?.start(at: frame.time)
            hasStarted = true
        }
        analyzer?.follow(item, bytes, comment: comment)
    }

    public func finish() {
        analyzer?.finish()
        formatter?.finish(to: sink)
        transcript = sink.bytes
    }

    // MARK: What tests ask for

    public var text: String { String(decoding: transcript, as: UTF8.self) }

    public var messages: [IKEMessage] {
        events.compactMap { if case .ikeMessage(let message) = $0.kind { message } else { nil } }
    }

    public var espPackets: [ESPPacket] {
        events.compactMap { if case .esp(let packet) = $0.kind { packet.packet } else { nil } }
    }

    public var accounts: [IPsecAccount] {
        events.compactMap { if case .ipsecAccount(let account) = $0.kind { account } else { nil } }
    }

    public var keyStatuses: [KeyStatus] {
        events.compactMap { if case .ikeKeys(_, let status) = $0.kind { status } else { nil } }
    }

    public var unusedKeys: [String] {
        events.compactMap { if case .unusedKey(let line) = $0.kind { line } else { nil } }
    }
}
