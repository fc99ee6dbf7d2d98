/// How long an SA may live, as IKEv1 agrees on it: by time, by traffic, or both. IKEv2 agrees on none.
public struct Lifetime: Hashable, Sendable {
    public struct Bound: Hashable, Sendable {
        public var unit: Unit
        public var value: UInt64

        public init(_ unit: Unit, _ value: UInt64) {
            self.unit = unit
            self.value = value
        }
    }

    public enum Unit: Hashable, Sendable {
        case seconds, kilobytes
        /// A life type that no registry knows.
        case other(UInt16)
    }

    // Three in place, as there are two life types, and this is copied with every event.
    private var first: Bound?
    private var second: Bound?
    private var third: Bound?

    public init() {}

    public init(seconds: UInt64, kilobytes: UInt64? = nil) {
        first = Bound(.seconds, seconds)
        second = kilobytes.map { Bound(.kilobytes, $0) }
    }

    /// Adds a bound behind the others; of more than three, the later ones are left to who reads the payload.
    mutating func add(_ bound: Bound) {
        if first == nil {
            first = bound
        } else if second == nil {
            second = bound
        } else if third == nil {
            third = bound
        }
    }

    public var isEmpty: Bool { first == nil }

    /// In the order of the wire.
    @inline(__always) public func forEach(_ body: (Bound) -> Void) {
        if let first { body(first) }
        if let second { body(second) }
        if let third { body(third) }
    }

    /// The first of its unit.
    public func value(_ unit: Unit) -> UInt64? {
        if let first, first.unit == unit { return first.value }
        if let second, second.unit == unit { return second.value }
        if let third, third.unit == unit { return third.value }
        return nil
    }

    public var seconds: UInt64? { value(.seconds) }
    public var kilobytes: UInt64? { value(.kilobytes) }
}
