/// How long an SA may live, as IKEv1 agrees on it: by time, by traffic, or both.
///
/// IKEv2 agrees on none.
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

    // Three in place and without padding, as there are two life types, and this is copied with every event.
    private var values: (UInt64, UInt64, UInt64) = (0, 0, 0)
    private var types: (UInt16, UInt16, UInt16) = (0, 0, 0)
    private var count: UInt8 = 0

    public init() {}

    public init(seconds: UInt64, kilobytes: UInt64? = nil) {
        add(Bound(.seconds, seconds))
        if let kilobytes { add(Bound(.kilobytes, kilobytes)) }
    }

    /// Adds a bound behind the others; of more than three, the later ones are left to who reads the payload.
    mutating func add(_ bound: Bound) {
        switch count {
        case 0: (values.0, types.0) = (bound.value, bound.unit.type)
        case 1: (values.1, types.1) = (bound.value, bound.unit.type)
        case 2: (values.2, types.2) = (bound.value, bound.unit.type)
        default: return
        }
        count += 1
    }

    public var isEmpty: Bool { count == 0 }

    /// In the order of the wire.
    @inline(__always) public func forEach(_ body: (Bound) -> Void) {
        if count > 0 { body(Bound(Unit(type: types.0), values.0)) }
        if count > 1 { body(Bound(Unit(type: types.1), values.1)) }
        if count > 2 { body(Bound(Unit(type: types.2), values.2)) }
    }

    /// The first of its unit.
    public func value(_ unit: Unit) -> UInt64? {
        let type = unit.type
        if count > 0, types.0 == type { return values.0 }
        if count > 1, types.1 == type { return values.1 }
        return count > 2 && types.2 == type ? values.2 : nil
    }

    public static func == (a: Lifetime, b: Lifetime) -> Bool {
        a.count == b.count && a.values == b.values && a.types == b.types
    }

    public func hash(into hasher: inout Hasher) { forEach { hasher.combine($0) } }

    public var seconds: UInt64? { value(.seconds) }
    public var kilobytes: UInt64? { value(.kilobytes) }
}

extension Lifetime.Unit {
    /// By the Life-Type of IKEv1 (RFC 2409 appendix A, RFC 2407 section 4.5).
    init(type: UInt16) {
        switch type {
        case 1: self = .seconds
        case 2: self = .kilobytes
        default: self = .other(type)
        }
    }

    var type: UInt16 {
        switch self {
        case .seconds: 1
        case .kilobytes: 2
        case .other(let type): type
        }
    }
}
