import AnalysisSupport
import Foundation
import IKEScope
import ScopeModel
import ScopeWire
import TestSupport
import Testing

/// A finding rests on bytes: where one of them is another, it is not said, or less surely.
///
/// Each row makes a capture twice, of one that ships: with the bytes that the finding rests on, and with one of them changed.
@Suite("A finding that may be proved is not, where one of its bytes is another")
struct NearMissTests {
    struct Row: CustomTestStringConvertible, Sendable {
        let id: FindingID
        /// What is another byte.
        let what: String
        let certainty: Finding.Certainty
        let said: @Sendable () throws -> Found
        let missed: @Sendable () throws -> Found
        var testDescription: String { "\(id.text): \(what)" }

        init(
            _ id: FindingID, _ what: String, _ certainty: Finding.Certainty = .proved,
            said: @escaping @Sendable () throws -> Found, not missed: @escaping @Sendable () throws -> Found
        ) {
            (self.id, self.what, self.certainty) = (id, what, certainty)
            (self.said, self.missed) = (said, missed)
        }
    }

    private static func tunnel() throws -> Talk { try Talk(of: "main-mode/raw-esp") }

    @Test("said with it, and not without", arguments: rows)
    func row(row: Row) throws {
        let said = try #require(try row.said().first(row.id))
        #expect(said.certainty == row.certainty)
        let missed = try row.missed().first(row.id)
        #expect((missed?.certainty.rawValue).map { $0 < said.certainty.rawValue } ?? true, "\(missed?.summary ?? "")")
    }

    @Test("the page of each says on which bytes it rests")
    func documented() throws {
        let text = try String(contentsOfFile: Shared.root + "/docs/findings.md", encoding: .utf8)
        for id in Set(Self.rows.map(\.id)) {
            let section = text.components(separatedBy: "\n### \(id.text)\n").dropFirst().first ?? ""
            let own = section.components(separatedBy: "\n##").first ?? ""
            #expect(own.contains("\n- Rests on: "), "\(id.text)")
        }
    }

    static let rows: [Row] = negotiation + agreed + path + traffic + capture

    // MARK: Phase 1

    /// Message 1 is refused in the clear by a notification; a type, and whether it names the SA.
    private static func refused(_ type: UInt16, namesSA: Bool = true) throws -> Found {
        Found(
            try Talk(of: "failures/phase1-proposal").changing(.informational(1)) { message in
                if !namesSA { message[.notification] = [0, 0, 0, 1, 1, 0] + Packets.u16(Int(type)) }
                message.notifyType = type
            }, hasKeys: false)
    }

    private static let negotiation: [Row] = [
        Row(
            .p1ProposalMismatch, "the SPI of the notification", said: { try refused(14) },
            not: { try refused(14, namesSA: false) }),
        Row(.p1ProposalMismatch, "the type of the notification", said: { try refused(14) }, not: { try refused(24) }),
        Row(
            .versionMismatch, "the type of the notification", .likely, said: { try refused(5) }, not: { try refused(6) }
        ),
        Row(
            .v1MalformedClear, "the type of the notification", .likely, said: { try refused(16) },
            not: { try refused(17) }),
        Row(
            .v1ChosenNotOffered, "the group that is chosen",
            said: { Found(try tunnel().changing(.mainMode(2)) { try $0.set(.group, to: 5) }, hasKeys: false) },
            not: { Found(try tunnel(), hasKeys: false) }),
        Row(
            .p1LifetimeDiffers, "the lifetime that is granted",
            said: { try MadeIKETests().phase1Lifetime(seconds: 28_799) },
            not: { try MadeIKETests().phase1Lifetime(seconds: 28_800) }),
        Row(
            .wrongPeerAddress, "the address that answers", said: { try MadeTests().answered() },
            not: { try MadeTests().answered(fromOther: false) }),
        Row(
            .weakNonceOrCookieReuse, "the initiator's SPI", said: { try MadeIKETests().again(isOther: true) },
            not: { try MadeIKETests().again(isOther: false) }),
        Row(
            .p2LifetimeDiffers, "the type of the notification",
            said: { try MadeSealedTests().notified(isLifetime: true) },
            not: { try MadeSealedTests().notified(isLifetime: false) }),
        Row(
            .hashPhase2Wrong, "the HASH payload", said: { try MadeSealedTests().hashed(.wrong) },
            not: { try MadeSealedTests().hashed(.right) }),
    ]

    // MARK: What was agreed on

    private static func weak(
        _ id: FindingID, _ attribute: MadeAssociation.Attribute, _ weak: UInt32, _ other: UInt32
    ) -> Row {
        Row(
            id, "the value of an attribute", said: { try MadeIKETests().agreed(attribute, weak) },
            not: { try MadeIKETests().agreed(attribute, other) })
    }

    private static let agreed: [Row] = [
        weak(.weakDES, .encryption, 1, 5), weak(.weak3DES, .encryption, 5, 7), weak(.weakOldCipher, .encryption, 3, 7),
        weak(.weakMD5, .hash, 1, 2), weak(.weakSHA1, .hash, 2, 4), weak(.weakIntegObsolete, .hash, 3, 4),
        weak(.weakDH1, .group, 1, 2), weak(.weakDH2And5, .group, 5, 14), weak(.weakDH22To24, .group, 24, 21),
    ]

    // MARK: The path

    /// An ICMP error about the first ESP packet, with a change.
    private static func refusal(
        code: UInt8 = 2, _ change: @Sendable (inout [UInt8]) -> Void = { _ in }
    ) throws -> Found {
        let talk = try tunnel()
        let packet = try talk.packet(.esp(1))
        var error = packet.refused(by: packet.destination, code: code, quoting: 60)
        if case .other(var body) = error.body {
            change(&body)
            error.body = .other(body)
        }
        return Found(
            talk.inserting([error.made(at: try talk.frame(.esp(1)).frame)], behind: try talk.index(of: .esp(1))),
            hasKeys: false)
    }

    private static let path: [Row] = [
        Row(
            .icmpUnreachable, "the type of ICMP", said: { try refusal() }, not: { try refusal { $0[0] = 0 } }),
        Row(
            .icmpUnreachable, "the protocol of the packet that is quoted", said: { try refusal() },
            not: { try refusal { $0[8 + 9] = 47 } }),
        Row(
            .icmpUnreachable, "the code of ICMP", said: { try refusal() }, not: { try refusal(code: 4) }),
        Row(
            .noFloat, "the NAT-D hashes", said: { try MadePathTests.onPort500(isTranslated: true) },
            not: { try MadePathTests.onPort500(isTranslated: false) }),
        Row(
            .portRemap, "the source port", said: { try MadePathTests.otherPort() },
            not: { Found(try Talk(of: "nat/outside")) }),
        Row(
            .duplicateLoop, "the hop limit", said: { try MadePathTests.copies([2, 4, 6, 8]) },
            not: { try MadePathTests.copies([1, 1, 1, 1]) }),
        Row(
            .tcpEncap, "the protocol of IP", said: { try MadePathTests.inTCP() }, not: { Found(try tunnel()) }),
    ]

    // MARK: Traffic

    private static func sealed(flipping index: Int?) throws -> Found {
        let talk = try tunnel()
        return Found(
            try talk.changingPacket(.esp(1)) { packet in
                guard let index, var esp = packet.esp else { return }
                esp[esp.count - index] ^= 1
                packet.esp = esp
            })
    }

    private static let traffic: [Row] = [
        Row(
            .hmacError, "the last byte of the ICV", said: { try sealed(flipping: 1) },
            not: { try sealed(flipping: nil) }),
        Row(
            .espSeqWrap, "the sequence number", said: { try MadePathTests.sequence(0xff00_0009) },
            not: { try MadePathTests.sequence(0x100) }),
        Row(
            .spiReserved, "the SPI", said: { Found(try tunnel().changingPackets { if $0.isESP { $0.spi = 255 } }) },
            not: { Found(try tunnel().changingPackets { if $0.isESP { $0.spi = 256 } }) }),
        Row(
            .clearLeak, "the identification of the packet in the clear",
            said: { try MadePathTests.clear(MadePathTests.isOther) },
            not: { try MadePathTests.clear(MadePathTests.isInside) }),
        Row(
            .capBothSidesOfCrypto, "the identification of the packet in the clear",
            said: { try MadePathTests.clear(MadePathTests.isInside) },
            not: { try MadePathTests.clear(MadePathTests.isOther) }),
        Row(
            .oldSPIUsed, "the time", said: { try MadePathTests.oldSPI(seconds: 120) },
            not: { try MadePathTests.oldSPI(seconds: 20) }),
    ]

    // MARK: The capture

    /// Message 1 again within a millisecond, in the same IP packet or in another one.
    private static func again(_ identification: UInt16) throws -> Found {
        Found(
            try tunnel().ending(with: .mainMode(2)).changingPacket(.mainMode(1)) { $0.identification = 0x1234 }
                .repeating(.mainMode(1), after: 0.000_5) { $0.identification = identification }, hasKeys: false)
    }

    /// Frames a microsecond apart, and the last one `late` nanoseconds later.
    private static func counted(late: Int64) throws -> Found {
        var talk = try tunnel().ending(with: .mainMode(6))
        for index in talk.frames.indices {
            talk.frames[index].frame.time = Instant(nanoseconds: 1_700_000_000_000_000_000 + 1000 * Int64(index))
        }
        if let last = talk.frames.indices.last { talk.frames[last].frame.time.nanoseconds += late }
        return Found(talk, hasKeys: false)
    }

    private static let capture: [Row] = [
        Row(.capDuplicates, "the identification of IP", said: { try again(0x1234) }, not: { try again(0x1235) }),
        Row(.capTimeStep, "one time stamp", said: { try counted(late: 0) }, not: { try counted(late: 1_000_000) }),
        Row(
            .capSnaplen, "the length on the wire",
            said: {
                var talk = try tunnel()
                talk.frames[talk.esp[0]].frame.originalLength += 1
                return Found(talk, hasKeys: false)
            }, not: { Found(try tunnel(), hasKeys: false) }),
        Row(
            .capOffload, "the checksum of UDP", said: { try MadePathTests.checksum(isOfPseudoHeader: true) },
            not: { try MadePathTests.checksum(isOfPseudoHeader: false) }),
        Row(
            .capLateStart, "which message is the first",
            said: { Found(try tunnel().beginning(with: .mainMode(3)), hasKeys: false) },
            not: { Found(try tunnel(), hasKeys: false) }),
    ]
}
