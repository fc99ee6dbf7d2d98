/// What the keys of an IKEv2 SA are stretched from.
package enum SKEYSEED {
    /// Of IKE_SA_INIT: prf(Ni | Nr, g^ir) (RFC 7296 section 2.14).
    package static func initial(
        _ prf: PseudorandomFunction, ni: [UInt8], nr: [UInt8], shared: Secret
    ) throws(CryptoError) -> Secret {
        try prf(prf.nonceKey(ni, nr), [.secret(shared)])
    }

    /// After the n-th additional key exchange: prf(SK_d(n-1), SK(n) | Ni | Nr) (RFC 9370 section 2.2.2).
    package static func additional(
        _ prf: PseudorandomFunction, d: Secret, shared: Secret, ni: [UInt8], nr: [UInt8]
    ) throws(CryptoError) -> Secret {
        try prf(d, [.secret(shared), .bytes(ni), .bytes(nr)])
    }

    /// After a PPK was taken in IKE_INTERMEDIATE: prf+(PPK, SK_d), of the length of the function (RFC 9867 section 3.1).
    package static func mixed(_ prf: PseudorandomFunction, d: Secret, ppk: Secret) throws(CryptoError) -> Secret {
        try prf.stretched(ppk, [.secret(d)], to: prf.length)
    }

    /// Of a rekeyed IKE SA, with the function and SK_d of the old one: prf(SK_d (old), SK(0) | Ni | Nr | SK(1) | …)
    /// (RFC 7296 section 2.18, RFC 9370 section 2.2.4).
    package static func rekeyed(
        _ prf: PseudorandomFunction, oldD: Secret, shared: [Secret], ni: [UInt8], nr: [UInt8]
    ) throws(CryptoError) -> Secret {
        let first: [HashInput] = shared.prefix(1).map { .secret($0) }
        return try prf(oldD, first + [.bytes(ni), .bytes(nr)] + shared.dropFirst().map { .secret($0) })
    }

    /// Of a resumed session, with SK_d of the SA that is gone: prf(SK_d (old), "Resumption" | Ni | Nr) (RFC 5723 section
    /// 5.1).
    package static func resumed(
        _ prf: PseudorandomFunction, oldD: Secret, ni: [UInt8], nr: [UInt8]
    ) throws(CryptoError) -> Secret {
        try prf(oldD, [.bytes(Array("Resumption".utf8)), .bytes(ni), .bytes(nr)])
    }
}

extension Keymat {
    /// The keys of a child SA of IKEv2, those of both directions behind each other:
    /// prf+(SK_d, [SK(0) |] Ni | Nr [| SK(1) | …]) (RFC 7296 section 2.17, RFC 9370 section 2.2.4).
    package static func ikev2(
        _ prf: PseudorandomFunction, d: Secret, shared: [Secret], ni: [UInt8], nr: [UInt8], length: Int
    ) throws(CryptoError) -> Secret {
        let first: [HashInput] = shared.prefix(1).map { .secret($0) }
        let parts = first + [.bytes(ni), .bytes(nr)] + shared.dropFirst().map { .secret($0) }
        return try prf.stretched(d, parts, to: length)
    }
}
