/// SKEYID_d, SKEYID_a and SKEYID_e (RFC 2409 section 5).
package struct SKEYIDs {
    /// The keys of child SAs are derived from it.
    package let d: Secret
    /// The key of the HASHes of phase 2.
    package let a: Secret
    /// The cipher key is derived from it.
    package let e: Secret
}

/// The key schedule of phase 1 (RFC 2409 section 5).
package enum SKEYID {
    /// SKEYID with a pre-shared key: prf(psk, Ni_b | Nr_b).
    package static func preShared(
        _ hash: Digest, psk: Secret, ni: [UInt8], nr: [UInt8]
    ) throws(CryptoError) -> Secret {
        try prf(hash, psk, [.bytes(ni), .bytes(nr)])
    }

    /// SKEYID with signatures: prf(Ni_b | Nr_b, g^xy).
    package static func signature(
        _ hash: Digest, ni: [UInt8], nr: [UInt8], shared: Secret
    ) throws(CryptoError) -> Secret {
        try prf(hash, Secret(copying: ni + nr), [.secret(shared)])
    }

    /// SKEYID_d, SKEYID_a and SKEYID_e.
    package static func derived(
        _ hash: Digest, skeyid: Secret, shared: Secret, initiatorSPI: UInt64, responderSPI: UInt64
    ) throws(CryptoError) -> SKEYIDs {
        let hmac = try HMAC(hash, key: skeyid)
        let tail: [HashInput] = [.secret(shared), .u64(initiatorSPI), .u64(responderSPI)]
        let d = try hmac.tag(tail + [.byte(0)])
        let a = try hmac.tag([.secret(d)] + tail + [.byte(1)])
        let e = try hmac.tag([.secret(a)] + tail + [.byte(2)])
        return SKEYIDs(d: d, a: a, e: e)
    }

    /// Ka, the cipher key, out of SKEYID_e (RFC 2409 section 5 and appendix B).
    package static func cipherKey(
        _ hash: Digest, _ e: Secret, cipher: CBCCipher, length: Int
    ) throws(CryptoError) -> Secret {
        if cipher == .des { return firstStrongDESKey(e) }
        return e.count >= length ? e.slice(0..<length) : try stretched(hash, e, to: length)
    }

    /// K1 | K2 | … with K1 = prf(SKEYID_e, 0) and Kn = prf(SKEYID_e, Kn-1), cut.
    private static func stretched(_ hash: Digest, _ e: Secret, to length: Int) throws(CryptoError) -> Secret {
        let hmac = try HMAC(hash, key: e)
        let result = Secret(count: length)
        var filled = 0
        var block = try hmac.tag([.byte(0)])
        while true {
            result.withMutableBytes { target in
                block.withBytes { source in
                    for index in 0..<min(source.count, length - filled) { target[filled + index] = source[index] }
                }
            }
            filled += block.count
            guard filled < length else { return result }
            block = try hmac.tag([.secret(block)])
        }
    }

    /// The first 8 bytes that are no weak or semi-weak DES key (RFC 2409 appendix B).
    private static func firstStrongDESKey(_ e: Secret) -> Secret {
        for start in 0...max(0, e.count - 8) {
            let key = e.slice(start..<(start + 8))
            let number = key.withBytes { $0.reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }
            if !weakDESKeys.contains(number) { return key }
        }
        return e.slice(0..<8)
    }

    /// RFC 2409 appendix A: 4 weak keys, 12 semi-weak ones.
    private static let weakDESKeys: Set<UInt64> = [
        0x0101_0101_0101_0101, 0x1F1F_1F1F_E0E0_E0E0, 0xE0E0_E0E0_1F1F_1F1F, 0xFEFE_FEFE_FEFE_FEFE,
        0x1F1F_1F1F_0E0E_0E0E, 0xE0E0_E0E0_F1F1_F1F1, 0x01FE_01FE_01FE_01FE, 0x1FE0_1FE0_0EF1_0EF1,
        0x01E0_01E0_01F1_01F1, 0x1FFE_1FFE_0EFE_0EFE, 0x011F_011F_010E_010E, 0xE0FE_E0FE_F1FE_F1FE,
        0xFE01_FE01_FE01_FE01, 0xE01F_E01F_F10E_F10E, 0xE001_E001_F101_F101, 0xFE1F_FE1F_FE0E_FE0E,
        0x1F01_1F01_0E01_0E01, 0xFEE0_FEE0_FEF1_FEF1,
    ]
}
