import AnalysisSupport
import ScopeDissect
import ScopeModel
import ScopeWire
import TestSupport
import Testing

@Suite("A flood under a real SA's own numbers") struct FloodTests {
    private static func isESP(_ bytes: [UInt8]) -> Bool {
        bytes.count > 42 && bytes[12] == 8 && bytes[13] == 0 && bytes[23] == 50
    }

    private static func set(_ bytes: inout [UInt8], at offset: Int, _ number: Int) {
        for index in 0..<4 { bytes[offset + index] = UInt8(truncatingIfNeeded: number >> (24 - 8 * index)) }
    }

    @Test("first messages with the initiator's SPI, from many addresses, do not hide its negotiation")
    func initiatorSPI() throws {
        guard var dialogue = try Dialogue("51a-raw-esp-main") else { return }
        let plain = dialogue.play()
        let ike = dialogue.ike
        let first = dialogue.frames[ike[0]]
        var crowd: [Analysis.MadeFrame] = []
        var number = 0
        for (index, frame) in dialogue.frames.enumerated() {
            crowd.append(frame)
            // Before the responder answers, and while keys are exchanged.
            guard ike.prefix(4).contains(index) else { continue }
            for _ in 0..<500 {
                number += 1
                var other = first
                Self.set(&other.bytes, at: 26, 0x0a00_0000 + number)
                // The message ID: other bytes, or they would be repeats.
                Self.set(&other.bytes, at: 62, number)
                crowd.append(other)
            }
        }
        dialogue.frames = crowd
        let run = dialogue.play()
        #expect(run.inner == plain.inner && !run.inner.isEmpty)
        #expect(run.messages.count { $0.isProved } == plain.messages.count { $0.isProved })
    }

    @Test("answers with other responder SPIs do not hide the responder's")
    func responderSPIs() throws {
        guard var dialogue = try Dialogue("51a-raw-esp-main") else { return }
        let plain = dialogue.play()
        let ike = dialogue.ike
        let answer = dialogue.frames[ike[1]]
        var crowd: [Analysis.MadeFrame] = []
        for (index, frame) in dialogue.frames.enumerated() {
            crowd.append(frame)
            guard index == ike[1] else { continue }
            for number in 1...2000 {
                var other = answer
                Self.set(&other.bytes, at: 50, 0x7000_0000 + number)
                crowd.append(other)
            }
        }
        dialogue.frames = crowd
        #expect(dialogue.play().inner == plain.inner)
    }

    @Test("packets with an SA's SPI from many addresses stay out of its account's way", arguments: [false, true])
    func spi(isToOthers: Bool) throws {
        guard var dialogue = try Dialogue("51a-raw-esp-main") else { return }
        let plain = dialogue.play()
        var crowd: [Analysis.MadeFrame] = []
        var number = 0
        for frame in dialogue.frames {
            crowd.append(frame)
            guard Self.isESP(frame.bytes) else { continue }
            for _ in 0..<300 {
                number += 1
                var other = frame
                Self.set(&other.bytes, at: 26, 0x0a00_0000 + number)
                if isToOthers { Self.set(&other.bytes, at: 30, 0x0b00_0000 + number) }
                Self.set(&other.bytes, at: 38, 0x0010_0000 + number)
                crowd.append(other)
            }
        }
        dialogue.frames = crowd
        var limits = Limits()
        limits.ipsecAccounts = 1500
        let run = dialogue.play(limits)
        #expect(run.inner == plain.inner && !run.inner.isEmpty)
        #expect(run.accounts.count <= 1500)
    }

    @Test("large messages push each other out, told, and not the small SA in their midst")
    func large() throws {
        guard var dialogue = try Dialogue("51a-raw-esp-main") else { return }
        let plain = dialogue.play()
        let ike = dialogue.ike
        let first = dialogue.frames[ike[0]]
        // Main Mode message 1 whose one transform has 250 attributes.
        let attributes = [UInt8](repeating: 0, count: 1000).enumerated().map { UInt8($0.offset % 4 == 0 ? 0x80 : 11) }
        let transform = [0, 0] + Packets.u16(1008) + [1, 1, 0, 0] + attributes
        let proposal = [0, 0] + Packets.u16(8 + transform.count) + [1, 1, 0, 1] + transform
        let body = [0, 0, 0, 1, 0, 0, 0, 1] + proposal
        var crowd: [Analysis.MadeFrame] = []
        var number = 0
        for (index, frame) in dialogue.frames.enumerated() {
            crowd.append(frame)
            guard ike.prefix(7).contains(index) else { continue }
            for _ in 0..<100 {
                number += 1
                var other = BoundsTests.stranger(first, number)
                other.bytes = Array(other.bytes[..<58]) + [1, 0x10, 2, 0, 0, 0, 0, 0]
                other.bytes += Packets.u32(28 + 4 + body.count) + [0, 0] + Packets.u16(4 + body.count) + body
                other.bytes.setLengths()
                other.frame.capturedLength = other.bytes.count
                other.frame.originalLength = other.bytes.count
                crowd.append(other)
            }
        }
        dialogue.frames = crowd
        var limits = Limits()
        limits.ikeBytes = 1 << 20
        let run = dialogue.play(limits)
        #expect(run.inner == plain.inner && !run.inner.isEmpty)
        let evicted = run.events.reduce(0) {
            if case .evicted("IKE SAs", let count) = $1.kind { return $0 + count }
            return $0
        }
        // Each holds some 250 attributes of 24 bytes, and the body: of 700 fewer than 150 find room.
        #expect(evicted > 500)
    }
}
