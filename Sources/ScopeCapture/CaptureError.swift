import ScopePcap

/// The reason why a capture cannot be read, or not to its end.
public enum CaptureError: Error, Hashable, Sendable {
    case notFound(file: String)
    case isDirectory(file: String)
    /// The file or interface may not be opened; `advice` says what to grant.
    case notPermitted(String, advice: String)
    case empty(file: String)
    /// The first bytes belong to no capture format; `detail` names what they are, if that is known.
    case notACapture(file: String, detail: String?)
    /// The file ends inside a record, after `frames` whole frames; `offset` is where that record begins.
    case cut(file: String, frames: Int, offset: UInt64, detail: String)
    /// The file contradicts its format, after `frames` whole frames.
    case malformed(file: String, frames: Int, error: FormatError)
    /// The compressed data are damaged, after `frames` whole frames; `offset` is in the compressed file.
    case damagedCompression(file: String, frames: Int, offset: UInt64, detail: String)
    /// The system reported an error while reading.
    case unreadable(file: String, frames: Int, reason: String)
    case badFilter(filter: String, message: String)
    case noSuchInterface(String)
    /// The interface cannot be captured on, or failed while it was.
    case interfaceFailed(String, reason: String)

    /// The exit status (sysexits.h): 64 usage, 65 bad data, 66 no input, 77 not permitted.
    public var exitStatus: Int32 {
        switch self {
        case .badFilter: 64
        case .empty, .notACapture, .cut, .malformed, .damagedCompression: 65
        case .notFound, .isDirectory, .unreadable, .noSuchInterface, .interfaceFailed: 66
        case .notPermitted: 77
        }
    }
}

extension CaptureError: CustomStringConvertible {
    /// One line: what, why, and where in the file.
    public var description: String {
        switch self {
        case .notFound(let file): "\(file): no such file"
        case .isDirectory(let file): "\(file): is a directory"
        case .notPermitted(let what, let advice): "\(what): not permitted; \(advice)"
        case .empty(let file): "\(file): the file is empty"
        case .notACapture(let file, let detail): "\(file): not a capture file (\(detail ?? "neither pcap nor pcapng"))"
        case .cut(let file, let frames, let offset, let detail):
            "\(file): cut short \(Self.behind(frames)), in the record at byte \(offset): \(detail)"
        case .malformed(let file, let frames, let error):
            "\(file): damaged \(Self.behind(frames)), at byte \(error.offset): \(error)"
        case .damagedCompression(let file, let frames, let offset, let detail):
            "\(file): damaged compressed data \(Self.behind(frames)), near byte \(offset): \(detail)"
        case .unreadable(let file, let frames, let reason): "\(file): cannot be read \(Self.behind(frames)): \(reason)"
        case .badFilter(let filter, let message): "bad filter \"\(filter)\": \(message)"
        case .noSuchInterface(let name): "\(name): no such interface; `ikescope interfaces` lists them"
        case .interfaceFailed(let name, let reason): "\(name): \(reason)"
        }
    }

    /// The same error, after so many frames.
    func behind(_ frames: Int) -> CaptureError {
        switch self {
        case .damagedCompression(let file, _, let offset, let detail):
            .damagedCompression(file: file, frames: frames, offset: offset, detail: detail)
        case .unreadable(let file, _, let reason): .unreadable(file: file, frames: frames, reason: reason)
        default: self
        }
    }

    private static func behind(_ frames: Int) -> String {
        frames == 0 ? "before the first frame" : "after frame \(frames)"
    }
}
