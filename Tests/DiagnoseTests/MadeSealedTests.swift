import AnalysisSupport
import ScopeDissect
import ScopeModel
import TestSupport
import Testing

/// Messages more in the IKE SA of a tunnel, encrypted and proved under its keys.
@Suite("Faults of encrypted messages, added to a working tunnel")
struct MadeSealedTests {
    /// A tunnel before its first ESP packet, to which Informationals are added one behind the other.
    private struct Bench {
        private(set) var talk: Talk
        private let cookies: [UInt8]
        private var count: UInt32 = 0

        init() throws {
            talk = try Talk(of: "main-mode/raw-esp").keeping(where: \.isIKE).ending(with: .quickMode(3))
            let message = try talk.message(.quickMode(3))
            cookies = Packets.u64(message.initiatorSPI) + Packets.u64(message.responderSPI)
        }

        /// So many seconds behind the last message; `change` says what is odd about this one.
        mutating func add(
            _ payload: MadeMessage.Payload, after seconds: Double, isFromInitiator: Bool = true,
            _ change: (inout Talk.Addition) -> Void = { _ in }
        ) throws {
            var addition = Talk.Addition(
                messageID: 0x7711_2201 + count, payloads: [payload], isFromInitiator: isFromInitiator)
            change(&addition)
            talk = try talk.adding(
                addition, behind: count == 0 ? .quickMode(3) : .informational(Int(count)), after: seconds)
            count += 1
        }

        /// A notification about the IKE SA.
        private func notification(_ type: UInt16, _ data: [UInt8]) -> MadeMessage.Payload {
            .notification(type, protocolID: 1, spi: cookies, data: data)
        }

        /// R-U-THERE and R-U-THERE-ACK (RFC 3706 section 5.2).
        func question(_ number: UInt8) -> MadeMessage.Payload { notification(36136, [0, 0, 0, number]) }
        func answer(_ number: UInt8) -> MadeMessage.Payload { notification(36137, [0, 0, 0, number]) }

        /// RESPONDER-LIFETIME of 1800 s (RFC 2407 section 4.6.3.1), or REPLAY-STATUS, about SAs of a protocol.
        func lifetime(of protocolID: UInt8, isLifetime: Bool = true) -> MadeMessage.Payload {
            let life: [UInt8] = [0x80, 0x01, 0x00, 0x01, 0x80, 0x02, 0x07, 0x08]
            return .notification(
                isLifetime ? 24_576 : 24_577, protocolID: protocolID, spi: protocolID == 1 ? cookies : [1, 2, 3, 4],
                data: life)
        }
    }

    /// A question of Dead Peer Detection with this HASH.
    func hashed(_ proof: Talk.Proof) throws -> Found {
        var bench = try Bench()
        try bench.add(bench.question(1), after: 1) { $0.proof = proof }
        return Found(bench.talk)
    }

    /// RESPONDER-LIFETIME of the IPsec SAs, or another notification about them.
    func notified(isLifetime: Bool) throws -> Found {
        var bench = try Bench()
        try bench.add(bench.lifetime(of: 3, isLifetime: isLifetime), after: 0.1, isFromInitiator: false)
        return Found(bench.talk)
    }

    /// Four questions whose HASH comes first or last.
    func questions(hashIsLast: Bool) throws -> Found {
        var bench = try Bench()
        for number in 1...4 {
            try bench.add(bench.question(UInt8(number)), after: 10) { $0.hashIsLast = hashIsLast }
        }
        return Found(bench.talk)
    }

    @Test("the HASH of a message is wrong, or right", arguments: [Talk.Proof.wrong, .right])
    func hash(proof: Talk.Proof) throws {
        let finding = try hashed(proof).first(.hashPhase2Wrong)
        #expect((finding?.certainty == .proved) == (proof == .wrong))
        // Nine messages before it.
        #expect(finding.map { $0.frames == [10] } ?? true)
        var bench = try Bench()
        try bench.add(bench.question(1), after: 1) { $0.proof = proof }
        #expect(Found(bench.talk, hasKeys: false).first(.hashPhase2Wrong) == nil)
    }

    @Test(
        "RESPONDER-LIFETIME, of either SA",
        arguments: [(UInt8(3), FindingID.p2LifetimeDiffers), (1, .p1LifetimeDiffers)])
    func lifetimes(protocolID: UInt8, id: FindingID) throws {
        var bench = try Bench()
        try bench.add(bench.lifetime(of: protocolID), after: 0.1, isFromInitiator: false)
        let found = Found(bench.talk)
        #expect(found.first(id)?.certainty == .proved && found.first(id)?.severity == .note)
        #expect(found.ids.intersection([.p1LifetimeDiffers, .p2LifetimeDiffers]) == [id])
    }

    @Test("the HASH behind the notification: opened, and why the peer does not answer")
    func order() throws {
        var bench = try Bench()
        for number in 1...4 { try bench.add(bench.question(UInt8(number)), after: 10) { $0.hashIsLast = true } }
        let found = Found(bench.talk)
        let finding = try #require(found.first(.dpdPayloadOrder))
        #expect(finding.certainty == .proved && finding.severity == .error)
        #expect(found.errors.map(\.id) == [.dpdPayloadOrder])
        let run = bench.talk.analysed()
        #expect(run.messages.last?.readable?.payloads.map(\.type) == [.notification, .hash])
        #expect(run.messages.last?.liveness != nil)
    }

    @Test("without keys: one side's questions are answered, the other's are not")
    func pattern() throws {
        var bench = try Bench()
        for number in 1...3 {
            try bench.add(bench.question(UInt8(number)), after: 5, isFromInitiator: false)
            try bench.add(bench.answer(UInt8(number)), after: 0.01)
        }
        for number in 1...3 { try bench.add(bench.question(UInt8(number)), after: 5) { $0.hashIsLast = true } }
        try bench.add(bench.question(9), after: 2, isFromInitiator: false)
        try bench.add(bench.answer(9), after: 0.01)
        #expect(Found(bench.talk, hasKeys: false).first(.dpdPayloadOrder)?.certainty == .likely)
    }

    @Test("both sides' questions are answered: nothing is wrong", arguments: [true, false])
    func answered(hasKeys: Bool) throws {
        var bench = try Bench()
        for number in 1...4 {
            for isFromInitiator in [true, false] {
                try bench.add(bench.question(UInt8(number)), after: 5, isFromInitiator: isFromInitiator)
                try bench.add(bench.answer(UInt8(number)), after: 0.01, isFromInitiator: !isFromInitiator)
            }
        }
        let ids = Found(bench.talk, hasKeys: hasKeys).ids
        #expect(ids.isDisjoint(with: [.dpdPayloadOrder, .dpdTimeout, .dpdLossButESP, .hashPhase2Wrong]))
    }
}
