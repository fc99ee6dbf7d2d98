import ScopeModel

/// How a line of `debug crypto isakmp` begins.
///
/// The classic family is irregular: no rule tells which lines have a blank behind the bracket or before it, and which have
/// no number. The cases are named after what it prints. IOS XE tells packets and refusals from the rest and has one form
/// for each.
enum LinePrefix {
    /// `ISAKMP:(1001):`
    case tight
    /// `ISAKMP:(1001): `
    case blank
    /// `ISAKMP (1001): `
    case spaced
    /// `ISAKMP: `
    case plain
    /// `ISAKMP:`
    case plainTight
    /// `ISAKMP:` in both families: the one line that never has a number.
    case unnumbered
    /// `ISAKMP:(1001)::`
    case doubled
    /// A packet that leaves: `ISAKMP:(1001): `
    case packetOut
    /// A packet that arrives: `ISAKMP (1001): `
    case packetIn
    /// A refusal or failure, `ISAKMP:(1001):`
    case refusal
    /// The same with a blank behind the bracket.
    case refusalBlank
    /// The same as `ISAKMP (1001): `
    case refusalSpaced
    /// The same as `ISAKMP: `
    case refusalPlain
    /// `ISAKMP/xauth: `
    case xauth
    /// A system message, `%CRYPTO-…`: no prefix at all.
    case system

    func write(_ connection: ConnectionNumber, in family: LineFamily, to sink: ByteSink) {
        switch family {
        case .classic: writeClassic(connection, to: sink)
        case .xe: writeXE(connection, to: sink)
        }
    }

    private func writeClassic(_ connection: ConnectionNumber, to sink: ByteSink) {
        switch self {
        case .tight, .refusal: bracketed("ISAKMP:(", connection, "):", sink)
        case .blank, .packetOut, .refusalBlank: bracketed("ISAKMP:(", connection, "): ", sink)
        case .spaced, .packetIn, .refusalSpaced: bracketed("ISAKMP (", connection, "): ", sink)
        case .doubled: bracketed("ISAKMP:(", connection, ")::", sink)
        case .plain, .refusalPlain: sink.literal("ISAKMP: ")
        case .plainTight, .unnumbered: sink.literal("ISAKMP:")
        case .xauth: sink.literal("ISAKMP/xauth: ")
        case .system: break
        }
    }

    private func writeXE(_ connection: ConnectionNumber, to sink: ByteSink) {
        switch self {
        case .tight, .blank, .spaced, .plain, .plainTight, .doubled: bracketed("ISAKMP: (", connection, "):", sink)
        case .packetIn, .packetOut: bracketed("ISAKMP-PAK: (", connection, "):", sink)
        case .refusal, .refusalBlank, .refusalSpaced, .refusalPlain:
            bracketed("ISAKMP-ERROR: (", connection, "):", sink)
        case .unnumbered: sink.literal("ISAKMP:")
        case .xauth: sink.literal("ISAKMP/xauth: ")
        case .system: break
        }
    }

    private func bracketed(
        _ before: StaticString, _ connection: ConnectionNumber, _ behind: StaticString, _ sink: ByteSink
    ) {
        sink.literal(before)
        switch connection {
        case .none: sink.byte(48)
        case .number(let number): sink.decimal(number)
        case .unknown: sink.byte(63)
        }
        sink.literal(behind)
    }
}

/// The number in the brackets.
enum ConnectionNumber {
    /// Before the keys: 0.
    case none
    /// 1001, 1002 …
    case number(Int)
    /// The capture begins behind the key exchange, so nobody can tell.
    case unknown

    init(_ sa: IKESA) { self = sa.connectionID.map { .number($0) } ?? .unknown }
}
