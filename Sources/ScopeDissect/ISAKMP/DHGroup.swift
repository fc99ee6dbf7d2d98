import ScopeWire

/// Diffie-Hellman groups (RFC 2409, RFC 3526, RFC 5114, RFC 5903, RFC 6932, RFC 8031 and later registrations).
public struct DHGroup: CodePoint {
    public let rawValue: UInt16
    @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

    @inlinable public static var modp768: DHGroup { DHGroup(rawValue: 1) }
    @inlinable public static var modp1024: DHGroup { DHGroup(rawValue: 2) }
    @inlinable public static var modp1536: DHGroup { DHGroup(rawValue: 5) }
    @inlinable public static var modp2048: DHGroup { DHGroup(rawValue: 14) }
    @inlinable public static var modp3072: DHGroup { DHGroup(rawValue: 15) }
    @inlinable public static var modp4096: DHGroup { DHGroup(rawValue: 16) }
    @inlinable public static var modp6144: DHGroup { DHGroup(rawValue: 17) }
    @inlinable public static var modp8192: DHGroup { DHGroup(rawValue: 18) }
    @inlinable public static var ecp256: DHGroup { DHGroup(rawValue: 19) }
    @inlinable public static var ecp384: DHGroup { DHGroup(rawValue: 20) }
    @inlinable public static var ecp521: DHGroup { DHGroup(rawValue: 21) }
    @inlinable public static var curve25519: DHGroup { DHGroup(rawValue: 31) }
    @inlinable public static var curve448: DHGroup { DHGroup(rawValue: 32) }

    public static let names: [DHGroup: String] = [
        .modp768: "MODP 768", .modp1024: "MODP 1024", DHGroup(rawValue: 3): "EC2N 155",
        DHGroup(rawValue: 4): "EC2N 185", .modp1536: "MODP 1536", DHGroup(rawValue: 6): "EC2N 163 random",
        DHGroup(rawValue: 7): "EC2N 163 Koblitz", DHGroup(rawValue: 8): "EC2N 283 random",
        DHGroup(rawValue: 9): "EC2N 283 Koblitz", DHGroup(rawValue: 10): "EC2N 409 random",
        DHGroup(rawValue: 11): "EC2N 409 Koblitz", DHGroup(rawValue: 12): "EC2N 571 random",
        DHGroup(rawValue: 13): "EC2N 571 Koblitz", .modp2048: "MODP 2048", .modp3072: "MODP 3072",
        .modp4096: "MODP 4096", .modp6144: "MODP 6144", .modp8192: "MODP 8192", .ecp256: "ECP 256",
        .ecp384: "ECP 384", .ecp521: "ECP 521", DHGroup(rawValue: 22): "MODP 1024, 160-bit subgroup",
        DHGroup(rawValue: 23): "MODP 2048, 224-bit subgroup", DHGroup(rawValue: 24): "MODP 2048, 256-bit subgroup",
        DHGroup(rawValue: 25): "ECP 192", DHGroup(rawValue: 26): "ECP 224", DHGroup(rawValue: 27): "brainpoolP224r1",
        DHGroup(rawValue: 28): "brainpoolP256r1", DHGroup(rawValue: 29): "brainpoolP384r1",
        DHGroup(rawValue: 30): "brainpoolP512r1", .curve25519: "Curve25519", .curve448: "Curve448",
        DHGroup(rawValue: 33): "GOST3410_2012_256", DHGroup(rawValue: 34): "GOST3410_2012_512",
        DHGroup(rawValue: 35): "ML-KEM-512", DHGroup(rawValue: 36): "ML-KEM-768", DHGroup(rawValue: 37): "ML-KEM-1024",
    ]
}
