import ScopeDissect
import TestSupport
import Testing

@testable import ScopeCrypto

/// Every number that the lab's daemons logged is computed from what a capture and a key file hold.
@Suite("The key schedule of IKEv1") struct LabKeyScheduleTests {
    static let scenarios = Shared.list("captures/lab").filter { $0.first?.isNumber == true }

    private struct Row {
        var scenario: String
        var ike: LabKeys.IKE
        var hash: Digest
        var group: any KeyExchangeGroup
        var cipher: CBCCipher
    }

    private static func rows() throws -> [Row] {
        let groups = KeyExchangeGroups()
        let hashes: [String: Digest] = [
            "MD5": .md5, "SHA1": .sha1, "SHA2_256": .sha256, "SHA2_384": .sha384, "SHA2_512": .sha512,
        ]
        let numbers: [String: UInt16] = [
            "MODP_768": 1, "MODP_1024": 2, "MODP_1536": 5, "MODP_2048": 14, "MODP_3072": 15, "MODP_4096": 16,
        ]
        let ciphers: [String: CBCCipher] = ["DES_CBC": .des, "3DES_CBC": .tripleDES, "AES_CBC": .aes]
        return try scenarios.flatMap { scenario in
            try (LabKeys.load(scenario)?.ike ?? []).filter { $0.version == 1 }.map { ike in
                Row(
                    scenario: scenario, ike: ike, hash: try #require(hashes[ike.hash ?? ""]),
                    group: try #require(groups.group(numbers[ike.dh_group ?? ""] ?? 0)),
                    cipher: try #require(ciphers[ike.enc_alg ?? ""]))
            }
        }
    }

    @Test("begins with exponents that yield the KE payloads, and g^xy")
    func diffieHellman() throws {
        for row in try Self.rows() {
            let ike = row.ike
            for (exponent, mine, other) in [
                (ike.dh_private_i, ike.ke_i, ike.ke_r), (ike.dh_private_r, ike.ke_r, ike.ke_i),
            ] {
                guard let exponent, let mine, let other else { continue }
                #expect(hex(try row.group.publicValue(of: Secret(hex: exponent))) == mine, "\(row.scenario)")
                #expect(
                    try row.group.shared(Secret(hex: exponent), with: unhex(other)).hex == ike.dh_shared,
                    "\(row.scenario)")
            }
        }
    }

    @Test("gives SKEYID, SKEYID_d, _a, _e, the cipher key and the first IV of every phase 1")
    func phase1() throws {
        var stretched = 0
        for row in try Self.rows() {
            let ike = row.ike
            let shared = Secret(hex: try #require(ike.dh_shared))
            let (ni, nr) = (unhex(try #require(ike.nonce_i)), unhex(try #require(ike.nonce_r)))
            let skeyid =
                if let psk = ike.psk {
                    try SKEYID.preShared(row.hash, psk: Secret(copying: Array(psk.utf8)), ni: ni, nr: nr)
                } else {
                    try SKEYID.signature(row.hash, ni: ni, nr: nr, shared: shared)
                }
            #expect(skeyid.hex == ike.SKEYID, "\(row.scenario)")
            let spis = try [ike.cookie_i, ike.cookie_r].map { try #require(UInt64($0 ?? "", radix: 16)) }
            let ids = try SKEYID.derived(
                row.hash, skeyid: skeyid, shared: shared, initiatorSPI: spis[0], responderSPI: spis[1])
            #expect(
                [ids.d.hex, ids.a.hex, ids.e.hex] == [ike.SKEYID_d, ike.SKEYID_a, ike.SKEYID_e], "\(row.scenario)")
            let length = try #require(ike.enc_key_len)
            if length > row.hash.length { stretched += 1 }
            let ka = try SKEYID.cipherKey(row.hash, ids.e, cipher: row.cipher, length: length)
            #expect(ka.hex == ike.enc_key, "\(row.scenario)")
            var chain = IVChain()
            chain.begin(
                row.hash, block: row.cipher.blockLength, initiatorKE: unhex(try #require(ike.ke_i)),
                responderKE: unhex(try #require(ike.ke_r)))
            #expect(chain.ofPhase1(5, isFirstEncrypted: true).map { hex($0) } == ike.initial_iv, "\(row.scenario)")
        }
        // 3DES and AES-256 with SHA-1: the key is longer than the hash.
        #expect(stretched > 0 || Self.scenarios.isEmpty)
    }

    @Test("gives the KEYMAT of every ESP and AH SA, with and without PFS")
    func keymat() throws {
        var checked = 0
        for scenario in Self.scenarios {
            guard let keys = LabKeys.load(scenario) else { continue }
            let rows = try Self.rows().filter { $0.scenario == scenario }
            for sa in keys.sas {
                guard let nonces = sa.nonces, sa.keymat_seed != nil, !rows.isEmpty else { continue }
                let expected = (sa.enc_key ?? "") + (sa.auth_key ?? "")
                let derived = try rows.map { row in
                    try Keymat.derive(
                        row.hash, d: Secret(hex: try #require(row.ike.SKEYID_d)),
                        shared: sa.pfs_dh_shared.map { Secret(hex: $0) }, protocolID: sa.proto == "AH" ? 2 : 3,
                        spi: unhex(sa.spi), ni: unhex(nonces), nr: [], length: expected.count / 2
                    ).hex
                }
                // A capture may hold several IKE SAs: one of them made it.
                #expect(derived.contains(expected), "\(scenario) \(sa.proto) \(sa.spi)")
                checked += 1
            }
        }
        #expect(checked >= 60 || Self.scenarios.isEmpty)
    }

    @Test("stretches SKEYID_e where the cipher needs more (RFC 2409 appendix B), cut where it needs less")
    func stretching() throws {
        let e = Secret(hex: "000102030405060708090a0b0c0d0e0f")
        let first = try prf(.md5, e, [.byte(0)])
        let second = try prf(.md5, e, [.secret(first)])
        #expect(
            try SKEYID.cipherKey(.md5, e, cipher: .tripleDES, length: 24).hex == (first.hex + second.hex).prefix(48))
        #expect(try SKEYID.cipherKey(.md5, e, cipher: .aes, length: 32).hex == first.hex + second.hex)
        #expect(try SKEYID.cipherKey(.md5, e, cipher: .aes, length: 16).hex == e.hex)
        #expect(try SKEYID.cipherKey(.md5, e, cipher: .des, length: 8).hex == "0001020304050607")
        // HMAC-MD5(000102..0f, 00) and the next block, computed with Python's hmac.
        #expect(first.hex == "5d76401b50b90caee409473960c04a96" && second.hex == "14b5f3b70b892097525b06f252c61fbe")
    }

    @Test("slides past weak and semi-weak DES keys")
    func weakKeys() throws {
        let weak = Secret(hex: "0101010101010101 01 02030405060708")
        #expect(try SKEYID.cipherKey(.md5, weak, cipher: .des, length: 8).hex == "0101010101010102")
        let semi = Secret(hex: "01fe01fe01fe01fe aabbccddeeff0011")
        #expect(try SKEYID.cipherKey(.md5, semi, cipher: .des, length: 8).hex == "fe01fe01fe01feaa")
    }
}
