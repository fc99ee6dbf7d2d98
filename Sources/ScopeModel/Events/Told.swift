/// A packet as it is told: large, and there are many, so that events hold a reference to it.
///
/// Whoever keeps an event keeps the packet as it is. The tracker takes the same object for the next packet only when
/// nobody has kept it: nothing is allocated per packet.
@dynamicMemberLookup
public final class Told<Packet: Sendable>: @unchecked Sendable {
    /// A pointer that never changes: what it points at is read without a check of each access at run time.
    @usableFromInline let place: UnsafeMutablePointer<Packet>

    @inlinable public init(_ packet: consuming Packet) {
        place = .allocate(capacity: 1)
        place.initialize(to: packet)
    }

    deinit {
        place.deinitialize(count: 1)
        place.deallocate()
    }

    @inlinable public var packet: Packet { @inline(__always) get { place.pointee } }

    @inlinable @inline(__always) public subscript<Field>(dynamicMember field: KeyPath<Packet, Field>) -> Field {
        place.pointee[keyPath: field]
    }

    /// Makes another packet of it, field by field; before, nobody may hold it.
    @inlinable @inline(__always)
    package func fill(_ change: (inout Packet) -> Void) { change(&place.pointee) }
}
