import ScopeModel
import TestSupport
import Testing

@testable import ScopeCrypto

/// Every key that the lab's daemons logged, and every one that the builder of the other captures wrote down.
@Suite("The key schedule of IKEv2") struct IKEv2KeyScheduleTests {
    private struct Row {
        var folder: String
        var ike: IKEv2LabKeys.IKE
        var suite: IKEv2Suite
        var facts: SKKeys.Public
    }

    private static func rows(_ folder: String) throws -> [Row] {
        try (IKEv2LabKeys.load(folder)?.ike ?? []).filter { $0.version == 2 && $0.SK_d != nil }.compactMap { ike in
            guard let ni = ike.nonce_i, let nr = ike.nonce_r, let i = ike.spi_i, let r = ike.spi_r else { return nil }
            let agreed = try #require(ike.agreed, "\(folder): \(ike.proposal ?? "")")
            return Row(
                folder: folder, ike: ike, suite: try IKEv2Suite(agreed),
                facts: SKKeys.Public(
                    ni: unhex(ni), nr: unhex(nr), initiatorSPI: try #require(UInt64(i, radix: 16)),
                    responderSPI: try #require(UInt64(r, radix: 16))))
        }
    }

    /// `expected`: SK_d, SK_ai, SK_ar, SK_ei, SK_er, SK_pi and SK_pr.
    private func expect(_ keys: SKKeys, _ expected: [String?], _ place: String) {
        let all = [
            keys.d, keys.initiator.integrity, keys.responder.integrity, keys.initiator.encryption,
            keys.responder.encryption, keys.initiator.proof, keys.responder.proof,
        ]
        #expect(all.map { $0?.hex ?? "" } == expected.map { $0 ?? "" }, "\(place)")
    }

    @Test("gives SKEYSEED and all seven keys of every IKE SA of the labs, rekeyed ones too")
    func everySA() throws {
        var count = (initial: 0, rekeyed: 0, mixed: 0)
        for folder in IKEv2LabKeys.folders {
            let rows = try Self.rows(folder)
            for row in rows where row.ike.stages == nil {
                let place = "\(folder) \(row.ike.spi_i ?? "")"
                let shared = Secret(hex: try #require(row.ike.dh_shared, "\(place)"))
                let seed: Secret
                if let old = row.ike.rekeyed_from {
                    let parent = try #require(rows.first { $0.ike.spi_i == old }, "\(place)")
                    seed = try SKEYSEED.rekeyed(
                        parent.suite.prf, oldD: Secret(hex: parent.ike.SK_d ?? ""), shared: [shared], ni: row.facts.ni,
                        nr: row.facts.nr)
                    count.rekeyed += 1
                } else {
                    seed = try SKEYSEED.initial(row.suite.prf, ni: row.facts.ni, nr: row.facts.nr, shared: shared)
                    count.initial += 1
                }
                if let expected = row.ike.SKEYSEED { #expect(seed.hex == expected, "\(place)") }
                var keys = try SKKeys.derived(from: seed, row.suite, row.facts)
                let ike = row.ike
                if let before = ike.SK_d_before_ppk {
                    expect(
                        keys,
                        [
                            before, ike.SK_ai, ike.SK_ar, ike.SK_ei, ike.SK_er, ike.SK_pi_before_ppk,
                            ike.SK_pr_before_ppk,
                        ], place)
                    let secrets = (IKEv2LabKeys.load(folder)?.secrets ?? []).compactMap { secret in
                        secret.secret?.hasPrefix("0x") == true ? secret.secret?.dropFirst(2).description : nil
                    }
                    let ppk = Secret(hex: try #require(secrets.first, "\(place)"))
                    keys = try keys.mixed(with: ppk, row.suite.prf)
                    count.mixed += 1
                }
                expect(keys, [ike.SK_d, ike.SK_ai, ike.SK_ar, ike.SK_ei, ike.SK_er, ike.SK_pi, ike.SK_pr], place)
            }
        }
        guard Shared.isThere else { return }
        #expect(count.initial >= 80 && count.rekeyed >= 5 && count.mixed >= 1, "\(count)")
    }

    @Test(
        "gives every key of every stage where more key exchanges follow (RFC 9370), a PPK, or a resumption (RFC 5723)")
    func stages() throws {
        var formulas: Set<String> = []
        for folder in IKEv2LabKeys.folders {
            for row in try Self.rows(folder) {
                var before: Secret?
                for stage in row.ike.stages ?? [] {
                    let place = "\(folder) \(row.ike.spi_i ?? "") stage \(stage.stage)"
                    let formula = try #require(stage.formula, "\(place)")
                    // RFC 9867 was not at hand where the capture was built: its keys are given, not derived.
                    if formula.contains("not confirmed") || formula.contains("not derived") { continue }
                    let (ni, nr) = (row.facts.ni, row.facts.nr)
                    let prf = row.suite.prf
                    let shared = stage.shared.map { Secret(hex: $0) }
                    func oldD(_ spi: String?) throws -> Secret {
                        let rows = try Self.rows(folder)
                        let old = try #require(rows.first { $0.ike.spi_i == spi }?.ike.SK_d, "\(place)")
                        return Secret(hex: old)
                    }
                    let seed: Secret
                    if formula.contains("Resumption") {
                        seed = try SKEYSEED.resumed(prf, oldD: oldD(row.ike.resumed_from), ni: ni, nr: nr)
                    } else if formula.contains("SK_d old") {
                        let from = row.ike.rekeyed_from
                        let more = (stage.addke_shared ?? []).map { Secret(hex: $0) }
                        seed = try SKEYSEED.rekeyed(
                            prf, oldD: oldD(from), shared: [#require(shared)] + more, ni: ni, nr: nr)
                    } else if let before, stage.stage > 0, stage.ppk == nil {
                        seed = try SKEYSEED.additional(prf, d: before, shared: #require(shared), ni: ni, nr: nr)
                    } else if stage.ppk == nil {
                        seed = try SKEYSEED.initial(prf, ni: ni, nr: nr, shared: #require(shared))
                    } else {
                        Issue.record("\(place): \(formula)")
                        continue
                    }
                    if let expected = stage.SKEYSEED { #expect(seed.hex == expected, "\(place)") }
                    let keys = try SKKeys.derived(from: seed, row.suite, row.facts)
                    expect(
                        keys,
                        [stage.SK_d, stage.SK_ai, stage.SK_ar, stage.SK_ei, stage.SK_er, stage.SK_pi, stage.SK_pr],
                        place)
                    formulas.insert(formula)
                    before = keys.d
                }
            }
        }
        #expect(formulas.count >= 3 || !Shared.isThere, "\(formulas)")
    }

    @Test("gives the KEYMAT of every child, with PFS and with additional exchanges")
    func keymat() throws {
        var checked = 0
        for folder in IKEv2LabKeys.folders {
            guard let lab = IKEv2LabKeys.load(folder), let sas = lab.sas, lab.ike.allSatisfy({ $0.version == 2 })
            else { continue }
            let rows = try Self.rows(folder)
            for sa in sas where !rows.isEmpty {
                guard let seed = sa.keymat_seed, let role = sa.key_role else { continue }
                let expected = (sa.enc_key ?? "") + (sa.auth_key ?? "")
                // The seed is [SK(0) |] Ni | Nr [| SK(1) …]: one of the IKE SAs of the capture made it.
                let derived = try rows.flatMap { row in
                    try [row.ike.SK_d].compactMap { $0 }.map { d in
                        let all = try row.suite.prf.stretched(
                            Secret(hex: d), [.bytes(unhex(seed))], to: expected.count)
                        return all.slice(
                            role == "initiator" ? 0..<(expected.count / 2) : (expected.count / 2)..<expected.count
                        )
                        .hex
                    }
                }
                #expect(derived.contains(expected), "\(folder) \(sa.proto) \(sa.spi)")
                checked += 1
            }
        }
        #expect(checked >= 150 || !Shared.isThere, "\(checked)")
    }

    @Test("puts what exchanges agree on in the order of the RFCs into the seed of a child")
    func childSeed() throws {
        let prf = PseudorandomFunction.hmac(.sha256)
        let d = Secret(hex: "00112233")
        let (ni, nr) = ([UInt8](repeating: 1, count: 16), [UInt8](repeating: 2, count: 16))
        let (first, second) = (Secret(hex: "aabb"), Secret(hex: "ccdd"))
        let whole = try prf.stretched(d, [.bytes(unhex("aabb") + ni + nr + unhex("ccdd"))], to: 72)
        #expect(try Keymat.ikev2(prf, d: d, shared: [first, second], ni: ni, nr: nr, length: 72).hex == whole.hex)
        let plain = try prf.stretched(d, [.bytes(ni + nr)], to: 40)
        #expect(try Keymat.ikev2(prf, d: d, shared: [], ni: ni, nr: nr, length: 40).hex == plain.hex)
    }
}

/// Vectors of the RFCs.
@Suite("The pseudorandom functions of IKEv2") struct PseudorandomFunctionTests {
    @Test("AES-XCBC takes keys of 16, 10 and 18 bytes (RFC 4434 section 4)")
    func xcbc() throws {
        let input: [HashInput] = [.bytes(unhex("000102030405060708090a0b0c0d0e0f10111213"))]
        let prf = PseudorandomFunction.aesXCBC
        #expect(
            try prf(Secret(hex: "000102030405060708090a0b0c0d0e0f"), input).hex == "47f51b4564966215b8985c63055ed308")
        #expect(try prf(Secret(hex: "00010203040506070809"), input).hex == "0fa087af7d866e7653434e602fdde835")
        #expect(
            try prf(Secret(hex: "000102030405060708090a0b0c0d0e0fedcb"), input).hex
                == "8cd3c93ae598a9803006ffb67c40e9e4")
    }

    @Test("AES-CMAC takes keys of 18, 16 and 10 bytes (RFC 4615 section 4)")
    func cmac() throws {
        let input: [HashInput] = [.bytes(unhex("000102030405060708090a0b0c0d0e0f10111213"))]
        let prf = PseudorandomFunction.aesCMAC
        #expect(
            try prf(Secret(hex: "000102030405060708090a0b0c0d0e0fedcb"), input).hex
                == "84a348a4a45d235babfffc0d2b4da09a")
        #expect(
            try prf(Secret(hex: "000102030405060708090a0b0c0d0e0f"), input).hex == "980ae87b5f4c9c5214f5b6a8455e4c2d")
        #expect(try prf(Secret(hex: "00010203040506070809"), input).hex == "290d9e112edb09ee141fcf64c0b72f3d")
    }

    @Test("HMAC-SHA-256 is that of RFC 4868 section 2.7.2.1, however the message is cut")
    func hmac() throws {
        let prf = PseudorandomFunction.hmac(.sha256)
        let key = Secret(copying: Array("Jefe".utf8))
        let whole = try prf(key, [.bytes(Array("what do ya want for nothing?".utf8))])
        #expect(whole.hex == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        #expect(
            try prf(key, [.bytes(Array("what do ya ".utf8)), .bytes(Array("want for nothing?".utf8))]).hex == whole.hex)
    }

    @Test("prf+ chains blocks that end in their number, and gives out after 255")
    func stretching() throws {
        let prf = PseudorandomFunction.hmac(.sha1)
        let key = Secret(copying: Array("key".utf8))
        let first = try prf(key, [.bytes([7]), .byte(1)])
        let second = try prf(key, [.secret(first), .bytes([7]), .byte(2)])
        #expect(try prf.stretched(key, [.bytes([7])], to: 30).hex == String((first.hex + second.hex).prefix(60)))
        #expect(throws: CryptoError.self) { try prf.stretched(key, [], to: 255 * 20 + 1) }
    }

    @Test("only 64 bits of each nonce make the key of an AES function (RFC 7296 section 2.14)")
    func nonces() {
        let (ni, nr) = ([UInt8](1...20), [UInt8](101...132))
        #expect(PseudorandomFunction.aesCMAC.nonceKey(ni, nr).hex == hex(Array(ni.prefix(8) + nr.prefix(8))))
        #expect(PseudorandomFunction.hmac(.md5).nonceKey(ni, nr).hex == hex(ni + nr))
    }
}
