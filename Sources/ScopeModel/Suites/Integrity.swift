/// What authenticates packets and messages beside their cipher.
public enum Integrity: Hashable, Sendable {
    case none
    case hmacMD5, hmacSHA1, hmacSHA256, hmacSHA384, hmacSHA512, hmacRIPEMD
    /// With longer ICVs, which Fibre Channel uses (RFC 4595).
    case hmacMD5Whole, hmacSHA1Whole
    case desMAC, kpdk, aesXCBC, aesCMAC, rsa
    case aes128GMAC, aes192GMAC, aes256GMAC
    /// A number that the registry it was read from does not know.
    case other(UInt16)
}

extension Integrity: Registered {
    var unknownNumber: UInt16? { if case .other(let number) = self { number } else { nil } }

    /// By the Authentication-Algorithm attribute of IKEv1's phase 2 (RFC 2407 section 4.5 and IANA's registry).
    public init(ikev1 number: UInt16) { self.init(number, in: Self.ikev1) }
    public var ikev1: UInt16? { number(in: Self.ikev1) }

    /// By the AH transform identifiers of IKEv1 (RFC 2407 section 4.4.3 and IANA's registry).
    public init(ah number: UInt16) { self.init(number, in: Self.ah) }
    public var ah: UInt16? { number(in: Self.ah) }

    /// By IKEv2's transform type 3 (RFC 7296 section 3.3.2 and IANA's registry).
    public init(ikev2 number: UInt16) { self.init(number, in: Self.ikev2) }
    public var ikev2: UInt16? { number(in: Self.ikev2) }

    static let ikev1: Numbering<Integrity> = [
        0: .none, 2: .hmacSHA1, 5: .hmacSHA256, 1: .hmacMD5, 3: .desMAC, 4: .kpdk, 6: .hmacSHA384, 7: .hmacSHA512,
        8: .hmacRIPEMD, 9: .aesXCBC, 10: .rsa, 11: .aes128GMAC, 12: .aes192GMAC, 13: .aes256GMAC,
    ]

    static let ah: Numbering<Integrity> = [
        2: .hmacMD5, 3: .hmacSHA1, 4: .desMAC, 5: .hmacSHA256, 6: .hmacSHA384, 7: .hmacSHA512, 8: .hmacRIPEMD,
        9: .aesXCBC, 10: .rsa, 11: .aes128GMAC, 12: .aes192GMAC, 13: .aes256GMAC,
    ]

    static let ikev2: Numbering<Integrity> = [
        0: .none, 1: .hmacMD5, 2: .hmacSHA1, 3: .desMAC, 4: .kpdk, 5: .aesXCBC, 6: .hmacMD5Whole, 7: .hmacSHA1Whole,
        8: .aesCMAC, 9: .aes128GMAC, 10: .aes192GMAC, 11: .aes256GMAC, 12: .hmacSHA256, 13: .hmacSHA384,
        14: .hmacSHA512,
    ]
}
