import CPcap
import Foundation
import ScopeCapture
import ScopeWire
import TestSupport

/// One packet as both readers can tell it.
struct Packet: Hashable, CustomStringConvertible {
    var time: Int64
    var originalLength: Int
    var bytes: [UInt8]

    var description: String { "\(time) \(bytes.count)/\(originalLength) \(bytes.prefix(16))" }
}

/// What libpcap reads from `path`, and its complaint at the end; nil when it refuses the file.
func libpcapPackets(_ path: String) -> (packets: [Packet], complaint: String?)? {
    var buffer = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
    guard let handle = pcap_open_offline_with_tstamp_precision(path, UInt32(PCAP_TSTAMP_PRECISION_NANO), &buffer)
    else { return nil }
    defer { pcap_close(handle) }
    var packets: [Packet] = []
    var header: UnsafeMutablePointer<pcap_pkthdr>?
    var data: UnsafePointer<UInt8>?
    while true {
        let result = pcap_next_ex(handle, &header, &data)
        guard result == 1, let header else {
            return (packets, result == PCAP_ERROR_BREAK ? nil : String(cString: pcap_geterr(handle)))
        }
        let time = Int64(header.pointee.ts.tv_sec) * 1_000_000_000 + Int64(header.pointee.ts.tv_usec)
        let bytes = Array(UnsafeBufferPointer(start: data, count: Int(header.pointee.caplen)))
        packets.append(Packet(time: time, originalLength: Int(header.pointee.len), bytes: bytes))
    }
}

/// Everything that `source` yields, and the error it ended with.
func drain(_ source: any CaptureSource) -> (
    packets: [Packet], frames: [Frame], comments: [String?], dropped: UInt64, error: CaptureError?
) {
    var packets: [Packet] = []
    var frames: [Frame] = []
    var comments: [String?] = []
    var dropped: UInt64 = 0
    do throws(CaptureError) {
        while let item = try source.next() {
            switch item {
            case .frame(let frame):
                frames.append(frame)
                comments.append(source.comment)
                let bytes = source.withBytes { bytes in bytes.withUnsafeBytes { Array($0) } }
                packets.append(
                    Packet(time: frame.time.nanoseconds, originalLength: frame.originalLength, bytes: bytes))
            case .dropped(let count): dropped += count
            case .quiet: break
            }
        }
        return (packets, frames, comments, dropped, nil)
    } catch {
        return (packets, frames, comments, dropped, error)
    }
}

/// Runs a tool found on PATH; nil, with a visible line, where it is not installed.
func run(_ tool: String, _ arguments: [String], input: String? = nil) -> (status: Int32, output: String)? {
    let file: ChildProcess.Input = input.map { .file($0) } ?? .empty
    guard let (status, output) = try? ChildProcess.run([tool] + arguments, input: file, errors: .discarded) else {
        return nil
    }
    if status == 127 {
        FileHandle.standardError.write(Data("SKIPPED: \(tool) is not installed\n".utf8))
        return nil
    }
    return (status, String(decoding: output, as: UTF8.self))
}

/// A folder of its own for a test's files, removed with the value.
final class Scratch {
    let path: String

    init() {
        path = FileManager.default.temporaryDirectory.path + "/scope-\(UUID().uuidString)"
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file and returns its path.
    func file(_ name: String, _ bytes: some Sequence<UInt8> = []) -> String {
        let path = path + "/" + name
        _ = FileManager.default.createFile(atPath: path, contents: Data(bytes))
        return path
    }
}

// Not in Glibc's module.
@_silgen_name("capset") private func capset(_ header: UnsafePointer<UInt32>, _ data: UnsafePointer<UInt32>) -> Int32

private final class Box<T>: @unchecked Sendable { var value: T? }

/// What `body` returns on a thread that has no capabilities, so that even root is refused.
func withoutPrivileges<T: Sendable>(_ body: @escaping @Sendable () -> T) -> T {
    let box = Box<T>()
    let done = DispatchSemaphore(value: 0)
    Thread {
        // Version 3 of the interface, this thread; three sets of 64 bits, all empty.
        _ = capset([0x2008_0522, 0], [UInt32](repeating: 0, count: 6))
        box.value = body()
        done.signal()
    }.start()
    done.wait()
    return box.value ?? body()
}
