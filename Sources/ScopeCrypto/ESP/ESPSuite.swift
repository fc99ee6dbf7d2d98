import ScopeDissect

/// The algorithms of one ESP or AH SA.
package struct ESPSuite: Hashable, Sendable {
    package var encryption: ESPEncryption
    package var integrity: ESPIntegrity
    /// 64-bit sequence numbers: the ICV covers a high half that is not on the wire (RFC 4303 section 2.2.1).
    package var usesESN: Bool
    /// The IV is the sequence number and is not in the packet (RFC 8750); with AEADs alone.
    package var usesImplicitIV = false
    /// Whether a high half far from zero is searched for.
    ///
    /// Under a wrong key that costs up to a tenth of a second for each SA, too much for a fuzzer.
    package var searchesFar = true

    package init(encryption: ESPEncryption, integrity: ESPIntegrity, usesESN: Bool = false) {
        self.encryption = encryption
        self.integrity = integrity
        self.usesESN = usesESN
    }

    /// The encryption as key files name it; with an implicit IV it ends in `-iiv`, as in IANA's registry.
    package var encryptionName: String { encryption.name + (usesImplicitIV ? Self.implicit : "") }

    private static let implicit = "-iiv"
    private static let withImplicitIV: [ESPEncryption] = [.aesGCM(16), .aesCCM(8), .chaCha20Poly1305]

    /// Every name of an encryption in key files.
    package static let encryptionNames = ESPEncryption.keyFileNames + withImplicitIV.map { $0.name + implicit }

    /// The encryption that a key file names, and whether its IV is implicit; IANA's spelling `AES_GCM_16_IIV` will do.
    package static func encryption(keyFile name: String) -> (encryption: ESPEncryption, usesImplicitIV: Bool)? {
        let name = String(name.lowercased().map { $0 == "_" ? "-" : $0 })
        if let known = ESPEncryption(keyFile: name) { return (known, false) }
        guard name.hasSuffix(implicit), let known = ESPEncryption(keyFile: String(name.dropLast(implicit.count))),
            withImplicitIV.contains(known)
        else { return nil }
        return (known, true)
    }
}

/// What an ESP SA encrypts with.
package enum ESPEncryption: Hashable, Sendable {
    case null
    case cbc(CBCCipher)
    case aesCTR
    /// RFC 5529.
    case camelliaCTR
    /// AES-GCM with an ICV of so many bytes (RFC 4106).
    case aesGCM(Int)
    /// AES-CCM with an ICV of so many bytes (RFC 4309).
    case aesCCM(Int)
    /// RFC 7634.
    case chaCha20Poly1305
    /// AES-GMAC without encryption (RFC 4543).
    case aesGMAC

    private static let byKeyFileName: [(String, ESPEncryption)] = [
        ("null", .null), ("des-cbc", .cbc(.des)), ("3des-cbc", .cbc(.tripleDES)), ("aes-cbc", .cbc(.aes)),
        ("aes-ctr", .aesCTR), ("aes-gcm-8", .aesGCM(8)), ("aes-gcm-12", .aesGCM(12)), ("aes-gcm-16", .aesGCM(16)),
        ("aes-ccm-8", .aesCCM(8)), ("aes-ccm-12", .aesCCM(12)), ("aes-ccm-16", .aesCCM(16)),
        ("chacha20-poly1305", .chaCha20Poly1305), ("camellia-cbc", .cbc(.camellia)),
        ("camellia-ctr", .camelliaCTR),
        ("blowfish-cbc", .cbc(.blowfish)), ("cast-cbc", .cbc(.cast)), ("null-auth-aes-gmac", .aesGMAC),
    ]

    package static let keyFileNames = byKeyFileName.map(\.0)

    package init?(keyFile name: String) {
        guard let row = Self.byKeyFileName.first(where: { $0.0 == name }) else { return nil }
        self = row.1
    }

    package var name: String { Self.byKeyFileName.first { $0.1 == self }?.0 ?? "" }

    /// Salt or nonce bytes at the end of the key material.
    package var saltLength: Int {
        switch self {
        case .null, .cbc: 0
        case .aesCTR, .camelliaCTR, .aesGCM, .chaCha20Poly1305, .aesGMAC: 4
        case .aesCCM: 3
        }
    }

    /// Bytes of the IV in each packet.
    package var ivLength: Int {
        switch self {
        case .null: 0
        case .cbc(let cipher): cipher.blockLength
        case .aesCTR, .camelliaCTR, .aesGCM, .aesCCM, .chaCha20Poly1305, .aesGMAC: 8
        }
    }

    /// The ICV of an algorithm that authenticates by itself; nil for the others.
    package var tagLength: Int? {
        switch self {
        case .null, .cbc, .aesCTR, .camelliaCTR: nil
        case .aesGCM(let length), .aesCCM(let length): length
        case .chaCha20Poly1305, .aesGMAC: 16
        }
    }

    /// Why key material of `keyLength` bytes (salt included) cannot be right; nil when it can.
    package func problem(keyLength: Int) -> String? {
        let bare = keyLength - saltLength
        let fits =
            switch self {
            case .null: bare == 0
            case .cbc(let cipher): cipher.allows(keyLength: bare)
            case .aesCTR, .camelliaCTR, .aesGCM, .aesCCM, .aesGMAC: bare == 16 || bare == 24 || bare == 32
            case .chaCha20Poly1305: bare == 32
            }
        guard !fits else { return nil }
        let salt = saltLength > 0 ? " with its \(saltLength)-byte salt at the end" : ""
        return "\(name) takes \(lengths)\(salt), not \(keyLength) bytes"
    }

    private var lengths: String {
        switch self {
        case .null: "no key"
        case .cbc(.des): "8 bytes"
        case .cbc(.tripleDES): "24 bytes"
        case .cbc(.blowfish): "5 to 56 bytes"
        case .cbc(.cast): "5 to 16 bytes"
        case .cbc(.aes), .cbc(.camellia): "16, 24 or 32 bytes"
        case .aesCTR, .camelliaCTR, .aesGCM, .aesCCM, .aesGMAC: "a key of 16, 24 or 32 bytes"
        case .chaCha20Poly1305: "a key of 32 bytes"
        }
    }
}

/// What an ESP SA authenticates with.
package enum ESPIntegrity: Hashable, Sendable {
    case none
    /// HMAC, cut to so many bytes (RFC 2403, 2404, 4868).
    case hmac(Digest, length: Int)
    /// RFC 3566.
    case aesXCBC
    /// RFC 4494.
    case aesCMAC
    /// RFC 4543 section 4, of AH alone: the key with its salt has so many bytes.
    case aesGMAC(keyLength: Int)
    /// An ICV of so many bytes whose key is not known.
    case unknown(length: Int)

    private static let byKeyFileName: [(String, ESPIntegrity)] = [
        ("none", .none), ("hmac-md5-96", .hmac(.md5, length: 12)), ("hmac-sha1-96", .hmac(.sha1, length: 12)),
        ("hmac-sha2-256-96", .hmac(.sha256, length: 12)), ("hmac-sha2-256-128", .hmac(.sha256, length: 16)),
        ("hmac-sha2-384-192", .hmac(.sha384, length: 24)), ("hmac-sha2-512-256", .hmac(.sha512, length: 32)),
        ("aes-xcbc-96", .aesXCBC), ("aes-cmac-96", .aesCMAC), ("aes-128-gmac", .aesGMAC(keyLength: 20)),
        ("aes-192-gmac", .aesGMAC(keyLength: 28)), ("aes-256-gmac", .aesGMAC(keyLength: 36)),
        ("any-96", .unknown(length: 12)),
        ("any-128", .unknown(length: 16)), ("any-256", .unknown(length: 32)),
    ]

    package static let keyFileNames = byKeyFileName.map(\.0)

    package init?(keyFile name: String) {
        guard let row = Self.byKeyFileName.first(where: { $0.0 == name }) else { return nil }
        self = row.1
    }

    package var name: String { Self.byKeyFileName.first { $0.1 == self }?.0 ?? "" }

    /// Bytes of the ICV.
    package var tagLength: Int {
        switch self {
        case .none: 0
        case .hmac(_, let length), .unknown(let length): length
        case .aesXCBC, .aesCMAC: 12
        case .aesGMAC: 16
        }
    }

    /// Bytes of its key.
    package var keyLength: Int {
        switch self {
        case .none, .unknown: 0
        case .hmac(let hash, _): hash.length
        case .aesXCBC, .aesCMAC: 16
        case .aesGMAC(let length): length
        }
    }

    /// Why a key of so many bytes cannot be right; nil when it can.
    ///
    /// HMAC takes a key of any length (RFC 2104 section 3), and keys that are set by hand have any.
    package func problem(keyLength given: Int) -> String? {
        guard given != keyLength else { return nil }
        if given > 0, case .hmac = self { return nil }
        return keyLength == 0 ? "\(name) takes no key" : "\(name) takes \(keyLength) bytes, not \(given)"
    }
}
