import AnalysisSupport
import Foundation
import ScopeCrypto
import ScopeFormatters
import TestSupport
import Testing

/// What tshark or IKEScope says of the IKE messages of one frame, in lists of one entry a message.
struct FrameRow: Hashable, CustomStringConvertible {
    /// SPIs, version, exchange type, flags, message ID, length.
    var headers: [[String]]
    /// Types of all payloads that can be read, of all messages of the frame.
    var payloads: [String]

    var description: String { headers.map { $0.joined(separator: ",") }.joined(separator: " ") + " \(payloads)" }

    static let fields = ["ispi", "rspi", "version", "exchangetype", "flags", "messageid", "length", "typepayload"]

    /// Every frame with IKE, without those that ICMP errors quote.
    static func tshark(_ path: String, decryptionTable: [Substring]) throws -> [Int: FrameRow]? {
        var arguments = ["-n", "-r", path, "-Y", "isakmp && !icmp && !icmpv6", "-T", "fields", "-e", "frame.number"]
        for field in fields { arguments += ["-e", "isakmp.\(field)"] }
        for line in decryptionTable { arguments += ["-o", "uat:ikev1_decryption_table:\(line)"] }
        guard let text = try output(of: "tshark", arguments) else { return nil }
        var rows: [Int: FrameRow] = [:]
        for line in text.split(separator: "\n") {
            let cells = line.split(separator: "\t", omittingEmptySubsequences: false)
            guard cells.count == 9, let frame = Int(cells[0]) else { continue }
            let columns = cells[1...8].map { $0.split(separator: ",").map(String.init) }
            let headers = (0..<columns[0].count).map { index in
                (0..<7).map { column in index < columns[column].count ? columns[column][index] : "" }
            }
            // Proposals and transforms are lists inside the SA payload, not links of the chain: RFC 2408 sections 3.5
            // and 3.6, RFC 7296 sections 3.3.1 and 3.3.2.
            rows[frame] = FrameRow(headers: headers, payloads: columns[7].filter { $0 != "2" && $0 != "3" })
        }
        return rows
    }

    static func ours(_ objects: [[String: Any]]) -> [Int: FrameRow] {
        var rows: [Int: FrameRow] = [:]
        for object in objects where object["version"] != nil {
            let row = IKERow(object)
            let version = row.header[6].split(separator: ".").compactMap { UInt8($0) }
            let header = [
                row.header[4], row.header[5], String(format: "0x%x%x", version[0], version[1]), row.header[7],
                row.header[8], row.header[9], row.header[10],
            ]
            let payloads = (object["payloads"] as? [[String: Any]] ?? []).map { "\($0["type"] ?? "")" }
            rows[row.frame, default: FrameRow(headers: [], payloads: [])].headers.append(header)
            rows[row.frame]?.payloads += payloads
        }
        return rows
    }
}

@Suite("Lab captures read as tshark reads them, decrypted with the same keys") struct TsharkTests {
    static let scenarios = Shared.list("captures/lab").filter { !$0.contains(".") }
    static let withoutIKE: Set = ["81-ah-v4", "82-ah-esp-bundle", "83-ipv6"]

    @Test("headers and payload chains of every IKE message", arguments: scenarios)
    func messages(scenario: String) throws {
        let lab = LabScenario(scenario)
        let table = Self.table(lab)
        let keys = table.isEmpty ? nil : try lab.keys("ike-key")
        for file in Shared.list("captures/lab/\(scenario)") where file.contains(".pcap") && !file.hasPrefix("plain") {
            guard let path = lab.path(file), let expected = try Self.read(path, table) else { return }
            let listing = try Listing.of(
                path, keys: keys.map { [$0] } ?? [], with: PacketJSONFormatter(PacketOptions())
            ).listing
            let objects = try listing.objects()
            let found = FrameRow.ours(objects)
            #expect(expected.isEmpty == Self.withoutIKE.contains(scenario), "\(file)")
            compare(found, expected, objects, hasTwoKeys: Self.hasTwoKeys(table), file)
            for object in objects {
                guard let frame = object["frame"] as? Int, let repetition = object["repetition"] as? [String: Any],
                    let first = repetition["of"] as? Int
                else { continue }
                #expect(found[frame]?.payloads == found[first]?.payloads, "\(file) frame \(frame) repeats \(first)")
            }
        }
    }

    private func compare(
        _ found: [Int: FrameRow], _ expected: [Int: FrameRow], _ objects: [[String: Any]], hasTwoKeys: Bool,
        _ file: String
    ) {
        let behind = Self.behindRepeats(objects, hasTwoKeys: hasTwoKeys)
        let malformed = Set(objects.filter { $0["error"] != nil }.compactMap { $0["frame"] as? Int })
        for frame in Set(found.keys).union(expected.keys).sorted() {
            let (ours, theirs) = (found[frame], expected[frame])
            if let ours, let theirs, malformed.contains(frame) {
                expectAlike(ours, theirs, "\(file) frame \(frame)")
            } else if let ours, let theirs, behind.contains(frame) {
                #expect(ours.headers == theirs.headers, "\(file) frame \(frame)")
                #expect(ours.payloads.first == theirs.payloads.first, "\(file) frame \(frame)")
            } else {
                #expect(ours == theirs, "\(file) frame \(frame)")
            }
        }
    }

    /// A message whose lengths contradict its bytes.
    ///
    /// The length of the header counts the whole message (RFC 2408 section 3.1): tshark reads nothing behind one that
    /// reaches past the datagram, where IKEScope shows what is there. The length of a payload counts its own four bytes
    /// (section 3.2): below that nobody can tell where the next one begins, and IKEScope stops, where tshark goes on.
    private func expectAlike(_ ours: FrameRow, _ theirs: FrameRow, _ place: Comment) {
        for (mine, other) in zip(ours.headers, theirs.headers) {
            for (a, b) in zip(mine, other) where !b.isEmpty { #expect(a == b, place) }
        }
        #expect(ours.payloads.starts(with: theirs.payloads) || theirs.payloads.starts(with: ours.payloads), place)
    }

    // MARK: tshark

    private static func table(_ lab: LabScenario) -> [Substring] {
        guard Shared.list("captures/lab/\(lab.name)/wireshark").contains("ikev1_decryption_table"),
            let bytes = lab.path("wireshark/ikev1_decryption_table").flatMap(Shared.bytes)
        else { return [] }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").filter { !$0.hasPrefix("#") }
    }

    private static func hasTwoKeys(_ table: [Substring]) -> Bool {
        Set(table.map { $0.prefix(16) }).count < table.count
    }

    /// tshark knows one key for each initiator SPI: where the two sides have different ones, it is asked once for each,
    /// and of each frame the longest answer counts.
    private static func read(_ path: String, _ table: [Substring]) throws -> [Int: FrameRow]? {
        guard hasTwoKeys(table) else { return try FrameRow.tshark(path, decryptionTable: table) }
        var rows: [Int: FrameRow] = [:]
        for line in table {
            guard let answer = try FrameRow.tshark(path, decryptionTable: [line]) else { return nil }
            rows.merge(answer) { $0.payloads.count >= $1.payloads.count ? $0 : $1 }
        }
        return rows
    }

    /// Encrypted messages of an exchange in which a message was repeated or seen twice, from there on.
    ///
    /// The IV of a message is the last block of the one before (RFC 2409 appendix B), and a copy is no message of its
    /// own; the first IV comes from both public values, and a copy of a KE is none of its own either. tshark moves its
    /// IV along with each copy, so that from there on it reads a wrong first block: what the ISAKMP header names is the
    /// only payload type that it still has right. The same holds for what a responder says that could not read
    /// message 5 (with `hasTwoKeys`): its last block of phase 1 is not that of message 5.
    private static func behindRepeats(_ objects: [[String: Any]], hasTwoKeys: Bool) -> Set<Int> {
        var exchanges: Set<String> = []
        var frames: Set<Int> = []
        for object in objects where object["version"] as? String == "1.0" {
            let exchange = "\(object["initiator_spi"] ?? "") \(object["message_id"] ?? "")"
            let isLost = hasTwoKeys && object["exchange"] as? String == "informational"
            if object["repetition"] != nil || isLost { exchanges.insert(exchange) }
            guard exchanges.contains(exchange), object["decrypted"] as? Bool == true else { continue }
            if let frame = object["frame"] as? Int { frames.insert(frame) }
        }
        return frames
    }
}
