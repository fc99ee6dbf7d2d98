import AnalysisSupport
import Foundation
import IKEScope
import ScopeCrypto
import ScopeDissect
import ScopeModel
import ScopeWire
import TestSupport
import Testing

/// Messages that are made and encrypted under the keys that the lab knows.
extension MadeIKETests {
    /// A tunnel without its traffic, and what makes messages of its IKE SA.
    struct Bench {
        var frames: [Analysis.MadeFrame]
        let keys: KeyFile
        private let forge: Forge
        private let header: [UInt8]
        private let block: [UInt8]
        private var count: UInt8 = 0

        init?(_ test: MadeIKETests) throws {
            guard let forge = try Forge("51a-raw-esp-main") else { return nil }
            let (frames, keys) = try test.capture("main-mode/raw-esp")
            let messages = test.udp(frames).map { frames[$0] }
            (self.forge, self.keys) = (forge, keys)
            self.frames = Array(messages.prefix(9))
            header = Array(messages[8].bytes[42..<70])
            block = Array(messages[5].bytes.suffix(16))
        }

        /// Adds an Informational, so many seconds behind the last frame.
        mutating func add(
            _ seconds: Int64, fromResponder: Bool = false, type: UInt8 = 11, _ payload: [UInt8],
            _ proof: Forge.Proof = .first, on test: MadeIKETests
        ) throws {
            count += 1
            var head = header
            head.replaceSubrange(20..<24, with: [0x77, 0x11, 0x22, count])
            let iv = try Forge.iv(after: block, messageID: Array(head[20..<24]))
            let message = try forge.message(
                like: head, exchange: 5, next: type, payloads: payload, iv: iv, proof: proof)
            var made = test.later(frames[frames.count - 1], seconds * 1000)
            var bytes = Array(frames[8].bytes[..<42])
            if fromResponder { bytes.swapEnds() }
            made = test.sized(made, bytes + message)
            frames.append(made)
        }

        /// A notification about the IKE SA.
        func notification(_ type: UInt16, _ data: [UInt8]) -> [UInt8] {
            let spi = Array(header[..<16])
            let length = UInt8(12 + spi.count + data.count)
            return [0, 0, 0, length, 0, 0, 0, 1, 1, 16, UInt8(type >> 8), UInt8(type & 255)] + spi + data
        }

        func question(_ number: UInt8) -> [UInt8] { notification(36136, [0, 0, 0, number]) }
        func answer(_ number: UInt8) -> [UInt8] { notification(36137, [0, 0, 0, number]) }
    }

    /// A question of Dead Peer Detection with this HASH; nil where the lab is absent.
    func hashed(_ proof: Forge.Proof) throws -> Found? {
        guard var bench = try Bench(self) else { return nil }
        try bench.add(1, bench.question(1), proof, on: self)
        return Found(playing: bench.frames, keys: [bench.keys])
    }

    /// RESPONDER-LIFETIME of the IPsec SAs, or another notification about them; nil where the lab is absent.
    func notified(isLifetime: Bool) throws -> Found? {
        guard var bench = try Bench(self) else { return nil }
        let life: [UInt8] = [0x80, 0x01, 0x00, 0x01, 0x80, 0x02, 0x07, 0x08]
        let head: [UInt8] = [0, 0, 0, 24, 0, 0, 0, 1, 3, 4, 0x60, isLifetime ? 0 : 1, 1, 2, 3, 4]
        try bench.add(0, fromResponder: true, head + life, on: self)
        return Found(playing: bench.frames, keys: [bench.keys])
    }

    /// Four questions whose HASH stands there; nil where the lab is absent.
    func questions(_ proof: Forge.Proof) throws -> Found? {
        guard var bench = try Bench(self) else { return nil }
        for number in 1...4 { try bench.add(10, bench.question(UInt8(number)), proof, on: self) }
        return Found(playing: bench.frames, keys: [bench.keys])
    }

    @Test("the HASH of a message is wrong, or right")
    func hash() throws {
        for proof in [Forge.Proof.wrong, .first] {
            guard var bench = try Bench(self) else { return }
            try bench.add(1, bench.question(1), proof, on: self)
            let finding = Found(playing: bench.frames, keys: [bench.keys]).first(.hashPhase2Wrong)
            #expect((finding?.certainty == .proved) == (proof == .wrong))
            #expect(finding.map { $0.frames == [10] } ?? true)
            #expect(Found(playing: bench.frames).first(.hashPhase2Wrong) == nil)
        }
    }

    @Test("RESPONDER-LIFETIME, of either SA")
    func lifetimes() throws {
        for (number, id) in [(UInt8(3), FindingID.p2LifetimeDiffers), (1, .p1LifetimeDiffers)] {
            guard var bench = try Bench(self) else { return }
            let spi: [UInt8] = number == 3 ? [1, 2, 3, 4] : Array(bench.frames[8].bytes[42..<58])
            let life: [UInt8] = [0x80, 0x01, 0x00, 0x01, 0x80, 0x02, 0x07, 0x08]
            let length = UInt8(12 + spi.count + life.count)
            try bench.add(
                0, fromResponder: true,
                [0, 0, 0, length, 0, 0, 0, 1, number, UInt8(spi.count), 0x60, 0x00] + spi + life,
                on: self)
            let found = Found(playing: bench.frames, keys: [bench.keys])
            #expect(found.first(id)?.certainty == .proved && found.first(id)?.severity == .note)
            #expect(found.ids.intersection([.p1LifetimeDiffers, .p2LifetimeDiffers]) == [id])
        }
    }

    @Test("the HASH behind the notification: opened, and why the peer does not answer")
    func order() throws {
        guard var bench = try Bench(self) else { return }
        for number in 1...4 { try bench.add(10, bench.question(UInt8(number)), .last, on: self) }
        let found = Found(playing: bench.frames, keys: [bench.keys])
        let finding = try #require(found.first(.dpdPayloadOrder))
        #expect(finding.certainty == .proved && finding.severity == .error)
        #expect(found.errors.map(\.id) == [.dpdPayloadOrder])
        let run = Analysis.playing(bench.frames, keys: [bench.keys])
        #expect(run.messages.last?.readable?.payloads.map(\.type) == [.notification, .hash])
        #expect(run.messages.last?.liveness != nil)
    }

    @Test("without keys: one side's questions are answered, the other's are not")
    func pattern() throws {
        guard var bench = try Bench(self) else { return }
        for number in 1...3 {
            try bench.add(5, fromResponder: true, bench.question(UInt8(number)), on: self)
            try bench.add(0, bench.answer(UInt8(number)), on: self)
        }
        for number in 1...3 { try bench.add(5, bench.question(UInt8(number)), .last, on: self) }
        try bench.add(2, fromResponder: true, bench.question(9), on: self)
        try bench.add(0, bench.answer(9), on: self)
        #expect(Found(playing: bench.frames).first(.dpdPayloadOrder)?.certainty == .likely)
        // Both are answered.
        guard var well = try Bench(self) else { return }
        for number in 1...4 {
            for isBack in [false, true] {
                try well.add(5, fromResponder: isBack, well.question(UInt8(number)), on: self)
                try well.add(0, fromResponder: !isBack, well.answer(UInt8(number)), on: self)
            }
        }
        for keys in [[well.keys], []] {
            let ids = Found(playing: well.frames, keys: keys).ids
            #expect(
                ids.isDisjoint(with: [.dpdPayloadOrder, .dpdTimeout, .dpdLossButESP, .hashPhase2Wrong]))
        }
    }
}
