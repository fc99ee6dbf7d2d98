import AnalysisSupport
import Foundation
import IKEScope
import ScopeCrypto
import ScopeModel
import ScopeWire
import TestSupport
import Testing

@testable import ScopeFormatters

/// What a message in the clear says may be anybody's word, and what no key opened is not proved.
@Suite("Show says of an SA whether anything proves it")
struct TrustTests {
    /// Main Mode, Quick Mode, ESP, and deletes.
    private static func tunnel() throws -> Talk { try Talk(of: "main-mode/raw-esp") }

    private func text(
        _ content: ShowFormatter.Content, _ talk: Talk, hasKeys: Bool = false, isJSON: Bool = false
    ) throws -> String {
        let formatter = Supplied(ShowFormatter(content, ShowFormatter.Options(), isJSON: isJSON))
        return talk.analysed(keys: hasKeys ? nil : [], formatter: formatter).text
    }

    private func lines(
        _ content: ShowFormatter.Content, _ talk: Talk, hasKeys: Bool = false
    ) throws -> [[String: Any]] {
        try text(content, talk, hasKeys: hasKeys, isJSON: true).split(separator: "\n").compactMap {
            try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
        }
    }

    /// Behind `talk`, two messages of a Quick Mode in the clear under its cookies, though RFC 2409 section 5.5 has them
    /// encrypted; they make SAs with the SPIs 0x01020304 and 0x05060708.
    private static func withClearQuickMode(_ talk: Talk) throws -> Talk {
        let answer = try talk.message(.mainMode(2))
        var made = talk
        var time = try #require(talk.frames.last).frame.time.nanoseconds
        for (place, spi) in [(Place.mainMode(1), [1, 2, 3, 4] as [UInt8]), (.mainMode(2), [5, 6, 7, 8])] {
            var transform = MadeAssociation.Transform(number: 1, id: 12)
            for (attribute, value) in [
                (MadeAssociation.Attribute.childLifeType, UInt32(1)), (.childLifeDuration, 3600), (.encapsulation, 1),
                (.integrity, 2), (.childKeyLength, 128),
            ] {
                transform.set(attribute, to: value)
            }
            let proposal = MadeAssociation.Proposal(number: 1, protocolID: 3, spi: spi, transforms: [transform])
            // The proxies of the capture's own Quick Mode.
            let proxies: [[UInt8]] = [
                [4, 0, 0, 0, 10, 1, 0, 0, 255, 255, 0, 0], [4, 0, 0, 0, 10, 2, 0, 0, 255, 255, 0, 0],
            ]
            var message = MadeMessage(
                initiatorSPI: answer.initiatorSPI, responderSPI: answer.responderSPI, exchange: 32,
                payloads: [
                    MadeMessage.Payload(.hash, [UInt8](repeating: 7, count: 20)),
                    MadeMessage.Payload(.association, MadeAssociation(proposals: [proposal]).bytes),
                    MadeMessage.Payload(.nonce, [UInt8](repeating: 9, count: 16)),
                ] + proxies.map { MadeMessage.Payload(.identification, $0) })
            message.messageID = 0x0102_0304
            var frame = try talk.frame(place).changing { $0.message = message }
            time += 1_000_000
            frame.frame.time = Instant(nanoseconds: time)
            made.frames.append(frame)
        }
        return made
    }

    @Test("with keys, all is proved")
    func proved() throws {
        let talk = try Self.tunnel()
        for content in [ShowFormatter.Content.isakmpSA, .ipsecSA, .session] {
            #expect(try !text(content, talk, hasKeys: true).contains("unproved"))
            let all = try lines(content, talk, hasKeys: true)
            #expect(!all.isEmpty && (content == .session || all.allSatisfy { $0["proved"] as? Bool == true }))
        }
    }

    @Test("without keys, a tunnel is what it probably is, and said to be unproved")
    func probable() throws {
        let talk = try Self.tunnel()
        let ike = try text(.isakmpSA, talk)
        #expect(ike.contains(" QM_IDLE ") && ike.contains(" ACTIVE (unproved)\n"))
        #expect(!ike.contains("ACTIVE\n"))
        let ipsec = try text(.ipsecSA, talk)
        #expect(ipsec.contains("Status: ACTIVE(ACTIVE), unproved: only its packets show it\n"))
        #expect(!ipsec.contains("ACTIVE(ACTIVE)\n"))
        #expect(try text(.session, talk).contains("Session status: UP-ACTIVE (unproved) "))
        for content in ShowFormatter.Content.allCases {
            #expect(try lines(content, talk).allSatisfy { $0["proved"] as? Bool == false })
        }
    }

    @Test("a Quick Mode in the clear makes no SA")
    func claimed() throws {
        let made = try Self.withClearQuickMode(Self.tunnel().ending(with: .mainMode(2)))
        let ike = try text(.isakmpSA, made)
        #expect(!ike.contains("QM_IDLE") && ike.contains("MM_SA_SETUP"))
        let ipsec = try text(.ipsecSA, made)
        #expect(!ipsec.contains("Status: ACTIVE"))
        #expect(ipsec.contains("Status: ?, unproved: only a Quick Mode in the clear mentions it\n"))
        let rows = try lines(.ipsecSA, made)
        #expect(rows.map { $0["status"] as? String } == ["claimed"])
        #expect(rows.first?["proved"] as? Bool == false)
        #expect(!(try text(.session, made).contains("UP-")))
        // Packets under its SPI make it likelier, and prove nothing.
        var esp = try Self.tunnel().keeping(.esp(1)).changingPackets { $0.spi = 0x0506_0708 }
        esp.frames[0].frame.time = Instant(
            nanoseconds: try #require(made.frames.last).frame.time.nanoseconds + 1_000_000)
        let carried = try lines(.ipsecSA, made.followed(by: esp))
        #expect(carried.map { $0["status"] as? String } == ["alive"])
        #expect(carried.first?["proved"] as? Bool == false)
        #expect(try text(.session, made.followed(by: esp)).contains("Session status: UP-NO-IKE (unproved) "))
    }

    @Test("with keys, a Quick Mode in the clear takes nobody's place")
    func intruder() throws {
        // As it stands before the peers delete their SAs.
        let whole = try Self.tunnel().ending(before: .informational(1))
        let made = try Self.withClearQuickMode(whole)
        func outbound(_ text: String) -> [Substring] {
            text.split(separator: "\n").filter { $0.contains("current outbound spi") && !$0.contains("0x0(") }
        }
        #expect(try outbound(text(.ipsecSA, made, hasKeys: true)) == outbound(text(.ipsecSA, whole, hasKeys: true)))
        let rows = try lines(.ipsecSA, made, hasKeys: true)
        #expect(rows.map { $0["status"] as? String } == ["alive", "claimed"])
        #expect(rows.allSatisfy { $0["replaced_by"] == nil && $0["replaces"] == nil })
    }
}
