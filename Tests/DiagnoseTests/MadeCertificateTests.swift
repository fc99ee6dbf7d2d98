import AnalysisSupport
import ScopeModel
import ScopeWire
import TestSupport
import Testing

/// Faults of certificates and clocks, made of negotiations that work or fail in another way.
@Suite("Faults of certificates and clocks made of other negotiations")
struct MadeCertificateTests {
    /// The responder's signature is another one than its certificate's key makes, or the one that it is.
    func signature(isWrong: Bool, hasKeys: Bool) throws -> Found {
        // The answer comes in two fragments of IKE, of which the second one ends with the signature.
        let talk = try Talk(of: "certificates/aggressive-ecdsa").keeping(where: \.isIKE)
            .ending(with: .quickMode(1))
        let last = try #require(talk.ike.last { talk.frames[$0].packet?.message?[.fragment] != nil })
        var changed = talk
        changed.frames[last] = try talk.frames[last].changing { packet in
            var fragment = try #require(packet.message?[.fragment])
            if isWrong { fragment[fragment.count - 1] ^= 1 }
            packet.message?[.fragment] = fragment
        }
        // Message 3 shows that the keys are right.
        return Found(changed, hasKeys: hasKeys)
    }

    @Test("a signature that is not by the certificate's key")
    func signature() throws {
        let finding = try #require(try signature(isWrong: true, hasKeys: true).first(.sigInvalid))
        #expect(finding.severity == .error && finding.certainty == .proved)
        #expect(try signature(isWrong: false, hasKeys: true).first(.sigInvalid) == nil)
        #expect(try signature(isWrong: true, hasKeys: false).first(.sigInvalid) == nil)
    }

    @Test("without keys: the two sides ask for certificates of different CAs, or of one")
    func authorities() throws {
        let talk = try Talk(of: "failures/untrusted-ca")
        let request = try #require(try talk.message(.mainMode(4))[.certificateRequest])
        // "Lab Root CA 2" is what message 4 asks for; message 3 asks for another, or for the same.
        func found(_ authority: Character) throws -> Found {
            let asked = request.dropLast() + [try #require(authority.asciiValue)]
            return Found(
                try talk.changing(.mainMode(3)) { $0[.certificateRequest] = Array(asked) }, hasKeys: false)
        }
        let finding = try #require(try found("1").first(.certNotTrusted))
        #expect(finding.certainty == .likely && finding.severity == .error && !finding.lookAlikes.isEmpty)
        let same = try found("2")
        #expect(same.first(.certNotTrusted) == nil && same.first(.idMismatch)?.certainty == .possible)
    }

    @Test("a certificate that the responder answers with silence is a failure all the same")
    func silence() throws {
        // Everything but the refusal, without NAT traversal, and message 5 sent again.
        let talk = try Talk(of: "failures/untrusted-ca").keeping(where: \.isIKE).ending(before: .informational(1))
            .changingPackets { packet in
                let message = packet.message
                packet.ports = (500, 500)
                packet.message = message
                for index in packet.message?.payloads.indices ?? 0..<0 {
                    if packet.message?.payloads[index].type == .natDiscovery {
                        packet.message?.payloads[index].type = .vendorID
                    }
                }
            }
        let fifth = talk.keeping { $0.message?[.fragment] != nil }
        let silent = talk.followed(by: fifth.later(seconds: 4).changingPackets { $0.identification ^= 0x55 })
        let blind = Found(silent, hasKeys: false)
        #expect(blind.errors.map(\.id) == [.idMismatch] && blind.errors.first?.certainty == .possible)
        #expect(blind.errors.first?.lookAlikes.contains { $0.contains(FindingID.certNotTrusted.text) } ?? false)
        // With keys the CA is seen; that it is refused is not.
        #expect(Found(silent).first(.certNotTrusted)?.certainty == .likely)
    }

    /// A negotiation with certificates, as if it were of so many years ago.
    func certificates(yearsAgo years: Int) throws -> Found {
        Found(try Talk(of: "certificates/ecdsa-chain").later(seconds: Double(-years * 365 * 86_400)))
    }

    @Test("a certificate of the future, and a clock in a vendor ID")
    func clock() throws {
        let future = try #require(try certificates(yearsAgo: 10).first(.clockSkew))
        #expect(future.certainty == .possible && future.severity == .note)
        #expect(try certificates(yearsAgo: 0).first(.clockSkew) == nil)

        let talk = try Talk(of: "main-mode/raw-esp")
        let time = try talk.frame(.mainMode(1)).frame.time.nanoseconds / 1_000_000_000
        func found(_ offset: Int64) throws -> Finding? {
            let clock = MadeMessage.Payload.checkPoint(seconds: UInt32(truncatingIfNeeded: time + offset))
            return Found(try talk.changing(.mainMode(1)) { $0.payloads.insert(clock, at: 0) }, hasKeys: false)
                .first(.clockSkew)
        }
        let behind = try #require(try found(-7_200))
        #expect(behind.certainty == .likely && behind.summary.contains("2 h behind"))
        #expect(try found(30) == nil)
    }
}

extension MadeMessage.Payload {
    /// Check Point's vendor ID, which has its clock in it: 20 bytes, product, version, time, reserved, features.
    static func checkPoint(seconds: UInt32) -> MadeMessage.Payload {
        let name: [UInt8] = [
            0xf4, 0xed, 0x19, 0xe0, 0xc1, 0x14, 0xeb, 0x51, 0x6f, 0xaa, 0xac, 0x0e, 0xe3, 0x7d, 0xaf, 0x28, 0x07, 0xb4,
            0x38, 0x1f,
        ]
        return MadeMessage.Payload(
            .vendorID,
            name + [0, 0, 0, 1, 0, 0, 0x13, 0x8d] + Packets.u32(Int(seconds)) + [0, 0, 0, 0, 0, 0, 0, 0])
    }
}
