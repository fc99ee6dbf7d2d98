import AnalysisSupport
import ScopeDissect
import ScopeModel
import Testing

/// No daemon of the lab sets the commit bit: the message is made here, under the keys of the capture.
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

    private func connected(_ form: Form, _ talk: Talk) throws -> Talk.Addition {
        let id = try talk.message(.quickMode(3)).messageID
        var addition = Talk.Addition(
            exchange: form.exchange, messageID: id,
            payloads: [.notification(16384, protocolID: 3, spi: [1, 2, 3, 4])], isFromInitiator: false)
        addition.restartsIV = !form.continues
        return addition
    }

    @Test("it is opened and proved in each form that peers send", arguments: forms)
    func proved(form: Form) throws {
        let talk = try Talk(of: "main-mode/raw-esp")
        let run = try talk.adding(connected(form, talk), behind: .quickMode(3)).analysed()
        let seen = run.messages[9]
        #expect(seen.step == (form.exchange == 32 ? .v1(.quickMode(4)) : .v1(.informational)))
        #expect(seen.isProved && seen.sender == .responder)
        #expect(seen.readable?.payloads.map(\.type) == [.hash, .notification])
        #expect(run.messages.dropFirst(4).allSatisfy { $0.isProved })
    }

    @Test("one whose HASH is a bit off is not proved in any form", arguments: forms)
    func refuted(form: Form) throws {
        let talk = try Talk(of: "main-mode/raw-esp")
        var addition = try connected(form, talk)
        addition.proof = .wrong
        let run = try talk.adding(addition, behind: .quickMode(3)).analysed()
        #expect(!run.messages[9].isProved)
        #expect(run.messages.enumerated().allSatisfy { $0.offset < 4 || $0.offset == 9 || $0.element.isProved })
    }
}
