import AnalysisSupport
import Foundation
import ScopeDissect
import ScopeModel
import ScopeWire
import TestSupport
import Testing

/// No daemon of the lab sets the commit bit: the message is made here, with OpenSSL's command, from the lab's keys.
@Suite("CONNECTED after a commit bit (RFC 2408 section 3.1)")
struct CommitBitTests {
    struct Form: CustomTestStringConvertible, Sendable {
        var exchange: UInt8
        /// The IV is the last block of Quick Mode message 3, else that of an exchange of its own.
        var continues: Bool
        var testDescription: String { "exchange \(exchange), \(continues ? "IV goes on" : "IV anew")" }
    }

    static let forms = [
        Form(exchange: 32, continues: true), Form(exchange: 5, continues: true), Form(exchange: 5, continues: false),
    ]

    @Test("it is opened and proved in each form that peers send", arguments: forms)
    func connected(form: Form) throws {
        guard var dialogue = try Dialogue("51a-raw-esp-main"), let forge = try Forge("51a-raw-esp-main") else { return }
        let places = dialogue.ike
        let (last, third) = (dialogue.frames[places[5]].bytes, dialogue.frames[places[8]])
        let id = Array(third.bytes[62..<66])
        let block = Array((form.continues ? third.bytes : last).suffix(16))
        let iv = form.continues ? block : Array(try Forge.openssl(["dgst", "-sha1", "-binary"], block + id).prefix(16))
        // Notification: the DOI of IPsec, ESP, an SPI of 4 bytes, CONNECTED.
        let notification: [UInt8] = [0, 0, 0, 16, 0, 0, 0, 1, 3, 4, 0x40, 0, 1, 2, 3, 4]
        let message = try forge.message(
            like: Array(third.bytes[42..<70]), exchange: form.exchange, next: 11, payloads: notification, iv: iv)
        var made = third
        made.frame.time = Instant(nanoseconds: third.frame.time.nanoseconds + 1_000_000)
        made.bytes = third.bytes[..<42] + message
        made.bytes.swapEnds()
        made.bytes.setLengths()
        made.frame.capturedLength = made.bytes.count
        made.frame.originalLength = made.bytes.count
        dialogue.frames.insert(made, at: places[8] + 1)
        let run = dialogue.play()
        let seen = run.messages[9]
        #expect(seen.step == (form.exchange == 32 ? .quickMode(4) : .informational))
        #expect(seen.isProved && seen.sender == .responder)
        #expect(seen.readable?.payloads.map(\.type) == [.hash, .notification])
        #expect(run.messages.dropFirst(4).allSatisfy { $0.isProved })
    }
}

/// Makes messages of an IKE SA whose keys the lab knows.
struct Forge {
    private let cipherKey: String
    private let skeyidA: String

    /// Nil, with a visible line, where the lab is absent.
    init?(_ scenario: String) throws {
        guard let path = LabScenario(scenario).path("keys.json"), let bytes = Shared.bytes(path) else { return nil }
        let keys = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]
        let row = (keys?["ike"] as? [[String: Any]])?.first
        guard let key = row?["enc_key"] as? String, let a = row?["SKEYID_a"] as? String else { return nil }
        (cipherKey, skeyidA) = (key, a)
    }

    /// HASH, proved as an Informational is (RFC 2409 section 5.7), and `payloads` of type `next`, encrypted.
    func message(like header: [UInt8], exchange: UInt8, next: UInt8, payloads: [UInt8], iv: [UInt8]) throws -> [UInt8] {
        let hash = try Self.openssl(
            ["dgst", "-sha1", "-binary", "-mac", "HMAC", "-macopt", "hexkey:\(skeyidA)"], header[20..<24] + payloads)
        let plain = [next, 0, 0, UInt8(hash.count + 4)] + hash + payloads
        let padded = plain + [UInt8](repeating: 0, count: (16 - plain.count % 16) % 16)
        let sealed = try Self.openssl(
            ["enc", "-aes-256-cbc", "-nopad", "-K", cipherKey, "-iv", iv.map { String(format: "%02x", $0) }.joined()],
            padded)
        var head = header
        head[16] = 8
        head[18] = exchange
        head[27] = UInt8(28 + sealed.count)
        return head + sealed
    }

    static func openssl(_ arguments: [String], _ input: some Sequence<UInt8>) throws -> [UInt8] {
        let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try Data(input).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let files = arguments.first == "enc" ? ["-in", file.path] : [file.path]
        return try ChildProcess.run(["openssl"] + arguments + files).output
    }
}

extension [UInt8] {
    /// Ethernet, IPv4 and UDP the other way round.
    fileprivate mutating func swapEnds() {
        for (a, b) in [(0..<6, 6..<12), (26..<30, 30..<34), (34..<36, 36..<38)] {
            for (i, j) in zip(a, b) { swapAt(i, j) }
        }
    }

    /// Of IPv4 and UDP; the checksum of UDP is left out.
    fileprivate mutating func setLengths() {
        let (ip, udp) = (count - 14, count - 34)
        replaceSubrange(16..<18, with: [UInt8(ip >> 8), UInt8(ip & 255)])
        replaceSubrange(38..<42, with: [UInt8(udp >> 8), UInt8(udp & 255), 0, 0])
    }
}
