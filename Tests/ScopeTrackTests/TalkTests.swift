import AnalysisSupport
import Foundation
import ScopeModel
import ScopeWire
import TestSupport
import Testing

@Suite("The builder of dialogues changes what it is asked to change, and nothing else") struct TalkTests {
    /// 3DES and AES, SHA-1 and SHA-2, both modes of phase 1, XAUTH, rekeying, signatures.
    static let names = [
        "main-mode/raw-esp", "main-mode/psk-aes256", "main-mode/psk-3des", "quick-mode/pfs-group14",
        "aggressive-mode/psk", "remote-access/xauth-mode-config", "rekey/raw-esp-rekey", "main-mode/both-initiate",
        "interop/strongswan-libreswan", "esp/aes-gcm", "failures/different-psk",
    ]

    @Test("a talk that is opened and sealed again is the same to the byte", arguments: names)
    func unchanged(name: String) throws {
        let talk = try Talk(of: name)
        var opened = 0
        let again = try talk.resealing { _, message in
            if message.isEncrypted, message.closed == nil { opened += 1 }
        }
        #expect(opened > (name == "failures/different-psk" ? 0 : 4))
        let isSame = zip(talk.frames, again.frames).allSatisfy { $0.bytes == $1.bytes }
        #expect(isSame && talk.frames.count == again.frames.count)
    }

    @Test("packets and messages that are taken apart and put together are the same", arguments: names)
    func parts(name: String) throws {
        for made in try Talk(of: name).frames {
            guard let packet = made.packet, let message = packet.message else { continue }
            var copy = packet
            copy.message = message
            #expect(copy.datagram == packet.datagram)
            #expect(message.bytes == packet.ike)
            if let association = message.association { #expect(association.bytes == message[.association]) }
            #expect(packet.bytes.dropFirst(34) == made.bytes.dropFirst(34))
        }
    }

    private let talk: Talk

    init() throws { talk = try Talk(of: "main-mode/raw-esp") }

    /// tshark, with the key that the lab's daemons logged, is what says that the builder encrypts and chains rightly.
    @Test("tshark opens a message that was sealed anew, and those behind it")
    func tshark() throws {
        let sealed = try talk.resealing(.quickMode(1)) { try $0.set(.childLifeDuration, to: 4711) }
        let file = FileManager.default.temporaryDirectory.appending(path: "talk-\(UUID().uuidString).pcap")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(sealed.capture).write(to: file)
        let table = try #require(LabScenario("51a-raw-esp-main").path("wireshark/ikev1_decryption_table"))
        let lines = String(decoding: Shared.bytes(table) ?? [], as: UTF8.self).split(separator: "\n")
        let line = try #require(lines.first { !$0.hasPrefix("#") })
        let (status, output) = try ChildProcess.run(
            [
                "tshark", "-n", "-r", file.path, "-o", "uat:ikev1_decryption_table:\(line)", "-Y",
                "isakmp.exchangetype == 32", "-T", "fields", "-e", "isakmp.typepayload", "-e",
                "isakmp.ipsec.attr.life_duration", "-e", "isakmp.ike.attr.life_duration",
            ], errors: .discarded)
        guard status != 127 else { return print("SKIPPED: sealing for tshark: it is not installed") }
        let rows = String(decoding: output, as: UTF8.self).split(separator: "\n").map {
            $0.split(separator: "\t", omittingEmptySubsequences: false)
        }
        // SA, proposal, transform, nonce, two identities behind the HASH; the HASH alone in the third message.
        #expect(rows.map { $0.first ?? "" } == ["8,1,2,3,10,5,5", "8,1,2,3,10,5,5", "8"])
        #expect(rows.first?.dropFirst().joined().contains("4711") == true, "\(rows)")
        let run = sealed.analysed()
        #expect(run.messages.dropFirst(4).allSatisfy { $0.isProved })
    }

    @Test("another nonce in Quick Mode is proved in all three messages, and makes other keys")
    func nonce() throws {
        let run = try talk.resealing(.quickMode(1)) { $0[.nonce]?[0] ^= 1 }.analysed()
        #expect(run.messages.dropFirst(4).allSatisfy { $0.isProved })
        #expect(!run.espPackets.isEmpty && run.espPackets.allSatisfy { !$0.isVerified })
        #expect(talk.analysed().espPackets.allSatisfy { $0.isVerified })
    }

    @Test("another hash in phase 1 makes other keys of IKE, under which everything is proved")
    func suite() throws {
        let changed = try talk.resealing { place, message in
            if [.mainMode(1), .mainMode(2)].contains(place) { try message.set(.hash, to: 4) }
        }
        let run = changed.analysed()
        #expect(run.messages.count == talk.ike.count && run.messages.dropFirst(4).allSatisfy { $0.isProved })
        #expect(try changed.message(.mainMode(5)) != talk.message(.mainMode(5)))
        // In the clear alone, the same change leaves nothing that the keys open.
        let inClear = try talk.changing(.mainMode(1)) { try $0.set(.hash, to: 4) }
            .changing(.mainMode(2)) { try $0.set(.hash, to: 4) }
        #expect(inClear.analysed().messages.allSatisfy { !$0.isProved })
    }

    @Test("a HASH that is made wrong is wrong in that message alone")
    func wrongProof() throws {
        let run = try talk.resealing(.quickMode(2), proof: .wrong).analysed()
        #expect(run.messages.filter(\.isRefuted).map(\.step) == [.v1(.quickMode(2))])
    }

    @Test("what a test names and the talk does not have is an error, not another message")
    func absent() throws {
        #expect(throws: TalkError.self) { try talk.dropping(.quickMode(4)) }
        #expect(throws: TalkError.self) { try talk.changing(.aggressive(1)) { _ in } }
        #expect(throws: TalkError.self) { try Talk(of: "failures/different-psk").resealing(.mainMode(9)) }
    }

    @Test("packets that are dropped, delayed, repeated and swapped")
    func order() throws {
        let dropped = try talk.dropping(.quickMode(2))
        #expect(dropped.frames.count == talk.frames.count - 1)
        #expect(try dropped.message(.quickMode(2)) == talk.message(.quickMode(3)))
        let delayed = try talk.delaying(.mainMode(6), by: 60)
        func time(_ talk: Talk, _ place: Place) throws -> Int64 { try talk.frame(place).frame.time.nanoseconds }
        #expect(try time(delayed, .mainMode(6)) == time(talk, .mainMode(6)) + 60_000_000_000)
        #expect(try time(delayed, .mainMode(5)) == time(talk, .mainMode(5)))
        #expect(try time(delayed, .esp(1)) == time(talk, .esp(1)) + 60_000_000_000)
        let repeated = try talk.repeating(.mainMode(1), after: 2)
        #expect(repeated.places.filter { $0 == .mainMode(1) }.count == 2)
        let swapped = try talk.swapping(.mainMode(3), .mainMode(4))
        #expect(try swapped.index(of: .mainMode(3)) == talk.index(of: .mainMode(3)))
        #expect(try swapped.message(.mainMode(3)) == talk.message(.mainMode(4)))
    }
}
