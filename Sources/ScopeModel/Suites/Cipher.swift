/// What encrypts: an IKE SA, or the packets of an ESP SA.
///
/// Its key length stands beside it.
public enum Cipher: Hashable, Sendable {
    case desIV64, des, tripleDES, rc5, idea, cast, blowfish, tripleIDEA, desIV32, rc4, seed, sm1, sm4, serpent, twofish
    case null, nullWithGMAC
    case aesCBC, aesCTR, aesCCM8, aesCCM12, aesCCM16, aesGCM8, aesGCM12, aesGCM16
    case camelliaCBC, camelliaCTR, camelliaCCM8, camelliaCCM12, camelliaCCM16
    case chaCha20Poly1305, aesCCM8ImplicitIV, aesGCM16ImplicitIV, chaCha20Poly1305ImplicitIV
    /// IOS's own `esp-seal`.
    case seal
    /// A number that the registry it was read from does not know.
    case other(UInt16)

    /// It authenticates what it encrypts, and goes with no algorithm for integrity.
    public var isAEAD: Bool {
        switch self {
        case .nullWithGMAC, .aesCCM8, .aesCCM12, .aesCCM16, .aesGCM8, .aesGCM12, .aesGCM16, .camelliaCCM8,
            .camelliaCCM12, .camelliaCCM16, .chaCha20Poly1305, .aesCCM8ImplicitIV, .aesGCM16ImplicitIV,
            .chaCha20Poly1305ImplicitIV:
            true
        case .desIV64, .des, .tripleDES, .rc5, .idea, .cast, .blowfish, .tripleIDEA, .desIV32, .rc4, .seed, .sm1,
            .sm4, .serpent, .twofish, .null, .aesCBC, .aesCTR, .camelliaCBC, .camelliaCTR, .seal, .other:
            false
        }
    }
}

extension Cipher {
    /// Bytes of a block that its messages are padded to; 1 where they are not.
    public var blockLength: Int {
        switch self {
        case .desIV64, .des, .tripleDES, .rc5, .idea, .cast, .blowfish, .tripleIDEA, .desIV32: 8
        case .aesCBC, .camelliaCBC, .seed, .sm1, .sm4, .serpent, .twofish, .other: 16
        case .rc4, .null, .nullWithGMAC, .aesCTR, .aesCCM8, .aesCCM12, .aesCCM16, .aesGCM8, .aesGCM12, .aesGCM16,
            .camelliaCTR, .camelliaCCM8, .camelliaCCM12, .camelliaCCM16, .chaCha20Poly1305, .aesCCM8ImplicitIV,
            .aesGCM16ImplicitIV, .chaCha20Poly1305ImplicitIV, .seal:
            1
        }
    }
}

extension Cipher: Registered {
    var unknownNumber: UInt16? { if case .other(let number) = self { number } else { nil } }

    /// By the Encryption-Algorithm attribute of IKEv1's phase 1 (RFC 2409 appendix A and IANA's registry).
    public init(ikev1 number: UInt16) { self.init(number, in: Self.ikev1) }
    public var ikev1: UInt16? { number(in: Self.ikev1) }

    /// By the ESP transform identifiers of IKEv1 (RFC 2407 section 4.4.4 and IANA's registry).
    public init(esp number: UInt16) { self.init(number, in: Self.esp) }
    public var esp: UInt16? { number(in: Self.esp) }

    /// By IKEv2's transform type 1 (RFC 7296 section 3.3.2 and IANA's registry).
    public init(ikev2 number: UInt16) { self.init(number, in: Self.ikev2) }
    public var ikev2: UInt16? { number(in: Self.ikev2) }

    static let ikev1: Numbering<Cipher> = [
        7: .aesCBC, 5: .tripleDES, 1: .des, 2: .idea, 3: .blowfish, 4: .rc5, 6: .cast, 8: .camelliaCBC, 128: .sm1,
        129: .sm4, 65004: .serpent, 65005: .twofish,
    ]

    static let esp: Numbering<Cipher> = [
        12: .aesCBC, 20: .aesGCM16, 3: .tripleDES, 11: .null, 2: .des, 1: .desIV64, 4: .rc5, 5: .idea, 6: .cast,
        7: .blowfish, 8: .tripleIDEA, 9: .desIV32, 10: .rc4, 13: .aesCTR, 14: .aesCCM8, 15: .aesCCM12, 16: .aesCCM16,
        18: .aesGCM8, 19: .aesGCM12, 21: .seed, 22: .camelliaCBC, 23: .nullWithGMAC, 252: .serpent, 253: .twofish,
        255: .seal,
    ]

    static let ikev2: Numbering<Cipher> = [
        12: .aesCBC, 20: .aesGCM16, 3: .tripleDES, 11: .null, 2: .des, 1: .desIV64, 4: .rc5, 5: .idea, 6: .cast,
        7: .blowfish, 8: .tripleIDEA, 9: .desIV32, 13: .aesCTR, 14: .aesCCM8, 15: .aesCCM12, 16: .aesCCM16,
        18: .aesGCM8, 19: .aesGCM12, 21: .nullWithGMAC, 23: .camelliaCBC, 24: .camelliaCTR, 25: .camelliaCCM8,
        26: .camelliaCCM12, 27: .camelliaCCM16, 28: .chaCha20Poly1305, 29: .aesCCM8ImplicitIV,
        30: .aesGCM16ImplicitIV, 31: .chaCha20Poly1305ImplicitIV,
    ]
}
