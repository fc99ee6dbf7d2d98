import AnalysisSupport
import Foundation
import ScopeDissect
import ScopeModel
import ScopeWire
import TestSupport
import Testing

@testable import ScopeCrypto

/// The forms in which other programs give the keys of IKEv2 SAs.
@Suite("Keys of IKEv2 out of other programs") struct IKEv2KeySourceTests {
    /// Scenarios in which one side has another secret than the other one.
    static let mismatched: Set<String> = [
        "captures/lab/36a-v2-auth-fail", "captures/lab/67-libreswan-v2-auth-fail",
        "captures/lab-v2/128a-v2-psk-mismatch", "captures/lab-v2/165a-v2-ppk-mismatch",
        "captures/lab-v2/182a-v2-libreswan-initiator-psk", "captures/lab-v2/183a-v2-libreswan-responder-psk",
    ]

    @Test("the log of either daemon opens every message of its IKE SAs, and gives the keys of their children")
    func charon() throws {
        var opened = (left: 0, right: 0)
        var children = 0
        var eap: Set<String> = []
        for folder in IKEv2LabKeys.folders where !IKEv2OpenerTests.apart.contains(folder) {
            guard let lab = IKEv2LabKeys.load(folder), lab.ike.contains(where: { $0.version == 2 && $0.SK_d != nil })
            else { continue }
            for side in ["left", "right"] {
                guard let bytes = Shared.bytes(Shared.root + "/../shared/\(folder)/\(side).log") else { continue }
                guard let file = try? KeyFile(bytes: bytes, path: "\(side).log"), file.format == .charon,
                    lab.ike.allSatisfy({ $0.version == 1 || $0.SK_d == nil || $0.isSeen(by: side) })
                else { continue }
                let export = KeyExport()
                guard let (result, _) = try IKEv2Drive.run(folder, [file], export: export) else { continue }
                #expect(
                    result.closed.count == IKEv2OpenerTests.closed[folder] ?? 0,
                    "\(folder) \(side): \(result.closed.prefix(3))")
                if side == "left" { opened.left += result.opened } else { opened.right += result.opened }
                // The log has the PSKs too, and what EAP agreed on.
                for (frame, _, outcome) in result.outcomes {
                    if case .failed = outcome.proof, !Self.mismatched.contains(folder) {
                        Issue.record("\(folder) \(side) frame \(frame): \(outcome)")
                    }
                    if case .eapKey? = outcome.means { eap.insert(folder) }
                }
                for sa in export.sas {
                    guard let row = lab.sas?.first(where: { UInt32($0.spi, radix: 16) == sa.spi }) else { continue }
                    // With PFS the log has the child's own keys: what follows from SK_d needs g^xy.
                    #expect(sa.encryptionKey.hex == row.enc_key ?? "", "\(folder) \(row.spi)")
                    children += 1
                }
            }
        }
        #expect(
            opened.left >= 400 && opened.right >= 300 && children >= 100 || !Shared.isThere, "\(opened) \(children)")
        #expect(eap.count >= 3 || !Shared.isThere, "\(eap)")
    }

    @Test("Wireshark's table alone opens every message of what it has a row for, and says why no child follows")
    func wireshark() throws {
        var opened = 0
        for folder in IKEv2LabKeys.folders where !IKEv2OpenerTests.apart.contains(folder) {
            guard let lab = IKEv2LabKeys.load(folder), let rows = lab.wireshark?.ikev2_decryption_table, !rows.isEmpty,
                rows.count == lab.ike.count(where: { $0.version == 2 && $0.SK_d != nil })
            else { continue }
            let file = try KeyFile(
                bytes: Array((rows.joined(separator: "\n") + "\n").utf8), path: "ikev2_decryption_table")
            guard let (result, _) = try IKEv2Drive.run(folder, [file]) else { continue }
            let closed = IKEv2OpenerTests.closedToLast[folder] ?? IKEv2OpenerTests.closed[folder] ?? 0
            #expect(result.closed.count == closed, "\(folder): \(result.closed.prefix(3))")
            opened += result.opened
            for status in result.childStatuses {
                guard case .missing(let why, _) = status else {
                    Issue.record("\(folder): \(status)")
                    continue
                }
                #expect(why.hasSuffix("opens only IKE: the keys of its children need SK_d"))
            }
        }
        #expect(opened >= 300 || !Shared.isThere, "\(opened)")
    }

    @Test("what is exported as a table, or as ikescope.keys/1, opens what opened before")
    func exported() throws {
        for folder in ["captures/lab/30a-v2-psk", "captures/lab/35a-v2-rekey", "captures/lab-v2/105a-v2-gcm-short-tag"]
        {
            let export = KeyExport()
            guard let file = IKEv2OpenerTests.keys(folder, "dh-shared"),
                let (first, _) = try IKEv2Drive.run(folder, [file], export: export)
            else { return }
            #expect(first.closed.isEmpty && first.opened > 0)
            let json = export.json().withBytes { Array($0) }
            let again = try KeyFile(bytes: json, path: "derived.json")
            let (second, _) = try #require(try IKEv2Drive.run(folder, [again]))
            #expect(second.opened == first.opened, "\(folder): \(second.closed)")
            let table = try #require(export.wiresharkTables().tables.first { $0.name == "ikev2_decryption_table" })
            let text = table.text.withBytes { Array($0) }
            // The lab made the same rows out of the daemons' logs.
            let rows = Set(String(decoding: text, as: UTF8.self).split(separator: "\n").map { $0.lowercased() })
            let expected = Set(
                (IKEv2LabKeys.load(folder)?.wireshark?.ikev2_decryption_table ?? []).map { $0.lowercased() })
            #expect(rows == expected, "\(folder)")
        }
    }

    @Test("a list of candidates finds the PSK by AUTH, with HMAC and with AES functions, and no DH secret in it")
    func candidates() throws {
        for (folder, psk) in [("captures/lab/30a-v2-psk", "lab-Secret-30a"), ("captures/lab-v2/112a-v2-prf-aes", nil)] {
            guard let lab = IKEv2LabKeys.load(folder), let file = IKEv2OpenerTests.keys(folder, "dh-shared") else {
                return
            }
            let right = try #require(psk ?? lab.secrets?.first?.secret)
            let path = NSTemporaryDirectory() + "candidates-\(UInt32.random(in: 0...UInt32.max)).txt"
            defer { unlink(path) }
            try Data("one\ntwo\n\(right)\nfour\n".utf8).write(to: URL(fileURLWithPath: path))
            let search = CandidateSearch(try PSKList(path: path), jobs: 2)
            guard let (result, _) = try IKEv2Drive.run(folder, [file], candidates: search) else { return }
            #expect(!result.outcomes.isEmpty)
            for (_, _, outcome) in result.outcomes {
                guard case .key(let name)? = outcome.means else {
                    Issue.record("\(folder): \(outcome)")
                    continue
                }
                #expect(name.listLine == 3)
            }
        }
    }

    @Test("a swapped direction opens nothing")
    func swapped() throws {
        let folder = "captures/lab/30a-v2-psk"
        guard var file = IKEv2OpenerTests.keys(folder, "skeyid") else { return }
        for (one, other) in [(IKEKeyKind.skEI, IKEKeyKind.skER), (.skAI, .skAR)] {
            let key = file.ike[0].keys[one]
            file.ike[0].keys[one] = file.ike[0].keys[other]
            file.ike[0].keys[other] = key
        }
        guard let (result, ring) = try IKEv2Drive.run(folder, [file]) else { return }
        #expect(result.opened == 0)
        #expect(ring.unusedKeys().first?.hasPrefix("ike[0]: does not open the IKE SA with initiator SPI") ?? false)
    }

    @Test("a row of another length than the algorithms take is told of")
    func length() throws {
        let folder = "captures/lab/30a-v2-psk"
        guard var file = IKEv2OpenerTests.keys(folder, "skeyid") else { return }
        file.ike[0].keys[.skER] = Secret(copying: [1, 2, 3])
        guard let (result, _) = try IKEv2Drive.run(folder, [file]) else { return }
        #expect(
            result.statuses == [
                .wrong("ike[0].sk_er has 3 bytes, and the algorithms of this IKE SA take 32")
            ])
    }

    @Test("members of the key file: ppk, step and eap_msk; what cannot be right names its place")
    func members() throws {
        let text = """
            {"schema": "ikescope.keys/1",
             "ppk": [{"id": "qkd-1", "key_hex": "a1a1"}, {"key": "text"}],
             "dh": [{"shared": "0102", "initiator_spi": "0102030405060708", "step": 2},
                    {"shared": "03", "spi": "0x01020304"}],
             "ike": [{"version": 2, "initiator_spi": "0102030405060708", "eap_msk": "0a0b"}]}
            """
        let file = try KeyFile(bytes: Array(text.utf8), path: "one.json")
        #expect(file.ppk.map(\.id) == ["qkd-1", nil] && file.ppk[0].key.hex == "a1a1")
        guard case .sharedBySA(_, 0x0102_0304_0506_0708, 2) = file.dh[0],
            case .sharedByChild(_, 0x0102_0304, 0) = file.dh[1]
        else {
            Issue.record("the rows are not what was written")
            return
        }
        #expect(file.ike[0].keys[.eapMSK]?.hex == "0a0b")
        #expect(
            file.items.map(\.what) == [
                "secret of additional key exchange 2 of the IKE SA 0102030405060708",
                "g^xy of the Quick Mode that made SPI 0x01020304", "IKEv2 SA 0102030405060708: MSK",
                "postquantum preshared key qkd-1", "postquantum preshared key",
            ])
        for (wrong, place) in [
            (#""dh": [{"shared": "01", "initiator_spi": "0102030405060708", "step": 8}]"#, "dh[0].step"),
            (#""dh": [{"private": "01", "step": 1}]"#, "dh[0]"), (#""ppk": [{"id": "x"}]"#, "ppk[0]"),
            (#""ppk": [{"key": ""}]"#, "ppk[0].key"), (#""ppk": [{"name": "x"}]"#, "ppk[0].name"),
            (#""ike": [{"version": 1, "initiator_spi": "0102030405060708", "eap_msk": "00"}]"#, "ike[0].eap_msk"),
        ] {
            let text = #"{"schema": "ikescope.keys/1", \#(wrong)}"#
            do {
                _ = try KeyFile(bytes: Array(text.utf8), path: "one.json")
                Issue.record("\(wrong) was taken")
            } catch { #expect("\(error)".contains("\(place):"), "\(error)") }
        }
    }
}

extension IKEv2LabKeys.IKE {
    fileprivate func isSeen(by side: String) -> Bool { seen_by?.contains(side) ?? false }
}
