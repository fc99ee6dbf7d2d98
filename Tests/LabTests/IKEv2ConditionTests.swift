import AnalysisSupport
import ScopeCrypto
import ScopeModel
import TestSupport
import Testing

/// Two tunnels of IKEv2 at the same time, one of them with EAP: a condition on its names shows it alone, and whole.
@Suite("Conditions find IKEv2 by what EAP and identities tell") struct IKEv2ConditionTests {
    /// The frames of both in turn, and which are those of the first; nil, with a visible line, where the lab is absent.
    private static func crowd(_ name: String) throws -> (frames: [Analysis.MadeFrame], own: Set<Int>, keys: [KeyFile])?
    {
        guard let first = IKEv2Scenario.named(name), let second = IKEv2Scenario.named("30a-v2-psk"),
            let path = first.path("capture.pcap"), let other = second.path("capture.pcap"),
            let keys = try first.keys("dh-shared"), let more = try second.keys("dh-shared")
        else { return nil }
        let (mine, theirs) = (try Analysis.frames(path), try Analysis.frames(other))
        var (frames, own): ([Analysis.MadeFrame], Set<Int>) = ([], [])
        for turn in 0..<max(mine.count, theirs.count) {
            if turn < mine.count {
                frames.append(mine[turn])
                own.insert(frames.count)
            }
            if turn < theirs.count { frames.append(theirs[turn]) }
        }
        return (frames, own, [keys, more])
    }

    /// `received EAP identity 'carol'` and the identities of `established between` in the logs.
    @Test(
        "a user, or a name that a side gave, brings its session from its first message on",
        arguments: [
            ("120a-v2-eap-mschapv2", "peer username carol"),
            ("120a-v2-eap-mschapv2", "peer username carol@lab.example"),
            ("120a-v2-eap-mschapv2", "peer hostname right.lab.example"),
            ("122a-v2-eap-tls", "peer username carol@lab.example"),
            ("124a-v2-eap-md5", "peer username carol@lab.example"),
        ])
    func session(name: String, condition: String) throws {
        guard let (frames, own, keys) = try Self.crowd(name) else { return }
        let all = Analysis.playing(frames, keys: keys)
        let run = Analysis.playing(frames, keys: keys, conditions: Conditions([try Condition(parsing: condition)]))
        let expected = all.messages.map(\.frames).filter { own.isSuperset(of: $0) }
        #expect(!expected.isEmpty && expected.count < all.messages.count)
        #expect(run.messages.map(\.frames) == expected)
        #expect(run.messages.first?.step.isFirst == true)
        #expect(
            run.espPackets.count
                == all.events.count { event in
                    if case .esp = event.kind { own.contains(event.frame) } else { false }
                })
    }

    @Test(
        "a user of nobody shows nothing",
        arguments: ["peer username dave", "peer username right.lab.example", "connid 1001"])
    func nobody(condition: String) throws {
        guard let (frames, _, keys) = try Self.crowd("120a-v2-eap-mschapv2") else { return }
        #expect(
            Analysis.playing(frames, keys: keys, conditions: Conditions([try Condition(parsing: condition)])).events
                .isEmpty)
    }
}
