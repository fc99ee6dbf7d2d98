import ScopeWire

extension Condition {
    /// Why a condition was refused, in one line.
    public struct SyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
        public var description: String
    }

    /// The forms of a condition, in the order in which help lists them.
    public static let forms = [
        "peer ipv4 A", "peer ipv6 A", "peer subnet NET MASK", "peer hostname NAME", "peer username NAME",
        "peer group NAME", "local ipv4 A", "local ipv6 A", "spi VALUE", "connid N",
        "unmatched [isakmp | ikev2 | ipsec]",
    ]

    /// Parses the words behind `debug crypto condition`.
    public init(parsing text: String) throws(SyntaxError) {
        let words = text.split(separator: " ").map(String.init)
        let rest = words.dropFirst()
        switch words.first {
        case "peer": self = try Self.peer(Array(rest), text)
        case "local": self = try Self.local(Array(rest), text)
        case "spi":
            guard rest.count == 1, let spi = rest.first.flatMap(Self.number), let spi = UInt32(exactly: spi) else {
                throw Self.expected("\"spi VALUE\", decimal or with 0x", text)
            }
            self = .spi(spi)
        case "connid": self = try Self.connection(Array(rest), text)
        case "unmatched": self = try Self.unmatched(Array(rest), text)
        case "isakmp" where rest.first == "profile":
            throw Self.refused("which ISAKMP profile a peer falls into", text)
        case "ikev2" where rest.first == "profile":
            throw Self.refused("which IKEv2 profile a peer falls into", text)
        case "fvrf": throw Self.refused("in which front-door VRF a peer is", text)
        case "ivrf": throw Self.refused("in which inside VRF a tunnel ends", text)
        case "flowid": throw Self.refused("which flow of its crypto engine an SA has", text)
        case "gdoi-group": throw Self.refused("which GDOI groups there are", text)
        case "reset": throw SyntaxError(description: "condition \"reset\": leave out --condition and --peer instead")
        default:
            throw Self.expected(
                "\"peer …\", \"local …\", \"spi VALUE\", \"connid N\" or \"unmatched [isakmp | ikev2 | ipsec]\"",
                text)
        }
    }

    /// Parses `ADDRESS[/LEN]`, the short form of `--peer`.
    public init(peer text: String) throws(SyntaxError) {
        guard let prefix = IPPrefix(text) else {
            throw SyntaxError(description: "--peer \"\(text)\": expected ADDRESS or ADDRESS/LENGTH")
        }
        self = .peer(prefix)
    }

    // MARK: Forms

    private static func peer(_ words: [String], _ text: String) throws(SyntaxError) -> Condition {
        switch (words.first, words.count) {
        case ("ipv4", 2), ("ipv6", 2):
            let address = try address(words, text)
            guard let prefix = IPPrefix(address, length: address.bitCount) else { break }
            return .peer(prefix)
        case ("subnet", 3):
            guard let net = IPAddress(words[1]), let mask = IPAddress(words[2]), net.isV6 == mask.isV6,
                let length = prefixLength(ofMask: mask), let prefix = IPPrefix(net, length: length)
            else {
                throw SyntaxError(
                    description: "condition \"\(text)\": \"\(words[1]) \(words[2])\" is not a network and mask")
            }
            return .peer(prefix)
        case ("hostname", 2): return .hostname(words[1])
        case ("username", 2): return .username(words[1])
        case ("group", 2): return .group(words[1])
        default: break
        }
        throw expected(
            "\"peer ipv4 A\", \"peer ipv6 A\", \"peer subnet NET MASK\", or \"peer hostname NAME\", \"username NAME\""
                + " or \"group NAME\"", text)
    }

    private static func local(_ words: [String], _ text: String) throws(SyntaxError) -> Condition {
        guard words.count == 2, words[0] == "ipv4" || words[0] == "ipv6" else {
            throw Self.expected("\"local ipv4 A\" or \"local ipv6 A\"", text)
        }
        return .local(try address(words, text))
    }

    private static func connection(_ words: [String], _ text: String) throws(SyntaxError) -> Condition {
        let error = expected("\"connid N\" or \"connid N engine-id M\"", text)
        guard let number = words.first.flatMap(number), let number = Int(exactly: number) else { throw error }
        if words.count == 1 { return .connection(number, engine: nil) }
        guard words.count == 3, words[1] == "engine-id", let engine = Self.number(words[2]),
            let engine = Int(exactly: engine)
        else { throw error }
        return .connection(number, engine: engine)
    }

    private static func unmatched(_ words: [String], _ text: String) throws(SyntaxError) -> Condition {
        switch (words.first, words.count) {
        case (nil, _): return .unmatched(nil)
        case ("isakmp", 1): return .unmatched(.isakmp)
        case ("ikev2", 1): return .unmatched(.ikev2)
        case ("ipsec", 1): return .unmatched(.ipsec)
        case ("engine", 1): throw refused("what its crypto engine says", text)
        case ("gdoi-group", 1): throw refused("which GDOI groups there are", text)
        default: throw expected("\"unmatched\", \"unmatched isakmp\", \"unmatched ikev2\" or \"unmatched ipsec\"", text)
        }
    }

    // MARK: Words

    private static func address(_ words: [String], _ text: String) throws(SyntaxError) -> IPAddress {
        guard let address = IPAddress(words[1]), address.isV6 == (words[0] == "ipv6") else {
            throw SyntaxError(description: "condition \"\(text)\": \"\(words[1])\" is not an \(words[0]) address")
        }
        return address
    }

    private static func number(_ word: String) -> UInt64? {
        // A sign would pass for a part of the number.
        guard word.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }) else { return nil }
        let isHex = word.hasPrefix("0x") || word.hasPrefix("0X")
        return isHex ? UInt64(word.dropFirst(2), radix: 16) : UInt64(word)
    }

    private static func prefixLength(ofMask mask: IPAddress) -> Int? {
        (0...mask.bitCount).first { length in
            let ones = IPAddress(v6high: .max, low: .max)
            let all = mask.isV6 ? ones : IPAddress(v4: .max)
            return IPPrefix(all, length: length)?.address == mask
        }
    }

    private static func expected(_ forms: String, _ text: String) -> SyntaxError {
        SyntaxError(description: "condition \"\(text)\": expected \(forms)")
    }

    private static func refused(_ what: String, _ text: String) -> SyntaxError {
        SyntaxError(
            description: "condition \"\(text)\": a capture does not show \(what); only the router's configuration does")
    }
}
