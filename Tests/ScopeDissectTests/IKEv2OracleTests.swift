import ScopeDissect
import ScopeWire
import TestSupport
import Testing

/// Compares with the third part of `oracle.txt` of each lab capture: tshark's reading of every IKE message.
@Suite("IKEv2 messages of the lab") struct IKEv2OracleTests {
    /// What the header says, and the payloads in the clear.
    struct Row: Hashable, CustomStringConvertible {
        var initiatorSPI = ""
        var responderSPI = ""
        var version = ""
        var exchange: UInt8 = 0
        var flags = ""
        var messageID = ""
        var length = ""
        var payloads: [UInt8] = []
        /// The types of notifications in the clear.
        var notifications: [UInt16] = []

        var description: String {
            "\(initiatorSPI) \(responderSPI) \(version) \(exchange) \(flags) \(messageID) \(length) \(payloads) "
                + "\(notifications)"
        }
    }

    static let folders = ["lab", "lab-v2"].flatMap { part in
        Shared.list("captures/\(part)").filter { name in
            !name.contains(".") && (part == "lab-v2" || (name.first.map { "356".contains($0) } ?? false))
        }.map { "captures/\(part)/\($0)" }
    }

    @Test("have the header and the payloads in the clear that tshark reads", arguments: folders)
    func rows(folder: String) throws {
        guard let file = Shared.path("\(folder)/oracle.txt").flatMap(Shared.bytes) else { return }
        let oracle = Self.rows(ofText: String(decoding: file, as: UTF8.self))
        var count = 0
        for packet in IKEPackets.of("\(folder)/capture.pcap") {
            let message = try ISAKMPMessage(bytes: packet.bytes)
            guard message.header.majorVersion == 2 else { continue }
            let expected = try #require(oracle[packet.frame], "frame \(packet.frame) is no IKE message of tshark")
            #expect(Self.row(message) == expected, "frame \(packet.frame)")
            count += 1
        }
        // The rest came in IP fragments, in TCP, on the port of group keys, or is quoted by ICMP.
        let isElsewhere = [
            "-frag", "-fragments", "-tcp", "-gikev2", "-port-unreachable", "-redirect",
        ].contains { folder.contains($0) }
        #expect(count == oracle.values.count { $0.version == "2.0" } || isElsewhere)
    }

    @Test("are found in most folders")
    func present() {
        guard !Self.folders.isEmpty else { return }
        #expect(Self.folders.count > 100)
    }

    private static func row(_ message: ISAKMPMessage) -> Row {
        var row = Row()
        row.initiatorSPI = String(hex: message.header.initiatorSPI, digits: 16)
        row.responderSPI = String(hex: message.header.responderSPI, digits: 16)
        row.version = message.header.versionText
        row.exchange = message.header.exchange.rawValue
        row.flags = String(hex: message.header.flags.rawValue, digits: 2)
        row.messageID = String(hex: message.header.messageID, digits: 8)
        row.length = "\(message.header.length)"
        row.payloads = message.chain.payloads.map(\.type.rawValue)
        row.notifications = message.chain.payloads.compactMap { payload in
            if case .ikev2(.notify(let notify)) = payload.content { notify.type.rawValue } else { nil }
        }
        return row
    }

    // MARK: tshark's text

    private static func rows(ofText text: String) -> [Int: Row] {
        var rows: [Int: Row] = [:]
        var frame = 0
        var isIKE = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: true) {
            if line.hasPrefix("Frame ") {
                frame = Int(line.dropFirst(6).prefix { $0.isNumber }) ?? 0
                isIKE = false
            } else if line.hasPrefix("Internet Security Association") {
                isIKE = true
                rows[frame] = Row()
            } else if isIKE, line.hasPrefix("    ") {
                read(line.dropFirst(4), into: &rows[frame, default: Row()])
            } else {
                isIKE = false
            }
        }
        return rows
    }

    /// A line below the message: fields of the header and payloads have no blanks before them, those of payloads four.
    private static func read(_ line: Substring, into row: inout Row) {
        func value(_ name: String) -> Substring? { line.hasPrefix(name) ? line.dropFirst(name.count) : nil }
        if let text = value("Initiator SPI: ") { row.initiatorSPI = String(text) }
        if let text = value("Responder SPI: ") { row.responderSPI = String(text) }
        if let text = value("Version: ") { row.version = String(text) }
        if let text = value("Exchange type: ") { row.exchange = number(text) ?? 0 }
        if let text = value("Flags: 0x") { row.flags = String(text.prefix(2)) }
        if let text = value("Message ID: 0x") { row.messageID = String(text.prefix(8)) }
        if let text = value("Length: ") { row.length = String(text.prefix { $0.isNumber }) }
        if let text = value("Payload: ") { row.payloads += number(text).map { [$0] } ?? [] }
        if let text = value("    Notify Message Type: ") { row.notifications += number(text).map { [$0] } ?? [] }
    }

    /// The number in the first brackets that hold nothing else.
    private static func number<Value: FixedWidthInteger>(_ text: Substring) -> Value? {
        text.split(separator: "(").dropFirst().lazy.compactMap { Value($0.prefix { $0 != ")" }) }.first
    }
}
