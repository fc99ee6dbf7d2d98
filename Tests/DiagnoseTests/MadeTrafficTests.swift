import AnalysisSupport
import IKEScope
import ScopeModel
import ScopeWire
import TestSupport
import Testing

/// Who is who, what is in the capture, and what a path carries: captures that ship with a few packets changed.
@Suite("Faults of the traffic made of a working tunnel")
struct MadeTrafficTests {
    private static func tunnel() throws -> Talk { try Talk(of: "main-mode/raw-esp") }

    // MARK: Sequence numbers

    /// The last ESP packet has this sequence number.
    static func sequence(_ number: UInt32) throws -> Found {
        let talk = try tunnel()
        return Found(try talk.changingPacket(.esp(talk.esp.count)) { $0.sequence = number }, hasKeys: false)
    }

    @Test("numbers that nobody can have sent in the time, and some that are missing")
    func jump() throws {
        let found = try Self.sequence(0x4000_0000)
        let finding = try #require(found.first(.espSeqJump))
        #expect(finding.severity == .warning && finding.certainty == .likely && found.first(.espLoss) == nil)
        let lossy = try Self.sequence(0x100)
        #expect(lossy.first(.espSeqJump) == nil && lossy.first(.espLoss) != nil)
    }

    /// All sequence numbers read backwards, or as they are.
    static func byteOrder(isSwapped: Bool) throws -> Found {
        var talk = try tunnel()
        let esp = talk.keeping(where: \.isESP)
        // More of each direction, as one or two tell nothing.
        for round in 1...4 {
            var more = esp.later(seconds: Double(round) * 10)
            more = more.changingPackets { packet in packet.sequence = packet.sequence.map { $0 + UInt32(round * 2) } }
            talk = talk.followed(by: more)
        }
        guard isSwapped else { return Found(talk, hasKeys: false) }
        return Found(
            talk.changingPackets { packet in
                if packet.isESP { packet.sequence = packet.sequence?.byteSwapped }
            }, hasKeys: false)
    }

    // MARK: Reflection

    /// The first ESP packet comes back with its addresses exchanged, or once more as it was.
    static func back(isReflected: Bool) throws -> Found {
        let talk = try tunnel()
        return Found(
            try talk.repeating(.esp(1), after: 0.02) { packet in
                if isReflected { swap(&packet.source, &packet.destination) }
            })
    }

    @Test("a packet that comes back byte for byte, and one that is sent again")
    func reflected() throws {
        let found = try Self.back(isReflected: true)
        let finding = try #require(found.first(.reflected))
        #expect(finding.certainty == .proved && finding.severity == .warning)
        #expect(found.first(.capDuplicates) == nil)
        #expect(try Self.back(isReflected: false).first(.reflected) == nil)
    }

    // MARK: NAT

    /// ESP of the initiator comes from another port than its IKE, or from the same one.
    static func mappings(isOther: Bool, hasKeys: Bool) throws -> Found {
        let talk = try Talk(of: "nat/outside")
        let initiator = talk.initiator
        return Found(
            talk.changingPackets { packet in
                if isOther, packet.isESP, packet.source == initiator { packet.ports?.source += 1000 }
            }, hasKeys: hasKeys)
    }

    @Test("ESP from another port than IKE", arguments: [false, true])
    func mappings(hasKeys: Bool) throws {
        let finding = try #require(try Self.mappings(isOther: true, hasKeys: hasKeys).first(.natTwoMappings))
        #expect(finding.severity == .warning && finding.certainty == .likely)
        #expect(try Self.mappings(isOther: false, hasKeys: hasKeys).first(.natTwoMappings) == nil)
    }

    // MARK: MTU

    /// A large segment that is sent six times, each time after twice as long, and no ICMP error; or at steady intervals.
    static func blackhole(isBackingOff: Bool, hasKeys: Bool = true) throws -> Found {
        var talk = try Talk(of: "cases/mtu-ptb-1400").dropping { $0.protocolNumber == 1 }
        guard !isBackingOff else { return Found(talk, hasKeys: hasKeys) }
        var count = 0
        let start = try talk.frame(.esp(4)).frame.time.nanoseconds
        for index in talk.frames.indices {
            guard let packet = talk.frames[index].packet, packet.isESP, packet.payload.count > 1000 else { continue }
            let time = start + Int64(count) * 400_000_000
            talk.frames[index] = talk.frames[index].later(nanoseconds: time - talk.frames[index].frame.time.nanoseconds)
            count += 1
        }
        return Found(talk, hasKeys: hasKeys)
    }

    @Test("large packets without an answer, sent again as TCP does, and sent at steady intervals")
    func blackhole() throws {
        for hasKeys in [true, false] {
            let finding = try #require(try Self.blackhole(isBackingOff: true, hasKeys: hasKeys).first(.mtuBlackhole))
            #expect(finding.severity == .warning && finding.certainty == (hasKeys ? .likely : .possible))
            #expect(try Self.blackhole(isBackingOff: false, hasKeys: hasKeys).first(.mtuBlackhole) == nil)
        }
        #expect(try ShippedTests.found("cases/mtu-ptb-1400").first(.mtuBlackhole) == nil)
    }

    // MARK: Lifetime

    /// Answers end so many seconds after the tunnel of an hour came up, while questions go on.
    static func lifetime(endsAt seconds: Double) throws -> Found {
        var talk = try Talk(of: "cases/l2tp-one-hour")
        let responder = try talk.packet(.mainMode(2)).source
        let made = try talk.frame(.quickMode(1)).frame.time.nanoseconds
        talk.frames.removeAll { frame in
            guard let packet = frame.packet, packet.isESP, packet.source == responder else { return false }
            return Double(frame.frame.time.nanoseconds - made) / 1e9 > seconds
        }
        return Found(talk)
    }

    @Test("answers that end at the lifetime, and long before it")
    func lifetime() throws {
        let finding = try #require(try Self.lifetime(endsAt: 3600).first(.lifetimeExpired))
        #expect(finding.severity == .error && finding.certainty == .likely)
        #expect(try Self.lifetime(endsAt: 1000).first(.lifetimeExpired) == nil)
        #expect(try Self.lifetime(endsAt: 1000).first(.oneWayInner) != nil)
    }
}
