import ScopeDissect
import ScopeModel
import ScopeWire

/// A standard or extended access list.
public struct AccessList: Hashable, Sendable {
    /// A name or a number.
    public var name: String
    public var isExtended: Bool
    /// The entries, in the order in which IOS looks at them.
    public var entries: [AccessEntry] = []
    public var line: Int
    /// Whether some entries were not understood; then it is not known what the list says.
    public var hasUnreadEntries = false
}

/// A line of an access list.
public struct AccessEntry: Hashable, Sendable {
    public var sequence: Int
    public var permits: Bool
    /// 0 is `ip`: any protocol.
    public var protocolID: UInt8 = 0
    public var source = AddressMatch.any
    public var sourcePorts = PortMatch.any
    public var destination = AddressMatch.any
    public var destinationPorts = PortMatch.any
    /// Words behind the addresses, such as `established` or `log`.
    public var options: [String] = []
    public var line: Int
    /// Names of object groups that stand for services; none is left once a configuration is read.
    var groups = Groups()

    struct Groups: Hashable {
        /// Protocol and ports in one.
        var service: String?
        var protocols: String?
        var sourcePorts: String?
        var destinationPorts: String?
    }

    var namesGroups: Bool {
        if case .group = source { return true }
        if case .group = destination { return true }
        return groups != Groups()
    }

    public init(sequence: Int, permits: Bool, line: Int) {
        (self.sequence, self.permits, self.line) = (sequence, permits, line)
    }

    /// The entry with source and destination exchanged, which the other side has to have.
    public var mirrored: AccessEntry {
        var entry = self
        (entry.source, entry.destination) = (destination, source)
        (entry.sourcePorts, entry.destinationPorts) = (destinationPorts, sourcePorts)
        return entry
    }

    /// Whether both select the same packets; their places in the list do not matter.
    public func isSame(as other: AccessEntry) -> Bool {
        permits == other.permits && protocolID == other.protocolID && source == other.source
            && destination == other.destination && sourcePorts == other.sourcePorts
            && destinationPorts == other.destinationPorts
    }
}

/// Addresses in an access list, in a key or in a profile.
public enum AddressMatch: Hashable, Sendable {
    case any
    /// Bits that are set in `wildcard` may have any value, and are zero in the address.
    case wildcard(UInt32, UInt32)
    /// IPv6.
    case prefix(IPPrefix)
    /// `object-group NAME`, until the configuration has been read.
    case group(String)

    /// An IPv4 address and a wildcard mask; bits that do not matter are cleared, as IOS does.
    public init(_ address: UInt32, wildcard: UInt32) {
        self = wildcard == .max ? .any : .wildcard(address & ~wildcard, wildcard)
    }

    public init(host address: IPAddress) {
        if address.isV6 {
            self = IPPrefix(address, length: 128).map { .prefix($0) } ?? .any
        } else {
            self = .wildcard(UInt32(truncatingIfNeeded: address.low), 0)
        }
    }

    public init(_ prefix: IPPrefix) {
        if prefix.address.isV6 {
            self = .prefix(prefix)
        } else {
            let wildcard = prefix.length == 0 ? UInt32.max : ~(UInt32.max << UInt32(32 - prefix.length))
            self.init(UInt32(truncatingIfNeeded: prefix.address.low), wildcard: wildcard)
        }
    }

    /// All of IPv6.
    static let anyV6 = IPPrefix(IPAddress(v6high: 0, low: 0), length: 0).map(AddressMatch.init) ?? .any

    /// Whether it contains all addresses of `identity`; nil where that cannot be told.
    public func covers(_ identity: Identity) -> Bool? {
        switch self {
        case .any: AddressBlocks(identity) == nil ? nil : true
        case .group: nil
        case .wildcard(let address, let wildcard):
            AddressBlocks(identity).map { blocks in
                !blocks.isV6
                    && blocks.v4.allSatisfy { $0.wildcard & ~wildcard == 0 && ($0.address ^ address) & ~wildcard == 0 }
            }
        case .prefix(let prefix):
            AddressBlocks(identity).map { blocks in
                blocks.isV6 && blocks.v6.allSatisfy { $0.length >= prefix.length && prefix.contains($0.address) }
            }
        }
    }

    /// Whether it contains any address of `identity`; nil where that cannot be told.
    public func touches(_ identity: Identity) -> Bool? {
        switch self {
        case .any: AddressBlocks(identity) == nil ? nil : true
        case .group: nil
        case .wildcard(let address, let wildcard):
            AddressBlocks(identity).map { blocks in
                blocks.v4.contains { ($0.address ^ address) & ~($0.wildcard | wildcard) == 0 }
            }
        case .prefix(let prefix):
            AddressBlocks(identity).map { blocks in
                blocks.v6.contains { prefix.contains($0.address) || $0.contains(prefix.address) }
            }
        }
    }

    /// Whether `identity` names these addresses and no others.
    public func equals(_ identity: Identity) -> Bool {
        guard let blocks = AddressBlocks(identity) else { return false }
        return switch self {
        case .any: blocks.isV6 ? blocks.v6.map(\.length) == [0] : blocks.v4.map(\.wildcard) == [.max]
        case .wildcard(let address, let wildcard):
            blocks.v4.count == 1 && blocks.v4[0].address == address && blocks.v4[0].wildcard == wildcard
        case .prefix(let prefix): blocks.v6 == [prefix]
        case .group: false
        }
    }

    /// Whether it contains all of `other`; nil where that cannot be told.
    public func covers(_ other: AddressMatch) -> Bool? {
        switch (self, other) {
        case (.group, _), (_, .group): self == other ? true : nil
        case (.any, _): true
        case (.wildcard(let a, let mine), .wildcard(let b, let theirs)): theirs & ~mine == 0 && (a ^ b) & ~mine == 0
        case (.prefix(let a), .prefix(let b)): b.length >= a.length && a.contains(b.address)
        default: false
        }
    }
}

/// The addresses of a proxy identity as blocks that a mask can compare.
struct AddressBlocks {
    struct Block {
        var address: UInt32
        var wildcard: UInt32
    }

    var v4: [Block] = []
    var v6: [IPPrefix] = []
    var isV6: Bool { !v6.isEmpty }

    /// Nil for names, and for a range or mask that is none.
    init?(_ identity: Identity) {
        switch identity {
        case .address(let address): add(address)
        case .subnet(let net, let mask):
            guard net.isV6 == mask.isV6 else { return nil }
            if net.isV6 {
                let length =
                    mask.high == .max ? 64 + (~mask.low).leadingZeroBitCount : (~mask.high).leadingZeroBitCount
                guard let prefix = IPPrefix(net, length: min(length, 128)) else { return nil }
                v6 = [prefix]
            } else {
                let wildcard = ~UInt32(truncatingIfNeeded: mask.low)
                v4 = [Block(address: UInt32(truncatingIfNeeded: net.low) & ~wildcard, wildcard: wildcard)]
            }
        case .range(let first, let last):
            guard first.isV6 == last.isV6, first <= last else { return nil }
            if first == last { add(first) } else { add(from: first, to: last) }
        case .fqdn, .userFQDN, .distinguishedName, .keyID, .other: return nil
        }
        if v4.isEmpty, v6.isEmpty { return nil }
    }

    private mutating func add(_ address: IPAddress) {
        if address.isV6 {
            v6 = IPPrefix(address, length: 128).map { [$0] } ?? []
        } else {
            v4 = [Block(address: UInt32(truncatingIfNeeded: address.low), wildcard: 0)]
        }
    }

    /// The fewest aligned blocks that make up an IPv4 range, 62 at most.
    ///
    /// Of the ranges of IPv6 only the one of all addresses is supported.
    private mutating func add(from first: IPAddress, to last: IPAddress) {
        guard !first.isV6 else {
            if first.high == 0, first.low == 0, last.high == .max, last.low == .max {
                v6 = IPPrefix(first, length: 0).map { [$0] } ?? []
            }
            return
        }
        var at = first.low
        while at <= last.low {
            var size: UInt64 = at == 0 ? 1 << 32 : at & (~at &+ 1)
            while size > last.low - at + 1 { size >>= 1 }
            v4.append(
                Block(address: UInt32(truncatingIfNeeded: at), wildcard: UInt32(truncatingIfNeeded: size - 1)))
            at += size
        }
    }
}

/// Ports in an access list.
public enum PortMatch: Hashable, Sendable {
    case any
    case equal([UInt16])
    case notEqual([UInt16])
    case greater(UInt16)
    case less(UInt16)
    case range(UInt16, UInt16)

    /// Whether it contains the port of a proxy identity; 0 is any port.
    public func covers(_ port: UInt16) -> Bool {
        switch self {
        case .any: true
        case .equal(let ports): port != 0 && ports.contains(port)
        case .notEqual(let ports): port != 0 && !ports.contains(port)
        case .greater(let bound): port != 0 && port > bound
        case .less(let bound): port != 0 && port < bound
        case .range(let first, let last): port != 0 && port >= first && port <= last
        }
    }
}
