import AnalysisSupport
import ScopeModel
import Testing

/// The stages of RFC 2409 section 5: SA, SA, KE, KE, then what proves each side.
@Suite("How far an IKE SA has come, and on what ground it is taken to be up")
struct ProgressTests {
    private let talk: Talk

    init() throws { talk = try Talk(of: "main-mode/raw-esp") }

    private static func stages(_ run: Analysis) -> [Progress.Stage?] { run.messages.map { $0.sa?.progress.stage } }

    @Test("Main Mode goes from stage to stage, and keys prove that it is up")
    func proved() {
        let run = talk.analysed()
        let expected: [Progress.Stage] = [.begun, .answered, .answered, .keyed, .proving, .up]
        #expect(Array(Self.stages(run).prefix(6)) == expected)
        #expect(run.messages[4].sa?.progress.ground == nil && run.messages[5].sa?.progress.ground == .proved)
    }

    @Test("Aggressive Mode is keyed and proves its responder in one message")
    func aggressive() throws {
        let run = try Talk(of: "aggressive-mode/psk").analysed()
        #expect(Array(Self.stages(run).prefix(3)) == [.begun, .proving, .up])
    }

    @Test("without keys the last message alone shows it")
    func seen() throws {
        let run = try talk.ending(with: .quickMode(1)).analysed(keys: [])
        #expect(run.messages[4].sa?.isUp == false && run.messages[5].sa?.progress.ground == .seen)
        // What follows is the weaker ground.
        #expect(run.messages[6].sa?.progress.ground == .seen)
    }

    @Test("without its last message it is inferred from what follows")
    func inferred() throws {
        let run = try talk.dropping(.mainMode(6)).analysed(keys: [])
        #expect(run.messages[4].sa?.isUp == false && run.messages[5].sa?.progress.ground == .inferred)
    }

    /// With a wrong HASH no key counts as the one that opens it.
    @Test("a last message that no key opens is seen, and what keys prove behind it is the better ground")
    func unreadable() throws {
        let run = try talk.resealing(.mainMode(6), proof: .wrong).analysed()
        #expect(run.messages[4].sa?.isUp == false && run.messages[5].sa?.progress.ground == .seen)
        #expect(run.messages[6].sa?.progress.ground == .proved)
    }

    @Test("only what came after the first answer is more than an attempt")
    func halfOpen() {
        #expect(talk.analysed().messages.prefix(3).map { $0.sa?.progress.isHalfOpen } == [true, true, false])
    }
}
