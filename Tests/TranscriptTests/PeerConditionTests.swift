import AnalysisSupport
import ScopeFormatters
import ScopeModel
import ScopeWire
import TestSupport
import Testing

@Suite("A condition on one peer shows that peer alone, and all of it")
struct PeerConditionTests {
    private let crowd: Talk

    init() throws { crowd = try Talk(of: "crowd/sixty-peers") }

    /// Frame numbers and conn-ids count over the whole capture: they are taken out.
    static func counted(_ text: String) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            String(line).replacing(/frames? [0-9]+(, [0-9]+)*/, with: "frame #").replacing(
                /\((1[0-9]{3})\)/, with: "(#)")
        }
    }

    @Test("--peer A prints what a capture of A alone prints", arguments: ["10.0.0.1", "10.0.0.37", "10.0.0.60"])
    func onePeer(address: String) throws {
        let all = crowd.analysed(conditions: Conditions([try Condition(peer: address)]), debug: .init())
        let wanted = try #require(IPAddress(address)).bytes
        let own = crowd.frames.filter { made in
            made.packet.map { $0.source == wanted || $0.destination == wanted } ?? false
        }
        #expect(own.count > 10 && own.count < crowd.frames.count / 20)
        let alone = Analysis.playing(own, keys: crowd.keys, debug: .init())
        let others = Set(alone.unusedKeys.map { "! \($0)" })
        let got = Self.counted(all.text)
        let expected = Self.counted(
            alone.text.split(separator: "\n", omittingEmptySubsequences: false).filter { !others.contains(String($0)) }
                .joined(separator: "\n"))
        #expect(got.count > 100)
        #expect(got == expected)
    }

    @Test("several conditions show the peers of all of them, and a subnet those inside it")
    func several() throws {
        func peers(_ conditions: [Condition]) throws -> Set<IPAddress> {
            let run = crowd.analysed(keys: [], conditions: Conditions(conditions))
            return Set(run.messages.compactMap { $0.sa?.initiator.address })
        }
        #expect(
            try peers([Condition(parsing: "peer ipv4 10.0.0.2"), Condition(parsing: "peer ipv4 10.0.0.9")])
                == Set(["10.0.0.2", "10.0.0.9"].compactMap { IPAddress($0) }))
        #expect(try peers([Condition(parsing: "peer subnet 10.0.0.8 255.255.255.252")]).count == 4)
        #expect(try peers([Condition(parsing: "peer ipv6 2001:db8::1")]).isEmpty)
        #expect(try peers([]).count == 60)
    }
}
