/// The keys of an IPsec SA out of SKEYID_d (RFC 2409 section 5.5).
package enum Keymat {
    /// K1 | K2 | … for one SPI, `length` bytes: K1 = prf(SKEYID_d, [g(qm)^xy |] protocol | SPI | Ni_b | Nr_b).
    package static func derive(
        _ hash: Digest, d: Secret, shared: Secret?, protocolID: UInt8, spi: [UInt8], ni: [UInt8], nr: [UInt8],
        length: Int
    ) throws(CryptoError) -> Secret {
        try derive(
            HMAC(hash, key: d), shared: shared, protocolID: protocolID, spi: spi, ni: ni, nr: nr, length: length)
    }

    /// The same with the HMAC under SKEYID_d, which serves all SPIs of a Quick Mode.
    static func derive(
        _ hmac: HMAC, shared: Secret?, protocolID: UInt8, spi: [UInt8], ni: [UInt8], nr: [UInt8], length: Int
    ) throws(CryptoError) -> Secret {
        let seed: [HashInput] =
            (shared.map { [.secret($0)] } ?? []) + [.byte(protocolID), .bytes(spi), .bytes(ni), .bytes(nr)]
        return try Secret.chained(to: length) { before, _ throws(CryptoError) in try hmac.tag(before + seed) }
    }
}
