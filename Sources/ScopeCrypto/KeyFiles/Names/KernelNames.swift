/// The algorithms by the names of Linux's crypto API, as `ip xfrm` takes and prints them.
enum KernelNames {
    /// `enc NAME KEY`.
    static func encryption(_ name: String) -> ESPEncryption? {
        encryptions.first { $0.name == name }?.algorithm ?? old[name]
    }

    /// `aead NAME KEY BITS`, with an ICV of so many bits.
    static func aead(_ name: String, bits: Int) -> ESPEncryption? {
        switch (name, bits) {
        case ("rfc4106(gcm(aes))", 64), ("rfc4106(gcm(aes))", 96), ("rfc4106(gcm(aes))", 128): .aesGCM(bits / 8)
        case ("rfc4309(ccm(aes))", 64), ("rfc4309(ccm(aes))", 96), ("rfc4309(ccm(aes))", 128): .aesCCM(bits / 8)
        case ("rfc4543(gcm(aes))", 128): .aesGMAC
        case ("rfc7539esp(chacha20,poly1305)", 128): .chaCha20Poly1305
        default: nil
        }
    }

    /// `auth-trunc NAME KEY BITS`, or `auth NAME KEY`, which means the kernel's own length (nil).
    static func integrity(_ name: String, bits: Int?) -> ESPIntegrity? {
        integrities.first { ($0.name == name || $0.old == name) && (bits ?? $0.usual) == $0.bits }?.algorithm
    }

    /// `enc`, or `aead`, with its name and the bits of its ICV; nil when Linux has no name for it.
    static func words(_ algorithm: ESPEncryption) -> (keyword: String, name: String, bits: Int?)? {
        switch algorithm {
        case .aesGCM(let length): ("aead", "rfc4106(gcm(aes))", length * 8)
        case .aesCCM(let length): ("aead", "rfc4309(ccm(aes))", length * 8)
        case .aesGMAC: ("aead", "rfc4543(gcm(aes))", 128)
        case .chaCha20Poly1305: ("aead", "rfc7539esp(chacha20,poly1305)", 128)
        default: encryptions.first { $0.algorithm == algorithm }.map { ("enc", $0.name, nil) }
        }
    }

    /// The words of `auth-trunc`; nil when Linux has no name for it.
    static func words(_ algorithm: ESPIntegrity) -> (name: String, bits: Int)? {
        integrities.first { $0.algorithm == algorithm }.map { ($0.name, $0.bits) }
    }

    private static let encryptions: [(name: String, algorithm: ESPEncryption)] = [
        ("ecb(cipher_null)", .null), ("cbc(des)", .cbc(.des)), ("cbc(des3_ede)", .cbc(.tripleDES)),
        ("cbc(aes)", .cbc(.aes)), ("cbc(camellia)", .cbc(.camellia)), ("cbc(blowfish)", .cbc(.blowfish)),
        ("cbc(cast5)", .cbc(.cast)), ("rfc3686(ctr(aes))", .aesCTR),
    ]

    /// Names from before the templates.
    private static let old: [String: ESPEncryption] = [
        "cipher_null": .null, "des": .cbc(.des), "des3_ede": .cbc(.tripleDES), "aes": .cbc(.aes),
        "camellia": .cbc(.camellia), "blowfish": .cbc(.blowfish), "cast5": .cbc(.cast),
    ]

    /// Linux cut SHA-256 to 96 bits before it had `auth-trunc`.
    private static let integrities: [(name: String, old: String, bits: Int, usual: Int, algorithm: ESPIntegrity)] = [
        ("hmac(md5)", "md5", 96, 96, .hmac(.md5, length: 12)), ("hmac(sha1)", "sha1", 96, 96, .hmac(.sha1, length: 12)),
        ("hmac(sha256)", "sha256", 96, 96, .hmac(.sha256, length: 12)),
        ("hmac(sha256)", "sha256", 128, 96, .hmac(.sha256, length: 16)),
        ("hmac(sha384)", "sha384", 192, 192, .hmac(.sha384, length: 24)),
        ("hmac(sha512)", "sha512", 256, 256, .hmac(.sha512, length: 32)), ("xcbc(aes)", "xcbc", 96, 96, .aesXCBC),
        ("cmac(aes)", "cmac", 96, 96, .aesCMAC),
    ]
}
