import AnalysisSupport
import Foundation
import ScopeDissect
import ScopeModel
import ScopeWire
import TestSupport
import Testing

@testable import ScopeCrypto

/// Every IKEv2 capture of the labs, from one kind of key at a time.
@Suite("The opener of IKEv2") struct IKEv2OpenerTests {
    /// The lab's keys of the kinds that are asked for, as a key file would have them.
    static func keys(_ folder: String, _ parts: String, wrong: Bool = false) -> KeyFile? {
        guard let lab = IKEv2LabKeys.load(folder) else { return nil }
        return lab.keyFile(Set(parts.split(separator: ",").map(String.init)), wrong: wrong)
    }

    /// Folders whose messages do not all open, and how many do not: a damaged message, and keys that nobody has.
    static let closed: [String: Int] = ["captures/lab-v2/216a-v2-bad-icv": 1]
    /// SK_* are those of the end: IKE_INTERMEDIATE has others.
    static let closedToLast: [String: Int] = [
        "captures/lab-v2/201a-v2-multi-ke": 2, "captures/lab-v2/202a-v2-followup-ke": 2,
        "captures/lab-v2/204a-v2-ppk-intermediate": 2,
    ]
    /// Captures of what the lab has no keys for.
    static let apart: Set<String> = ["captures/lab-v2/207a-v2-gikev2", "captures/lab-v2/208a-v2-authip"]

    private func run(_ parts: String, least: Int, _ has: (IKEv2LabKeys.IKE) -> Bool) throws {
        var opened = 0
        for folder in IKEv2LabKeys.folders where !Self.apart.contains(folder) {
            guard let lab = IKEv2LabKeys.load(folder) else { continue }
            let sas = lab.ike.filter { $0.version == 2 && $0.SK_d != nil }
            guard !sas.isEmpty, sas.allSatisfy({ has($0) || $0.rekeyed_from != nil || $0.resumed_from != nil }) else {
                continue
            }
            guard let file = Self.keys(folder, parts), let (result, _) = try IKEv2Drive.run(folder, [file]) else {
                continue
            }
            let closed = (parts == "skeyid" ? Self.closedToLast[folder] : nil) ?? Self.closed[folder] ?? 0
            #expect(result.closed.count == closed, "\(folder): \(result.closed.prefix(3))")
            opened += result.opened
        }
        #expect(opened >= least || !Shared.isThere, "\(opened)")
    }

    @Test("opens every message with SK_* alone")
    func given() throws { try run("skeyid", least: 700) { _ in true } }

    @Test("opens every message with g^xy alone, rekeyed SAs and additional exchanges too")
    func shared() throws { try run("dh-shared,ppk", least: 700) { $0.dh_shared != nil } }

    @Test("opens every message of the first SAs with the exponent of either side")
    func exponents() throws {
        for (part, has) in [
            ("dh-private-initiator", { (ike: IKEv2LabKeys.IKE) in ike.dh_private_i != nil }),
            ("dh-private-responder", { (ike: IKEv2LabKeys.IKE) in ike.dh_private_r != nil }),
        ] {
            var opened = 0
            for folder in IKEv2LabKeys.folders where !Self.apart.contains(folder) {
                guard let lab = IKEv2LabKeys.load(folder) else { continue }
                let sas = lab.ike.filter { $0.version == 2 && $0.SK_d != nil }
                guard !sas.isEmpty, sas.allSatisfy(has), let file = Self.keys(folder, "ppk," + part),
                    let (result, _) = try IKEv2Drive.run(folder, [file])
                else { continue }
                #expect(result.closed.count == Self.closed[folder] ?? 0, "\(folder): \(result.closed.prefix(3))")
                opened += result.opened
            }
            #expect(opened >= 100 || !Shared.isThere, "\(part): \(opened)")
        }
    }

    @Test("derives the keys of every child, as the daemons had them")
    func children() throws {
        var checked = 0
        for folder in IKEv2LabKeys.folders where !Self.apart.contains(folder) {
            let export = KeyExport()
            guard let lab = IKEv2LabKeys.load(folder), let file = Self.keys(folder, "dh-shared,ppk,psk"),
                lab.ike.allSatisfy({ $0.version != 2 || $0.SK_d == nil || $0.dh_shared != nil }),
                try IKEv2Drive.run(folder, [file], export: export) != nil
            else { continue }
            for sa in export.sas {
                guard let row = lab.sas?.first(where: { UInt32($0.spi, radix: 16) == sa.spi }) else { continue }
                #expect(sa.encryptionKey.hex == row.enc_key ?? "", "\(folder) \(row.spi)")
                #expect(sa.integrityKey.hex == row.auth_key ?? "", "\(folder) \(row.spi)")
                checked += 1
            }
        }
        #expect(checked >= 200 || !Shared.isThere, "\(checked)")
    }

    @Test("a wrong key opens nothing, and is named with what it was tried on")
    func wrong() throws {
        let folder = "captures/lab/30a-v2-psk"
        for parts in ["skeyid", "dh-shared"] {
            guard let file = Self.keys(folder, parts, wrong: true),
                let (result, ring) = try IKEv2Drive.run(folder, [file])
            else { return }
            #expect(result.opened == 0 && result.sealed > 0)
            let name = parts == "skeyid" ? "ike[0]" : "dh[0].shared"
            #expect(
                result.statuses == [
                    .wrong(
                        "\(name) tried on an IKE_AUTH request of 192.0.2.10 - 198.51.100.20: its ICV is right under none"
                    )
                ])
            #expect(ring.unusedKeys().count == 1)
        }
    }

    @Test("an exponent of nobody is told of, and what is missing")
    func missing() throws {
        let folder = "captures/lab/30a-v2-psk"
        guard let file = Self.keys(folder, "dh-private-initiator", wrong: true),
            let (result, _) = try IKEv2Drive.run(folder, [file])
        else { return }
        #expect(
            result.statuses == [
                .missing(
                    "the DH secret is missing: give a DH private exponent of either side, g^xy or SK_* "
                        + "(the given exponent fits neither KE payload)")
            ])
    }

    @Test("the secret of an additional key exchange that is not at hand is named")
    func missingStep() throws {
        let folder = "captures/lab-v2/201a-v2-multi-ke"
        guard let lab = IKEv2LabKeys.load(folder), let ike = lab.ike.first, let shared = ike.dh_shared,
            let spi = ike.spi_i
        else { return }
        let text = #"{"schema": "ikescope.keys/1", "dh": [{"shared": "\#(shared)", "initiator_spi": "\#(spi)"}]}"#
        let file = try KeyFile(bytes: Array(text.utf8), path: "one.json")
        guard let (result, _) = try IKEv2Drive.run(folder, [file]) else { return }
        // IKE_INTERMEDIATE opens, what follows it does not.
        let why = "the secret of additional key exchange 1 (ML-KEM-768) is missing: give its shared secret, or SK_*"
        #expect(result.opened == 2 && !result.closed.isEmpty)
        #expect(result.closed.allSatisfy { $0.hasSuffix(why) }, "\(result.closed)")
        #expect(result.statuses == [.missing(why)])
    }

    @Test("SK_* of the last step alone leave IKE_INTERMEDIATE closed, with its reason, and AUTH unchecked (RFC 9242)")
    func lastStep() throws {
        for folder in ["captures/lab-v2/201a-v2-multi-ke", "captures/lab-v2/204a-v2-ppk-intermediate"] {
            guard let file = Self.keys(folder, "skeyid,psk"), let (result, _) = try IKEv2Drive.run(folder, [file])
            else { return }
            #expect(result.closed.count == 2, "\(folder): \(result.closed)")
            #expect(
                result.closed.allSatisfy {
                    $0.hasSuffix(
                        "it is protected with keys that a later key exchange replaced, and ike[0] has others: "
                            + "give SK_* of that step too, or the DH secret")
                }, "\(result.closed)")
            #expect(result.outcomes.count == 2 && result.outcomes.allSatisfy { $0.outcome.proof == .notChecked })
        }
    }

    @Test(
        "the PPK that IKE_INTERMEDIATE put into the keys opens what follows, and is named where it is missing (RFC 9867)"
    )
    func intermediatePPK() throws {
        let folder = "captures/lab-v2/204a-v2-ppk-intermediate"
        guard let file = Self.keys(folder, "dh-shared,psk"), let ppk = Self.keys(folder, "ppk"),
            let wrong = Self.keys(folder, "ppk", wrong: true),
            let (open, _) = try IKEv2Drive.run(folder, [file, ppk]),
            let (closed, _) = try IKEv2Drive.run(folder, [file]),
            let (failed, ring) = try IKEv2Drive.run(folder, [file, wrong])
        else { return }
        #expect(open.closed.isEmpty && open.opened == 6, "\(open.closed)")
        for (_, _, outcome) in open.outcomes {
            #expect(outcome.ppk?.description.contains("ppk[0]") ?? false)
            guard case .verified = outcome.proof else {
                Issue.record("\(outcome)")
                continue
            }
        }
        // IKE_INTERMEDIATE itself has keys without it.
        #expect(closed.opened == 2 && closed.closed.count == 4)
        #expect(
            closed.closed.allSatisfy {
                $0.hasSuffix(
                    "the PPK \"qkd-1\", which IKE_INTERMEDIATE put into its keys, is missing: give it, or SK_*")
            }, "\(closed.closed)")
        #expect(failed.opened == 2)
        #expect(ring.unusedKeys().contains { $0.contains("ppk[0] (qkd-1): is part of the keys of no IKE SA") })
    }

    @Test("a PPK that CREATE_CHILD_SA took is named, and no keys are derived without it (RFC 9867 section 3.2)")
    func createdWithPPK() throws {
        let text = #"{"schema": "ikescope.keys/1", "psk": [{"peer": "*", "key": "a"}]}"#
        let ring = KeyRing([try KeyFile(bytes: Array(text.utf8), path: "one.json")])
        let ends = (IPAddress(v4: 0xc000_0201), IPAddress(v4: 0xc000_0202))
        let first = IKEv2Facts(initiatorSPI: 1, responderSPI: 2, initiatorAddress: ends.0, responderAddress: ends.1)
        let opener = try #require(ring.opener(for: first))
        var child = ChildNegotiation(messageID: 2, initiatedBy: .initiator)
        child.v2 = IKEv2Child(offer: nil, asked: nil, mixesPPK: true)
        let named = "CREATE_CHILD_SA put a PPK into its keys (RFC 9867 section 3.2), which is not supported: "
        #expect(opener.childKeys(of: child).status == .missing(named + "give the keys of its SAs"))
        var next = IKEv2Facts(
            .rekeying, initiatorSPI: 3, responderSPI: 4, initiatorAddress: ends.0, responderAddress: ends.1)
        next.mixesPPK = true
        #expect(opener.successor(next).status == .missing(named + "give SK_*"))
    }

    @Test("a rekeyed SA behind one with a PPK that is not at hand says so, and so do the children")
    func missingPPK() throws {
        let folder = "captures/lab-v2/164a-v2-ppk"
        guard let file = Self.keys(folder, "dh-shared"), let (result, _) = try IKEv2Drive.run(folder, [file]) else {
            return
        }
        #expect(result.closed.count == 2 && result.closed.allSatisfy { $0.contains("a PPK is part of the keys") })
        #expect(
            result.childStatuses.allSatisfy {
                $0 == .missing("a PPK is part of the keys of its children, and it is missing: give it, or SK_*")
            }, "\(result.childStatuses)")
    }
}

@Suite("AUTH of IKEv2") struct IKEv2AuthTests {
    private static func outcomes(_ name: String, _ parts: String, wrong: Bool = false) throws
        -> [AuthenticationOutcome]?
    {
        let folder = name.hasPrefix("captures") ? name : "captures/lab-v2/\(name)"
        guard let dh = IKEv2OpenerTests.keys(folder, "dh-shared"),
            let other = IKEv2OpenerTests.keys(folder, parts, wrong: wrong),
            let (result, _) = try IKEv2Drive.run(folder, [dh, other])
        else { return nil }
        return result.outcomes.map(\.outcome)
    }

    @Test(
        "is right with the PSK, with the certificate that came along, with EAP's MSK and with SK_p",
        arguments: [
            ("captures/lab/30a-v2-psk", "key"), ("104a-v2-3des", "key"), ("112a-v2-prf-aes", "key"),
            ("201a-v2-multi-ke", "key"), ("164a-v2-ppk", "key"), ("217a-v2-refragment", "key"),
            ("129a-v2-sig-ecdsa", "certificate"), ("130a-v2-sig-rsa-pss", "certificate"),
            ("131a-v2-sig-rsa-old", "certificate"), ("136a-v2-sig-ecdsa-old", "certificate"),
            ("captures/lab/31a-v2-cert-frag", "certificate"), ("137a-v2-cert-intermediate", "certificate"),
        ])
    func verified(_ name: String, _ means: String) throws {
        guard let outcomes = try Self.outcomes(name, "psk,ppk") else { return }
        #expect(outcomes.count >= 2, "\(name)")
        for outcome in outcomes {
            guard case .verified(.authentication) = outcome.proof else {
                Issue.record("\(name): \(outcome)")
                continue
            }
            switch outcome.means {
            case .key: #expect(means == "key")
            case .certificate: #expect(means == "certificate")
            default: Issue.record("\(name): \(outcome)")
            }
        }
    }

    /// AUTH that fits nothing: the lab has not the initiator's PSK; the resumed session of the builder signs its message
    /// alone.
    static let unproved: [String: Int] = [
        "captures/lab-v2/182a-v2-libreswan-initiator-psk": 2, "captures/lab-v2/203a-v2-resume": 2,
    ]

    @Test("is right wherever the lab has the secret, and nowhere else: every AUTH of every capture")
    func all() throws {
        var verified = 0
        for folder in IKEv2LabKeys.folders where !IKEv2OpenerTests.apart.contains(folder) {
            for parts in ["psk,ppk,skeyid", "psk,ppk"] {
                guard let outcomes = try Self.outcomes(folder, parts) else { continue }
                let open = outcomes.filter { if case .verified = $0.proof { false } else { true } }
                verified += outcomes.count - open.count
                // Without SK_* the MSKs of EAP are not at hand.
                let isEAP = IKEv2LabKeys.load(folder)?.ike.contains { $0.eap_msk != nil } ?? false
                if parts == "psk,ppk", isEAP { continue }
                #expect(open.count == Self.unproved[folder] ?? 0, "\(folder) \(parts): \(open)")
            }
        }
        #expect(verified >= 400 || !Shared.isThere, "\(verified)")
    }

    @Test("with EAP: the server's certificate first, then the MSK on both sides; SK_p for a method without one")
    func eap() throws {
        for name in ["120a-v2-eap-mschapv2", "122a-v2-eap-tls", "124a-v2-eap-md5"] {
            guard let outcomes = try Self.outcomes(name, "skeyid") else { return }
            let verified = outcomes.filter { if case .verified = $0.proof { true } else { false } }
            #expect(verified.count == outcomes.count && outcomes.count == 3, "\(name): \(outcomes)")
            let last = outcomes.suffix(2).map(\.means)
            for means in last {
                switch means {
                case .eapKey: #expect(name != "124a-v2-eap-md5")
                case .session: #expect(name == "124a-v2-eap-md5")
                default: Issue.record("\(name): \(String(describing: means))")
                }
            }
        }
    }

    @Test("NULL authentication fits and proves nobody; the other side has a PSK (RFC 7619)")
    func null() throws {
        guard let outcomes = try Self.outcomes("220a-v2-null-auth", "psk") else { return }
        #expect(outcomes.map(\.method.credential) == [.null, .preSharedKey])
        #expect(outcomes.first?.means == .session)
        #expect(outcomes.allSatisfy { if case .verified = $0.proof { true } else { false } }, "\(outcomes)")
    }

    @Test("names the PPK that is part of the keys, and goes without where the responder does (RFC 8784)")
    func ppk() throws {
        if let outcomes = try Self.outcomes("164a-v2-ppk", "psk,ppk") {
            #expect(outcomes.allSatisfy { $0.ppk?.description.contains("ppk[") ?? false }, "\(outcomes)")
        }
        if let outcomes = try Self.outcomes("224a-v2-no-ppk-auth", "psk") {
            #expect(outcomes.allSatisfy { $0.ppk == nil }, "\(outcomes)")
            #expect(outcomes.allSatisfy { if case .verified = $0.proof { true } else { false } }, "\(outcomes)")
        }
    }

    /// AUTH covers no CERT payload: the same signature is right where the key comes without its certificate.
    @Test(
        "is right with the raw public key that came along, and with no other one (RFC 7670)",
        arguments: ["129a-v2-sig-ecdsa", "130a-v2-sig-rsa-pss", "136a-v2-sig-ecdsa-old"])
    func rawKey(name: String) throws {
        let folder = "captures/lab-v2/\(name)"
        guard let dh = IKEv2OpenerTests.keys(folder, "dh-shared") else { return }
        let other = try ChildProcess.run([
            "openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384",
        ])
        let strange = try Self.openssl(["pkey", "-pubout", "-outform", "DER"], other.output)
        for isRight in [true, false] {
            let run = try IKEv2Drive.run(folder, [dh]) { opened in
                try Self.replacingCertificates(in: opened) { isRight ? try Self.publicKey(of: $0) : strange }
            }
            guard let (result, _) = run else { return }
            #expect(result.outcomes.count == 2)
            for (_, _, outcome) in result.outcomes {
                if isRight {
                    guard case .verified = outcome.proof, case .rawKey(let fingerprint)? = outcome.means else {
                        Issue.record("\(outcome)")
                        continue
                    }
                    #expect(fingerprint.count == 32)
                } else {
                    #expect(outcome.proof == .notChecked && outcome.means == nil)
                }
            }
        }
    }

    private static func openssl(_ words: [String], _ input: [UInt8]) throws -> [UInt8] {
        let path = NSTemporaryDirectory() + "openssl-\(UInt32.random(in: 0...UInt32.max))"
        defer { unlink(path) }
        try Data(input).write(to: URL(fileURLWithPath: path))
        return try ChildProcess.run(["openssl"] + words + ["-in", path]).output
    }

    /// The SubjectPublicKeyInfo of a certificate.
    private static func publicKey(of certificate: [UInt8]) throws -> [UInt8] {
        let pem = try openssl(["x509", "-inform", "DER", "-pubkey", "-noout"], certificate)
        return try openssl(["pkey", "-pubin", "-pubout", "-outform", "DER"], pem)
    }

    /// The same message with each certificate (encoding 4) changed into a raw public key (encoding 15).
    private static func replacingCertificates(
        in opened: IKEv2Opened, _ key: ([UInt8]) throws -> [UInt8]
    ) throws -> IKEv2Opened {
        guard opened.chain.contains(.certificateV2) else { return opened }
        var bytes: [UInt8] = []
        for payload in opened.chain.payloads {
            var body = Array(opened.chain.slice(payload.body))
            if payload.type == .certificateV2, body.first == 4 { body = [15] + (try key(Array(body.dropFirst()))) }
            let length = body.count + 4
            bytes += [payload.next.rawValue, 0, UInt8(length >> 8), UInt8(length & 255)] + body
        }
        var changed = opened
        changed.chain = PayloadChain(
            decoding: bytes, in: 0..<bytes.count, first: opened.chain.payloads.first?.type ?? .none, version: 2,
            limit: .plaintext)
        return changed
    }

    @Test("fails with another PSK, which is then named as of no use")
    func wrongPSK() throws {
        guard let outcomes = try Self.outcomes("captures/lab/30a-v2-psk", "psk", wrong: true) else { return }
        #expect(!outcomes.isEmpty)
        #expect(
            outcomes.allSatisfy {
                $0.proof == .failed(.authentication(.initiator)) || $0.proof == .failed(.authentication(.responder))
            })
    }
}
