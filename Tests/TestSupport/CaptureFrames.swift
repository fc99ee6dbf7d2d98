import ScopePcap
import ScopeWire

/// One frame of a capture file with a copy of its bytes.
public struct CapturedFrame: Sendable {
    public var frame: Frame
    public var bytes: [UInt8]

    public init(_ bytes: [UInt8], link: LinkType, number: Int = 1, time: Int64 = 0, originalLength: Int? = nil) {
        frame = Frame(
            number: number, time: Instant(nanoseconds: time), linkType: link, capturedLength: bytes.count,
            originalLength: originalLength ?? bytes.count)
        self.bytes = bytes
    }
}

/// Captures that lie beside the repository.
public enum SharedCaptures {
    /// All of them, by their path below the shared folder.
    public static let all: [String] = {
        var found: [String] = []
        for folder in ["captures/public", "captures/malformed", "reference/observed"] {
            found += captures(in: folder)
        }
        return found + lab
    }()

    /// Those made in the lab.
    public static let lab: [String] = Shared.list("captures/lab").filter { !$0.contains(".") }.flatMap {
        captures(in: "captures/lab/" + $0)
    }

    public static let malformed: [String] = captures(in: "captures/malformed")

    public static func captures(in folder: String) -> [String] {
        Shared.list(folder).filter { $0.hasSuffix(".pcap") || $0.hasSuffix(".pcapng") }.map { folder + "/" + $0 }
    }

    /// The frames of a capture up to its end, or to where it cannot be read on; numbered as Wireshark does.
    public static func frames(_ path: String) -> [CapturedFrame] {
        guard let file = Shared.path(path).flatMap(Shared.bytes) else { return [] }
        return frames(ofFile: file)
    }

    public static func frames(ofFile file: [UInt8]) -> [CapturedFrame] {
        var decoder = CaptureDecoder()
        var frames: [CapturedFrame] = []
        var at = 0
        var number = 0
        while at < file.count, let step = try? decoder.step(file.span.bytes, at: at, offset: UInt64(at)) {
            switch step {
            case .needs: return frames
            case .passed(let length), .lost(_, let length): at += length
            case .counted(let length):
                number += 1
                at += length
            case .packet(let record):
                number += 1
                at += record.length
                frames.append(
                    CapturedFrame(
                        Array(file[record.data]), link: record.linkType, number: number,
                        time: record.time.nanoseconds, originalLength: record.originalLength))
            }
        }
        return frames
    }
}

extension Array where Element == UInt8 {
    /// The bytes that `hex` spells; blanks and line ends between digits do not count.
    public init(hex: String) {
        let digits = hex.filter { !$0.isWhitespace }.compactMap(\.hexDigitValue)
        self = stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    /// Two lower-case digits a byte.
    public var hex: String { map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
}
