import ScopeModel
import ScopeWire

/// What two pairs of IPsec SAs have in common of which one takes the other's place: the same traffic between the same ends,
/// whoever began.
struct SameTraffic: Hashable, Sendable {
    private struct Side: Hashable, Sendable {
        var end: Endpoint
        var selector: TrafficSelector?
    }

    private let isAH: Bool
    private let sides: [Side]

    /// Nil of an SA that only its packets show.
    init?(_ record: ChildRecord) {
        guard record.pair != nil else { return nil }
        isAH = record.isAH
        let a = Side(end: record.initiator, selector: record.proxy(of: .initiator).map(TrafficSelector.init))
        let b = Side(end: record.responder, selector: record.proxy(of: .responder).map(TrafficSelector.init))
        let isOrdered = a.end.order <= b.end.order
        sides = isOrdered ? [a, b] : [b, a]
    }
}

/// The two ends of IKE SAs of which one may take the other's place.
struct SameEnds: Hashable, Sendable {
    private let low: Endpoint
    private let high: Endpoint

    init(_ a: Endpoint, _ b: Endpoint) { (low, high) = a.order <= b.order ? (a, b) : (b, a) }
}

extension Endpoint {
    fileprivate var order: (UInt64, UInt64, UInt16) { (address.high, address.low, port) }
}

/// The latest living SAs under a key that nothing replaced: one, and a few where negotiations cross.
struct Incumbents<Key: Hashable & Sendable>: Sendable {
    private var ids: [Key: [Int]] = [:]
    private static var most: Int { 8 }

    /// The newest first.
    func of(_ key: Key) -> ReversedCollection<[Int]> { (ids[key] ?? []).reversed() }

    mutating func add(_ id: Int, _ key: Key) {
        Self.append(id, to: &ids[key, default: []])
    }

    private static func append(_ id: Int, to list: inout [Int]) {
        if list.count >= most { list.removeFirst() }
        list.append(id)
    }

    mutating func remove(_ id: Int, _ key: Key) {
        guard var list = ids.removeValue(forKey: key) else { return }
        list.removeAll { $0 == id }
        if !list.isEmpty { ids[key] = list }
    }
}
