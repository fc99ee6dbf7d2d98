import ScopeDissect
import ScopeWire

/// Suites in the words of the field.
///
/// What has no word is told by its number.
public enum SuiteText {
    /// `AES-CBC-256, SHA, group 2, pre-share, 28800 s`.
    public static func text(_ suite: IKESuite) -> String { text { write(suite, to: $0) } }

    /// `ESP AES-CBC-128, HMAC-SHA, tunnel, 3600 s`.
    public static func text(_ suite: ChildSuite) -> String { text { write(suite, to: $0) } }

    public static func write(_ suite: IKESuite, to sink: ByteSink) {
        var list = List(sink: sink)
        if let cipher = suite.cipher {
            list.next()
            write(cipher, ofIKE: true, keyLength: suite.keyLength, to: sink)
        }
        if let hash = suite.hash { list.word(name(hash), "hash", hash.ikev1) }
        if let group = suite.group { list.number("group ", group.rawValue) }
        for group in suite.additionalGroups { list.number("then group ", group.rawValue) }
        if let method = suite.authentication { list.word(name(method), "authentication method", method.ikev1) }
        suite.lifetime.forEach { list.bound($0) }
    }

    public static func write(_ suite: ChildSuite, to sink: ByteSink) {
        sink.text(suite.protocolID.name ?? "protocol \(suite.protocolID.rawValue)")
        sink.byte(UInt8(ascii: " "))
        var list = List(sink: sink)
        list.next()
        writeAlgorithm(suite, keyLength: suite.keyLength, to: sink)
        if let integrity = suite.integrity { list.word(name(integrity), "integrity", integrity.ikev1) }
        if let mode = suite.encapsulation { list.word(name(mode), "encapsulation mode", mode.ikev1) }
        suite.lifetime.forEach { list.bound($0) }
        if let group = suite.group { list.number("PFS group ", group.rawValue) }
        for group in suite.additionalGroups { list.number("then group ", group.rawValue) }
        if suite.hasESN {
            list.next()
            sink.literal("64-bit sequence numbers")
        }
    }

    /// One of the things that an IKE suite chooses, in few letters, as tables have it; nil where it has none.
    public static func text(_ kind: SuiteKind, of suite: IKESuite) -> String? {
        switch kind {
        case .cipher: suite.cipher.map { cipher in text { write(cipher, ofIKE: true, keyLength: nil, to: $0) } }
        case .keyLength: suite.keyLength.map { "\($0)" }
        case .hash: suite.hash.map { word(name($0), "hash", $0.ikev1) }
        case .group: suite.group.map { "\($0.rawValue)" }
        case .authentication: suite.authentication.map { word(shortName($0) ?? name($0), "method", $0.ikev1) }
        case .lifetime: text(suite.lifetime)
        case .integrity, .encapsulation: nil
        }
    }

    /// One of the things that a child suite chooses: of the cipher with its protocol, without its key length.
    public static func text(_ kind: SuiteKind, of suite: ChildSuite) -> String? {
        switch kind {
        case .cipher:
            text {
                $0.text(suite.protocolID.name ?? "protocol \(suite.protocolID.rawValue)")
                $0.byte(UInt8(ascii: " "))
                writeAlgorithm(suite, keyLength: nil, to: $0)
            }
        case .keyLength: suite.keyLength.map { "\($0)" }
        case .integrity: suite.integrity.map { word(name($0), "integrity", $0.ikev1) }
        case .encapsulation: suite.encapsulation.map { word(name($0), "mode", $0.ikev1) }
        case .group: suite.group.map { "\($0.rawValue)" }
        case .lifetime: text(suite.lifetime)
        case .hash, .authentication: nil
        }
    }

    /// `3600 s, 4608000 kB`; nil where there is no bound.
    public static func text(_ lifetime: Lifetime) -> String? {
        if lifetime.isEmpty { return nil }
        return text { sink in
            var list = List(sink: sink)
            lifetime.forEach { list.bound($0) }
        }
    }

    // MARK: Writing

    /// Words with commas between them.
    private struct List {
        let sink: ByteSink
        private var isBehindFirst = false

        init(sink: ByteSink) { self.sink = sink }

        mutating func next() {
            if isBehindFirst { sink.literal(", ") }
            isBehindFirst = true
        }

        mutating func word(_ name: StaticString?, _ what: StaticString, _ number: @autoclosure () -> UInt16?) {
            next()
            SuiteText.write(name, what, number(), to: sink)
        }

        mutating func number(_ what: StaticString, _ value: UInt16) {
            next()
            sink.literal(what)
            sink.decimal(value)
        }

        mutating func bound(_ bound: Lifetime.Bound) {
            next()
            switch bound.unit {
            case .seconds:
                sink.decimal(bound.value)
                sink.literal(" s")
            case .kilobytes:
                sink.decimal(bound.value)
                sink.literal(" kB")
            case .other(let type):
                sink.literal("lifetime ")
                sink.decimal(bound.value)
                sink.literal(" of type ")
                sink.decimal(type)
            }
        }
    }

    private static func text(_ body: (ByteSink) -> Void) -> String {
        let sink = ByteSink(capacity: 128)
        body(sink)
        return sink.withBytes { String(decoding: $0, as: UTF8.self) }
    }

    private static func word(
        _ name: StaticString?, _ what: StaticString, _ number: @autoclosure () -> UInt16?
    ) -> String {
        text { write(name, what, number(), to: $0) }
    }

    /// The name, else the number behind what it is a number of.
    private static func write(
        _ name: StaticString?, _ what: StaticString, _ number: @autoclosure () -> UInt16?, to sink: ByteSink
    ) {
        if let name { return sink.literal(name) }
        sink.literal(what)
        sink.byte(UInt8(ascii: " "))
        if let number = number() { sink.decimal(number) } else { sink.literal("?") }
    }

    private static func write(_ cipher: Cipher, ofIKE: Bool, keyLength: UInt16?, to sink: ByteSink) {
        write(
            ofIKE ? ikeName(cipher) : name(cipher), ofIKE ? "encryption" : "transform",
            ofIKE ? cipher.ikev1 : cipher.esp, to: sink)
        if let keyLength {
            sink.byte(UInt8(ascii: "-"))
            sink.decimal(keyLength)
        }
    }

    /// The cipher of ESP, the hash of AH, the compression of IPComp.
    private static func writeAlgorithm(_ suite: ChildSuite, keyLength: UInt16?, to sink: ByteSink) {
        if let cipher = suite.cipher {
            return write(cipher, ofIKE: false, keyLength: keyLength, to: sink)
        }
        if let transform = suite.transformOfAH {
            write(nameOfAH(transform), "transform", transform.ah, to: sink)
        } else if let compression = suite.compression {
            sink.text(compression.name ?? "transform \(compression.rawValue)")
        }
        if let keyLength {
            sink.byte(UInt8(ascii: "-"))
            sink.decimal(keyLength)
        }
    }
}
