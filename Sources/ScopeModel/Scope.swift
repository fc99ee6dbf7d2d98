import ScopeWire

/// What an event belongs to: all that a condition may look at.
public struct Scope: Hashable, Sendable {
    /// Source and destination of the packet, or the two peers of the SA that the event speaks of.
    public var source: IPAddress?
    public var destination: IPAddress?
    /// The IKE SA, numbered from 1 in the order of first sight.
    public var ikeSA: Int?

    @inlinable public init(source: IPAddress? = nil, destination: IPAddress? = nil, ikeSA: Int? = nil) {
        self.source = source
        self.destination = destination
        self.ikeSA = ikeSA
    }
}

/// One condition in the grammar of IOS `debug crypto condition`.
public enum Condition: Hashable, Sendable {
    /// `peer ipv4 A`, `peer ipv6 A`, `peer subnet NET MASK`: either end of the packet lies in it.
    case peer(IPPrefix)

    /// True when the event that has `scope` is to be shown.
    public func matches(_ scope: Scope) -> Bool {
        switch self {
        case .peer(let prefix):
            scope.source.map(prefix.contains) ?? false || scope.destination.map(prefix.contains) ?? false
        }
    }
}

/// All conditions that are set: any of them lets an event through, none lets all through.
public struct Conditions: Hashable, Sendable {
    public var all: [Condition]

    public init(_ all: [Condition] = []) { self.all = all }

    @inlinable public func matches(_ scope: Scope) -> Bool { all.isEmpty || all.contains { $0.matches(scope) } }
}

extension Condition {
    /// Why a condition was refused, in one line.
    public struct SyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
        public var description: String
    }

    /// Parses the words behind `debug crypto condition`.
    public init(parsing text: String) throws(SyntaxError) {
        let words = text.split(separator: " ").map(String.init)
        guard words.first == "peer", words.count >= 3 else {
            throw SyntaxError(
                description:
                    "condition \"\(text)\": expected \"peer ipv4 A\", \"peer ipv6 A\" or \"peer subnet NET MASK\"")
        }
        switch (words[1], words.count) {
        case ("ipv4", 3), ("ipv6", 3):
            guard let address = IPAddress(words[2]), address.isV6 == (words[1] == "ipv6"),
                let prefix = IPPrefix(address, length: address.bitCount)
            else { throw SyntaxError(description: "condition \"\(text)\": \"\(words[2])\" is no \(words[1]) address") }
            self = .peer(prefix)
        case ("subnet", 4):
            guard let net = IPAddress(words[2]), let mask = IPAddress(words[3]), net.isV6 == mask.isV6,
                let length = Self.prefixLength(ofMask: mask), let prefix = IPPrefix(net, length: length)
            else {
                throw SyntaxError(
                    description: "condition \"\(text)\": \"\(words[2]) \(words[3])\" is no network and mask")
            }
            self = .peer(prefix)
        default:
            throw SyntaxError(
                description:
                    "condition \"\(text)\": expected \"peer ipv4 A\", \"peer ipv6 A\" or \"peer subnet NET MASK\"")
        }
    }

    /// Parses `ADDRESS[/LEN]`, the short form of `--peer`.
    public init(peer text: String) throws(SyntaxError) {
        guard let prefix = IPPrefix(text) else {
            throw SyntaxError(description: "--peer \"\(text)\": expected ADDRESS or ADDRESS/LENGTH")
        }
        self = .peer(prefix)
    }

    private static func prefixLength(ofMask mask: IPAddress) -> Int? {
        (0...mask.bitCount).first { length in
            let ones = IPAddress(v6high: .max, low: .max)
            let all = mask.isV6 ? ones : IPAddress(v4: .max)
            return IPPrefix(all, length: length)?.address == mask
        }
    }
}
