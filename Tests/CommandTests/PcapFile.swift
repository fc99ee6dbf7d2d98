import Foundation
import TestSupport

/// A pcap file taken apart and put together, by a few lines of the tests' own.
struct PcapFile {
    /// As many bytes as the format says, in the order of the machine that wrote it.
    private let header: [UInt8]
    /// Record header and data of each frame.
    private(set) var records: [[UInt8]] = []
    private let isLittleEndian: Bool

    /// Nil, with a visible line, where the shared captures are absent.
    init?(lab scenario: String) {
        guard let path = Shared.path("captures/lab/\(scenario)/capture.pcap") else { return nil }
        self.init(path)
    }

    init?(_ path: String) {
        guard let bytes = Shared.bytes(path), bytes.count >= 24 else { return nil }
        header = Array(bytes[..<24])
        isLittleEndian = header[0] == 0xd4 || header[0] == 0x4d
        var at = 24
        while at + 16 <= bytes.count {
            let length = Int(Self.number(bytes, at + 8, isLittleEndian))
            records.append(Array(bytes[at..<(at + 16 + length)]))
            at += 16 + length
        }
    }

    private static func number(_ bytes: [UInt8], _ at: Int, _ isLittleEndian: Bool) -> UInt32 {
        let part = bytes[at..<(at + 4)]
        return (isLittleEndian ? Array(part.reversed()) : Array(part)).reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// Microseconds (lab captures have that resolution).
    func time(_ index: Int) -> Int {
        Int(Self.number(records[index], 0, isLittleEndian)) * 1_000_000
            + Int(Self.number(records[index], 4, isLittleEndian))
    }

    func data(_ index: Int) -> [UInt8] { Array(records[index][16...]) }

    /// A file of these frames alone.
    func file(_ indices: some Sequence<Int>) -> [UInt8] { header + indices.flatMap { records[$0] } }

    var whole: [UInt8] { file(records.indices) }

    /// Whether an Ethernet frame carries IKE (UDP 500, 4500), ESP or AH over IPv4, by its bytes.
    func isIPsec(_ index: Int) -> Bool {
        let frame = data(index)
        guard frame.count >= 34, frame[12] == 8, frame[13] == 0 else { return false }
        if frame[23] == 50 || frame[23] == 51 { return true }
        return isIKE(index)
    }

    func isIKE(_ index: Int) -> Bool {
        let frame = data(index)
        guard frame.count >= 42, frame[12] == 8, frame[13] == 0, frame[23] == 17 else { return false }
        let ports = 14 + Int(frame[14] & 15) * 4
        return [[1, 244], [17, 148]].contains { frame[ports..<(ports + 2)].elementsEqual($0) }
    }
}

/// A folder of its own for a test's files, removed with the value.
final class Scratch {
    let path = FileManager.default.temporaryDirectory.path + "/ikescope-\(UUID().uuidString)"

    init() { try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file, which only its owner can read, and returns its path.
    func file(_ name: String, _ bytes: some Sequence<UInt8> = []) -> String {
        let path = path + "/" + name
        _ = FileManager.default.createFile(
            atPath: path, contents: Data(bytes), attributes: [.posixPermissions: 0o600])
        return path
    }

    func file(_ name: String, _ text: String) -> String { file(name, Array(text.utf8)) }
}
