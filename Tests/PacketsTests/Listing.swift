import AnalysisSupport
import Foundation
import IKEScope
import ScopeCapture
import ScopeCrypto
import ScopeFormatters
import ScopeModel
import ScopeWire
import TestSupport

/// What a formatter makes of a capture.
struct Listing {
    var bytes: [UInt8]

    var text: String { String(decoding: bytes, as: UTF8.self) }
    var lines: [Substring] { text.split(separator: "\n") }

    /// Each line as a JSON object, read by Foundation.
    func objects() throws -> [[String: Any]] {
        try lines.map { line in
            guard let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] else {
                throw NotAnObject(line: String(line))
            }
            return object
        }
    }

    struct NotAnObject: Error { var line: String }

    /// Runs the analyzer over captures with `formatter`, which is handed back as it stood at the end.
    static func of<Formatter: EventFormatter>(
        _ paths: String..., keys: [KeyFile] = [], with formatter: Formatter
    ) throws -> (listing: Listing, formatter: Formatter) {
        let source = try Captures.open(paths: paths)
        return try run(keys, formatter) { analyzer in
            while let item = try source.next() {
                source.withBytes { analyzer.follow(item, $0, comment: source.comment) }
            }
        }
    }

    /// The same for a frame of raw IP that a test made.
    static func ofPacket<Formatter: EventFormatter>(_ packet: [UInt8], with formatter: Formatter) throws -> Listing {
        let frame = Frame(
            number: 1, time: Instant(nanoseconds: 1_700_000_000_123_456_789), linkType: .raw,
            capturedLength: packet.count, originalLength: packet.count)
        return try run([], formatter) { $0.follow(.frame(frame), packet.span.bytes) }.listing
    }

    /// The same for frames that a test made.
    static func ofFrames<Formatter: EventFormatter>(
        _ frames: [Analysis.MadeFrame], keys: [KeyFile] = [], with formatter: Formatter
    ) throws -> Listing {
        try run(keys, formatter) { analyzer in
            for made in frames { analyzer.follow(.frame(made.frame), made.bytes.span.bytes) }
        }.listing
    }

    private static func run<Formatter: EventFormatter>(
        _ keys: [KeyFile], _ formatter: Formatter, _ body: (Analyzer) throws -> Void
    ) throws -> (listing: Listing, formatter: Formatter) {
        let sink = ByteSink()
        var formatter = formatter
        let analyzer = Analyzer(keys: keys) { formatter.write($0, frame: $1, plaintext: $2, to: sink) }
        try body(analyzer)
        analyzer.finish()
        formatter.finish(to: sink)
        return (Listing(bytes: sink.bytes), formatter)
    }
}

extension PacketOptions {
    /// With what the arguments ask for, in UTC.
    init(fields: Bool = false, bytes: Bool = false, showSecrets: Bool = false) {
        self.init()
        zone = .utc
        self.fields = fields
        self.bytes = bytes
        self.showSecrets = showSecrets
    }
}

/// A tool's standard output; nil, with a visible line, when it is not installed.
func output(of tool: String, _ arguments: [String]) throws -> String? {
    let (status, output) = try ChildProcess.run([tool] + arguments, errors: .discarded)
    if status == 127 {
        print("SKIPPED: \(tool) is not installed")
        return nil
    }
    return String(decoding: output, as: UTF8.self)
}
