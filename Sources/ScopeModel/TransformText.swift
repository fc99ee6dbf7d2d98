import ScopeDissect
import ScopeWire

/// Transforms in the words of the field.
public enum TransformText {
    /// `AES-CBC-256, SHA, group 2, pre-share, 28800 s`.
    public static func phase1(_ transform: Transform) -> String {
        var words: [String] = []
        if let value = transform.value(1) {
            words.append(sized(value, encryptionNames, "encryption", length: transform.value(14)))
        }
        if let value = transform.value(2) { words.append(named(value, hashNames, "hash")) }
        if let value = transform.value(4) { words.append("group \(value)") }
        if let value = transform.value(3) { words.append(named(value, methodNames, "authentication method")) }
        words += lifetime(type: transform.value(11), duration: transform.value(12))
        return words.joined(separator: ", ")
    }

    /// `ESP AES-CBC-128, HMAC-SHA, tunnel, 3600 s`.
    public static func phase2(_ transform: Transform, of proposal: SecurityProtocol) -> String {
        var words = [algorithm(transform, of: proposal)]
        if let value = transform.value(5) { words.append(named(value, integrityNames, "integrity")) }
        if let value = transform.value(4) { words.append(named(value, modeNames, "encapsulation mode")) }
        for (type, value) in lifetimes(transform) { words += lifetime(type: type, duration: value) }
        if let value = transform.value(3) { words.append("PFS group \(value)") }
        if transform.value(11) == 1 { words.append("64-bit sequence numbers") }
        return (proposal.name ?? "protocol \(proposal.rawValue)") + " " + words.joined(separator: ", ")
    }

    private static func lifetime(type: UInt64?, duration: UInt64?) -> [String] {
        guard let duration else { return [] }
        return switch type {
        case 1, nil: ["\(duration) s"]
        case 2: ["\(duration) kB"]
        case .some(let type): ["lifetime \(duration) of type \(type)"]
        }
    }

    private static func named(_ value: UInt64, _ names: [UInt64: String], _ what: String) -> String {
        names[value] ?? "\(what) \(value)"
    }

    private static func sized(
        _ value: UInt64, _ names: [UInt64: String], _ what: String, length: UInt64?
    ) -> String {
        named(value, names, what) + (length.map { "-\($0)" } ?? "")
    }

    /// One attribute of a phase 1 transform (RFC 2409 appendix A) in few letters; nil where it has none.
    public static func phase1(_ transform: Transform, attribute: UInt16) -> String? {
        guard let value = transform.value(attribute) else { return nil }
        return switch attribute {
        case 1: named(value, encryptionNames, "encryption")
        case 2: named(value, hashNames, "hash")
        case 3: shortMethodNames[value] ?? named(value, methodNames, "method")
        default: "\(value)"
        }
    }

    /// The lifetime of a phase 1 transform: `28800 s`; nil where it has none.
    public static func phase1Lifetime(_ transform: Transform) -> String? {
        lifetime(type: transform.value(11), duration: transform.value(12)).first
    }

    /// The lifetimes of a phase 2 transform: `3600 s, 4608000 kB`; nil where it has none.
    public static func phase2Lifetime(_ transform: Transform) -> String? {
        let words = lifetimes(transform).flatMap { lifetime(type: $0.type, duration: $0.value) }
        return words.isEmpty ? nil : words.joined(separator: ", ")
    }

    /// One attribute of a phase 2 transform (RFC 2407 section 4.5); nil where it has none.
    public static func phase2(_ transform: Transform, attribute: UInt16) -> String? {
        guard let value = transform.value(attribute) else { return nil }
        return switch attribute {
        case 4: named(value, modeNames, "mode")
        case 5: named(value, integrityNames, "integrity")
        default: "\(value)"
        }
    }

    /// The cipher of ESP, the hash of AH, with its key length.
    public static func algorithm(_ transform: Transform, of proposal: SecurityProtocol) -> String {
        algorithm(transform, of: proposal, length: transform.value(6))
    }

    /// The protocol and the algorithm without its key length: `ESP AES-CBC`.
    public static func bareAlgorithm(_ transform: Transform, of proposal: SecurityProtocol) -> String {
        (proposal.name ?? "protocol \(proposal.rawValue)") + " " + algorithm(transform, of: proposal, length: nil)
    }

    private static func algorithm(
        _ transform: Transform, of proposal: SecurityProtocol, length: UInt64?
    ) -> String {
        let names = proposal == .ah ? ahNames : proposal == .ipComp ? compressionNames : espNames
        return sized(UInt64(transform.id), names, "transform", length: length)
    }

    private static let encryptionNames: [UInt64: String] = [
        1: "DES-CBC", 2: "IDEA-CBC", 3: "BLOWFISH-CBC", 4: "RC5-CBC", 5: "3DES-CBC", 6: "CAST-CBC", 7: "AES-CBC",
        8: "CAMELLIA-CBC",
    ]
    private static let hashNames: [UInt64: String] = [
        1: "MD5", 2: "SHA", 3: "TIGER", 4: "SHA2-256", 5: "SHA2-384", 6: "SHA2-512",
    ]
    private static let methodNames: [UInt64: String] = [
        1: "pre-share", 2: "DSS signatures", 3: "RSA signatures", 4: "RSA encryption", 5: "revised RSA encryption",
        9: "ECDSA P-256", 10: "ECDSA P-384", 11: "ECDSA P-521", 64221: "hybrid RSA (initiator)",
        64222: "hybrid RSA (responder)", 65001: "XAUTH and pre-share (initiator)",
        65002: "XAUTH and pre-share (responder)", 65005: "XAUTH and RSA signatures (initiator)",
        65006: "XAUTH and RSA signatures (responder)",
    ]
    /// For tables.
    private static let shortMethodNames: [UInt64: String] = [
        64221: "hybrid RSA (I)", 64222: "hybrid RSA (R)", 65001: "XAUTH pre-share (I)",
        65002: "XAUTH pre-share (R)", 65005: "XAUTH RSA (I)", 65006: "XAUTH RSA (R)",
    ]
    private static let espNames: [UInt64: String] = [
        2: "DES-CBC", 3: "3DES-CBC", 4: "RC5", 5: "IDEA", 6: "CAST", 7: "BLOWFISH", 11: "NULL", 12: "AES-CBC",
        13: "AES-CTR", 14: "AES-CCM-8", 15: "AES-CCM-12", 16: "AES-CCM-16", 18: "AES-GCM-8", 19: "AES-GCM-12",
        20: "AES-GCM-16", 22: "CAMELLIA-CBC", 23: "NULL with AES-GMAC",
    ]
    private static let ahNames: [UInt64: String] = [
        2: "MD5", 3: "SHA", 5: "SHA2-256", 6: "SHA2-384", 7: "SHA2-512", 9: "AES-XCBC",
    ]
    private static let compressionNames: [UInt64: String] = [1: "OUI", 2: "DEFLATE", 3: "LZS", 4: "LZJH"]
    private static let integrityNames: [UInt64: String] = [
        1: "HMAC-MD5", 2: "HMAC-SHA", 3: "DES-MAC", 4: "KPDK", 5: "HMAC-SHA2-256", 6: "HMAC-SHA2-384",
        7: "HMAC-SHA2-512", 9: "AES-XCBC-MAC",
    ]
    private static let modeNames: [UInt64: String] = [
        1: "tunnel", 2: "transport", 3: "tunnel in UDP", 4: "transport in UDP", 61443: "tunnel in UDP (draft)",
        61444: "transport in UDP (draft)",
    ]

    /// Pairs of life type and duration, in wire order.
    public static func lifetimes(_ transform: Transform) -> [(type: UInt64, value: UInt64)] {
        var result: [(type: UInt64, value: UInt64)] = []
        var type: UInt64?
        for attribute in transform.attributes {
            if attribute.type == 1 { type = attribute.number }
            if attribute.type == 2, let current = type, let value = attribute.number {
                result.append((current, value))
                type = nil
            }
        }
        return result
    }
}
