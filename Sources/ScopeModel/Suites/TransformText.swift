import ScopeDissect
import ScopeWire

/// Transforms in the words of the field.
public enum TransformText {
    /// `AES-CBC-256, SHA, group 2, pre-share, 28800 s`.
    public static func phase1(_ transform: Transform) -> String { text { writePhase1(transform, to: $0) } }

    /// `ESP AES-CBC-128, HMAC-SHA, tunnel, 3600 s`.
    public static func phase2(_ transform: Transform, of proposal: SecurityProtocol) -> String {
        text { writePhase2(transform, of: proposal, to: $0) }
    }

    /// The text of `phase1`, without a `String` in between.
    public static func writePhase1(_ transform: Transform, to sink: ByteSink) {
        var list = List(sink: sink)
        if let value = transform.value(1) {
            list.next()
            name(value, encryptionNames, "encryption", length: transform.value(14), to: sink)
        }
        if let value = transform.value(2) { list.name(value, hashNames, "hash") }
        if let value = transform.value(4) { list.number("group ", value) }
        if let value = transform.value(3) { list.name(value, methodNames, "authentication method") }
        if let value = transform.value(12) { list.lifetime(type: transform.value(11), value) }
    }

    /// The text of `phase2`, without a `String` in between.
    public static func writePhase2(_ transform: Transform, of proposal: SecurityProtocol, to sink: ByteSink) {
        write(proposal, to: sink)
        sink.byte(UInt8(ascii: " "))
        var list = List(sink: sink)
        list.next()
        algorithm(transform, of: proposal, length: transform.value(6), to: sink)
        if let value = transform.value(5) { list.name(value, integrityNames, "integrity") }
        if let value = transform.value(4) { list.name(value, modeNames, "encapsulation mode") }
        eachLifetime(transform) { list.lifetime(type: $0, $1) }
        if let value = transform.value(3) { list.number("PFS group ", value) }
        if transform.value(11) == 1 {
            list.next()
            sink.literal("64-bit sequence numbers")
        }
    }

    /// Words with commas between them.
    private struct List {
        let sink: ByteSink
        private var isBehindFirst = false

        init(sink: ByteSink) { self.sink = sink }

        mutating func next() {
            if isBehindFirst { sink.literal(", ") }
            isBehindFirst = true
        }

        mutating func name(_ value: UInt64, _ names: Names, _ what: StaticString) {
            next()
            TransformText.name(value, names, what, to: sink)
        }

        mutating func number(_ what: StaticString, _ value: UInt64) {
            next()
            sink.literal(what)
            sink.decimal(value)
        }

        mutating func lifetime(type: UInt64?, _ duration: UInt64) {
            next()
            TransformText.lifetime(type: type, duration, to: sink)
        }
    }

    private static func lifetime(type: UInt64?, _ duration: UInt64, to sink: ByteSink) {
        switch type {
        case 1, nil:
            sink.decimal(duration)
            sink.literal(" s")
        case 2:
            sink.decimal(duration)
            sink.literal(" kB")
        case .some(let type):
            sink.literal("lifetime ")
            sink.decimal(duration)
            sink.literal(" of type ")
            sink.decimal(type)
        }
    }

    /// The name of a value, with a key length where there is one; without a name the number behind `what`.
    private static func name(
        _ value: UInt64, _ names: Names, _ what: StaticString, length: UInt64? = nil, to sink: ByteSink
    ) {
        if let name = names.first(where: { $0.key == value })?.value {
            sink.literal(name)
        } else {
            sink.literal(what)
            sink.byte(UInt8(ascii: " "))
            sink.decimal(value)
        }
        if let length {
            sink.byte(UInt8(ascii: "-"))
            sink.decimal(length)
        }
    }

    private static func write(_ proposal: SecurityProtocol, to sink: ByteSink) {
        sink.text(proposal.name ?? "protocol \(proposal.rawValue)")
    }

    private static func text(_ body: (ByteSink) -> Void) -> String {
        let sink = ByteSink(capacity: 128)
        body(sink)
        return sink.withBytes { String(decoding: $0, as: UTF8.self) }
    }

    private static func named(_ value: UInt64, _ names: Names, _ what: StaticString) -> String {
        text { name(value, names, what, to: $0) }
    }

    /// One attribute of a phase 1 transform (RFC 2409 appendix A) in few letters; nil where it has none.
    public static func phase1(_ transform: Transform, attribute: UInt16) -> String? {
        guard let value = transform.value(attribute) else { return nil }
        return switch attribute {
        case 1: named(value, encryptionNames, "encryption")
        case 2: named(value, hashNames, "hash")
        case 3:
            shortMethodNames.contains { $0.key == value }
                ? named(value, shortMethodNames, "method") : named(value, methodNames, "method")
        default: "\(value)"
        }
    }

    /// The lifetime of a phase 1 transform: `28800 s`; nil where it has none.
    public static func phase1Lifetime(_ transform: Transform) -> String? {
        transform.value(12).map { duration in text { lifetime(type: transform.value(11), duration, to: $0) } }
    }

    /// The lifetimes of a phase 2 transform: `3600 s, 4608000 kB`; nil where it has none.
    public static func phase2Lifetime(_ transform: Transform) -> String? {
        let text = text { sink in
            var list = List(sink: sink)
            eachLifetime(transform) { list.lifetime(type: $0, $1) }
        }
        return text.isEmpty ? nil : text
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
        text { algorithm(transform, of: proposal, length: transform.value(6), to: $0) }
    }

    /// The protocol and the algorithm without its key length: `ESP AES-CBC`.
    public static func bareAlgorithm(_ transform: Transform, of proposal: SecurityProtocol) -> String {
        text { sink in
            write(proposal, to: sink)
            sink.byte(UInt8(ascii: " "))
            algorithm(transform, of: proposal, length: nil, to: sink)
        }
    }

    private static func algorithm(
        _ transform: Transform, of proposal: SecurityProtocol, length: UInt64?, to sink: ByteSink
    ) {
        let names = proposal == .ah ? ahNames : proposal == .ipComp ? compressionNames : espNames
        name(UInt64(transform.id), names, "transform", length: length, to: sink)
    }

    /// A few each, so that looking through them is quicker than hashing.
    private typealias Names = KeyValuePairs<UInt64, StaticString>

    private static let encryptionNames: Names = [
        1: "DES-CBC", 2: "IDEA-CBC", 3: "BLOWFISH-CBC", 4: "RC5-CBC", 5: "3DES-CBC", 6: "CAST-CBC", 7: "AES-CBC",
        8: "CAMELLIA-CBC",
    ]
    private static let hashNames: Names = [
        1: "MD5", 2: "SHA", 3: "TIGER", 4: "SHA2-256", 5: "SHA2-384", 6: "SHA2-512",
    ]
    private static let methodNames: Names = [
        1: "pre-share", 2: "DSS signatures", 3: "RSA signatures", 4: "RSA encryption", 5: "revised RSA encryption",
        9: "ECDSA P-256", 10: "ECDSA P-384", 11: "ECDSA P-521", 64221: "hybrid RSA (initiator)",
        64222: "hybrid RSA (responder)", 65001: "XAUTH and pre-share (initiator)",
        65002: "XAUTH and pre-share (responder)", 65005: "XAUTH and RSA signatures (initiator)",
        65006: "XAUTH and RSA signatures (responder)",
    ]
    /// For tables.
    private static let shortMethodNames: Names = [
        64221: "hybrid RSA (I)", 64222: "hybrid RSA (R)", 65001: "XAUTH pre-share (I)",
        65002: "XAUTH pre-share (R)", 65005: "XAUTH RSA (I)", 65006: "XAUTH RSA (R)",
    ]
    private static let espNames: Names = [
        2: "DES-CBC", 3: "3DES-CBC", 4: "RC5", 5: "IDEA", 6: "CAST", 7: "BLOWFISH", 11: "NULL", 12: "AES-CBC",
        13: "AES-CTR", 14: "AES-CCM-8", 15: "AES-CCM-12", 16: "AES-CCM-16", 18: "AES-GCM-8", 19: "AES-GCM-12",
        20: "AES-GCM-16", 22: "CAMELLIA-CBC", 23: "NULL with AES-GMAC",
    ]
    private static let ahNames: Names = [
        2: "MD5", 3: "SHA", 5: "SHA2-256", 6: "SHA2-384", 7: "SHA2-512", 9: "AES-XCBC",
    ]
    private static let compressionNames: Names = [1: "OUI", 2: "DEFLATE", 3: "LZS", 4: "LZJH"]
    private static let integrityNames: Names = [
        1: "HMAC-MD5", 2: "HMAC-SHA", 3: "DES-MAC", 4: "KPDK", 5: "HMAC-SHA2-256", 6: "HMAC-SHA2-384",
        7: "HMAC-SHA2-512", 9: "AES-XCBC-MAC",
    ]
    private static let modeNames: Names = [
        1: "tunnel", 2: "transport", 3: "tunnel in UDP", 4: "transport in UDP", 61443: "tunnel in UDP (draft)",
        61444: "transport in UDP (draft)",
    ]

    /// Pairs of life type and duration, in wire order.
    public static func lifetimes(_ transform: Transform) -> [(type: UInt64, value: UInt64)] {
        var result: [(type: UInt64, value: UInt64)] = []
        eachLifetime(transform) { result.append(($0, $1)) }
        return result
    }

    /// The same, without a list.
    public static func eachLifetime(_ transform: Transform, _ body: (_ type: UInt64, _ value: UInt64) -> Void) {
        var type: UInt64?
        for attribute in transform.attributes {
            if attribute.type == 1 { type = attribute.number }
            if attribute.type == 2, let current = type, let value = attribute.number {
                body(current, value)
                type = nil
            }
        }
    }
}
