import AnalysisSupport
import ScopeDissect
import ScopeModel
import ScopeWire
import Testing

@Suite("What is remembered is bounded, and what goes is said")
struct BoundsTests {
    /// `frame` from another address with another initiator SPI: Ethernet, IPv4, UDP 500.
    static func stranger(_ frame: Analysis.MadeFrame, _ number: Int) -> Analysis.MadeFrame {
        var made = frame
        for (offset, shift) in [(26, 24), (27, 16), (28, 8), (29, 0)] {
            made.bytes[offset] = UInt8(truncatingIfNeeded: (0x0a00_0000 + number) >> shift)
        }
        for index in 0..<4 { made.bytes[42 + index] = UInt8(truncatingIfNeeded: number >> (8 * index)) }
        return made
    }

    @Test("half-open attempts push each other out, not the negotiation in their midst")
    func halfOpen() throws {
        guard var dialogue = try Dialogue("51a-raw-esp-main") else { return }
        let ike = dialogue.ike
        let first = dialogue.frames[ike[0]]
        let plain = dialogue.play()
        var crowd: [Analysis.MadeFrame] = []
        var count = 0
        for (index, frame) in dialogue.frames.enumerated() {
            crowd.append(frame)
            guard ike.prefix(7).contains(index) else { continue }
            for _ in 0..<400 {
                count += 1
                crowd.append(Self.stranger(first, count))
            }
        }
        dialogue.frames = crowd
        var limits = Limits()
        limits.ikeSAs = 1000
        let run = dialogue.play(limits)
        #expect(run.inner == plain.inner)
        let evicted = run.events.reduce(0) {
            if case .evicted(let table, let count) = $1.kind, table == "IKE SAs" { return $0 + count }
            return $0
        }
        #expect(evicted >= count - 1000 && evicted > 0)
    }

    @Test("SPIs without end leave the accounts bounded, and the busy one in place")
    func accounts() throws {
        guard var dialogue = try Dialogue("51a-raw-esp-main") else { return }
        let plain = dialogue.play()
        let isESP = { (bytes: [UInt8]) in bytes.count > 42 && bytes[12] == 8 && bytes[13] == 0 && bytes[23] == 50 }
        let esp = try #require(dialogue.frames.first { isESP($0.bytes) })
        // Fewer than the limit come between two packets of one real SA, and more than it in all.
        var crowd: [Analysis.MadeFrame] = []
        var number = 0
        for frame in dialogue.frames {
            crowd.append(frame)
            guard isESP(frame.bytes) else { continue }
            for _ in 0..<200 {
                number += 1
                var other = esp
                for index in 0..<4 {
                    other.bytes[34 + index] = UInt8(truncatingIfNeeded: (0x7700_0000 + number) >> (24 - 8 * index))
                }
                crowd.append(other)
            }
        }
        dialogue.frames = crowd
        var limits = Limits()
        limits.ipsecAccounts = 1500
        let run = dialogue.play(limits)
        #expect(run.inner == plain.inner)
        #expect(run.accounts.count <= 1500)
        #expect(run.events.contains { if case .evicted("IPsec accounts", _) = $0.kind { true } else { false } })
        let kept = run.accounts.filter { $0.verified > 0 }
        #expect(kept.map(\.packets).reduce(0, +) == plain.inner.count)
    }
}
