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
