import AnalysisSupport
import ScopeModel
import ScopeWire
import TestSupport
import Testing

@Suite("Any bytes are followed without a trap")
struct HostileInputTests {
    @Test("every capture that ships, is malformed or is public is read to its end", arguments: CapturesAtHand.all)
    func others(path: String) throws {
        let run = try Analysis.of(path)
        #expect(run.events.last.map { $0.ordinal == run.events.count } ?? true)
    }

    @Test(
        "every truncation of IKE messages, with keys, is a message or a fault with its place",
        arguments: ["main-mode/raw-esp", "main-mode/rsa-signatures", "remote-access/xauth-mode-config"])
    func truncations(name: String) throws {
        let talk = try Talk(of: name)
        for place in talk.ike {
            let whole = talk.frames[place]
            let count = try #require(whole.packet?.ike?.count)
            // Each length of the message is a datagram of its own, in one run of the tracker.
            let cut = stride(from: 0, to: count, by: count > 650 ? 7 : 1).map { length in
                whole.changing { packet in packet.ike = packet.ike.map { Array($0.prefix(length)) } }
            }
            var crowd = talk
            crowd.frames.replaceSubrange(place..<place, with: cut)
            let run = crowd.analysed()
            for event in run.events {
                if case .malformed(let packet) = event.kind { #expect(packet.error.offset <= whole.bytes.count) }
            }
            // The whole one is where it was.
            #expect(run.messages.contains { $0.frames.contains(place + cut.count + 1) || $0.ikeFragments > 0 })
        }
    }

    @Test("single flipped bytes anywhere in a negotiation are followed, and never proved where a HASH covers them")
    func flips() throws {
        let talk = try Talk(of: "main-mode/raw-esp")
        let places = talk.places
        for place in talk.ike.prefix(9) {
            let count = try #require(talk.frames[place].packet?.ike?.count)
            for index in stride(from: 0, to: count, by: 3) {
                var changed = talk
                changed.frames[place] = talk.frames[place].changing { $0.ike?[index] ^= 0xff }
                let run = changed.analysed()
                for packet in run.espPackets { if case .malformed = packet.verdict { Issue.record("byte \(index)") } }
                // Of Quick Mode it covers all payloads, and neither the header nor what fills up the last block.
                guard places[place]?.kind == .quickMode, (28..<(count - 16)).contains(index) else { continue }
                let hit = run.messages.filter { $0.frames == [place + 1] }
                #expect(hit.count == 1 && hit.allSatisfy { !$0.isProved }, "byte \(index) of frame \(place + 1)")
            }
        }
    }
}
