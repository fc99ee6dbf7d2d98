import AnalysisSupport
import Foundation
import ScopeFormatters
import TestSupport
import Testing

/// A row of an oracle on IKE messages: what the header says, and the payload types in wire order.
struct IKERow: Hashable, Comparable, CustomStringConvertible {
    var frame: Int
    var header: [String]
    var payloads: String

    var description: String { "\(frame) \(header.joined(separator: " ")) \(payloads)" }

    static func < (a: IKERow, b: IKERow) -> Bool { a.description < b.description }

    /// What our JSON says, in the words of the oracle.
    init(_ object: [String: Any]) {
        func text(_ key: String) -> String { object[key].map { "\($0)" } ?? "" }
        frame = object["frame"] as? Int ?? 0
        let messageID = UInt32(object["message_id"] as? Int ?? 0)
        header = [
            text("src"), text("dst"), text("sport"), text("dport"), text("initiator_spi"), text("responder_spi"),
            text("version"), text("exchange_type"), String(format: "0x%02x", Self.flags(object)),
            String(format: "0x%08x", messageID), text("length"),
        ]
        let isClosed = object["encrypted"] as? Bool == true && object["decrypted"] as? Bool == false
        payloads =
            isClosed && text("version").hasPrefix("1.")
            ? "E(\(text("next_payload")))" : Self.chain(object["payloads"] as? [[String: Any]] ?? [], object)
    }

    private static func flags(_ object: [String: Any]) -> Int {
        let bits = [
            "encryption": 1, "commit": 2, "authentication-only": 4, "initiator": 8, "version": 16, "response": 32,
        ]
        return (object["flags"] as? [String] ?? []).reduce(0) { sum, name in
            sum | (bits[name] ?? Int(name.dropFirst(2), radix: 16) ?? 0)
        }
    }

    private static func chain(_ payloads: [[String: Any]], _ message: [String: Any]) -> String {
        let stops = message["error"] != nil
        return payloads.enumerated().map { index, payload in
            let type = payload["type"] as? Int ?? 0
            let first = payload["first"] as? Int ?? 0
            if stops, index == payloads.count - 1, payload["error"] != nil { return "\(type)!" }
            switch type {
            case 46 where payload["first"] != nil: return "46(\(first))"
            case 53 where payload["first"] != nil:
                return "53(\(first);\(payload["fragment"] ?? 0)/\(payload["fragments"] ?? 0))"
            default: return "\(type)"
            }
        }.joined(separator: ",")
    }

    init?(tsv line: Substring) {
        let cells = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        guard cells.count == 13, let number = Int(cells[0]) else { return nil }
        frame = number
        header = Array(cells[1..<12])
        payloads = cells[12]
    }
}

@Suite("Headers and payload chains are those of the oracles") struct IKEOracleTests {
    static let captures = Shared.list("captures/public").filter { $0.contains(".pcap") }

    @Test("of every public capture with an oracle", arguments: captures)
    func publicCapture(name: String) throws {
        let stem = name.split(separator: ".")[0]
        guard let path = Shared.path("captures/public/\(name)"),
            Shared.list("captures/public/oracle").contains("\(stem).ike.tsv"),
            let oracle = Shared.path("captures/public/oracle/\(stem).ike.tsv").flatMap(Shared.bytes)
        else { return }
        let expected = String(decoding: oracle, as: UTF8.self).split(separator: "\n").compactMap { IKERow(tsv: $0) }
        let listing = try Listing.of(path, with: PacketJSONFormatter(PacketOptions())).listing
        let found = try listing.objects().filter { $0["protocol"] as? String == "isakmp" }.map { IKERow($0) }
        #expect(!expected.isEmpty)
        #expect(Set(found).subtracting(expected).sorted() == [], "only here")
        #expect(Set(expected).subtracting(found).sorted() == [], "only in the oracle")
        #expect(found.count == expected.count)
    }
}

@Suite("ESP and AH packets are those of the oracles") struct IPsecOracleTests {
    /// One ESP or AH header: frame, protocol, SPI, sequence number.
    struct Row: Hashable, Comparable {
        var frame: Int
        var text: String

        static func < (a: Row, b: Row) -> Bool { (a.frame, a.text) < (b.frame, b.text) }
    }

    @Test("of every public capture with an oracle", arguments: IKEOracleTests.captures)
    func publicCapture(name: String) throws {
        let stem = name.split(separator: ".")[0]
        guard let path = Shared.path("captures/public/\(name)"),
            Shared.list("captures/public/oracle").contains("\(stem).esp.tsv"),
            let oracle = Shared.path("captures/public/oracle/\(stem).esp.tsv").flatMap(Shared.bytes)
        else { return }
        var expected: [Row] = []
        for line in String(decoding: oracle, as: UTF8.self).split(separator: "\n") where !line.hasPrefix("#") {
            let cells = line.split(separator: "\t", omittingEmptySubsequences: false)
            let frame = try #require(Int(cells[0]))
            for (kind, spis, sequences) in [("ah", cells[3], cells[4]), ("esp", cells[7], cells[8])] {
                for (spi, sequence) in zip(spis.split(separator: ","), sequences.split(separator: ",")) {
                    expected.append(Row(frame: frame, text: "\(kind) \(spi) \(sequence)"))
                }
            }
        }
        let listing = try Listing.of(path, with: PacketJSONFormatter(PacketOptions())).listing
        let objects = try listing.objects()
        // ESP without room for its trailer (RFC 4303 section 2): the oracle reads the header and stops there.
        let short = objects.compactMap { object -> Int? in
            let error = object["error"] as? [String: Any]
            return (error?["path"] as? [String]) == ["padding, pad length and next header"]
                ? object["frame"] as? Int : nil
        }
        expected.removeAll { short.contains($0.frame) && $0.text.hasPrefix("esp") }
        let found = objects.compactMap { object -> Row? in
            guard let kind = object["protocol"] as? String, kind != "isakmp", let frame = object["frame"] as? Int,
                let spi = object["spi"], let sequence = object["sequence"]
            else { return nil }
            return Row(frame: frame, text: "\(kind) \(spi) \(sequence)")
        }
        #expect(!expected.isEmpty || !short.isEmpty)
        #expect(found.sorted() == expected.sorted())
    }
}
