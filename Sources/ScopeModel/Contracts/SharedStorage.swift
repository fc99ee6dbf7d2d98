/// The values of a large struct, which its copies share until one of them changes.
///
/// The struct reads a value out of it, and writes one behind `makeUnique`.
public final class SharedStorage<Values: Sendable>: @unchecked Sendable {
    // Written by its only owner.
    @exclusivity(unchecked) @usableFromInline var values: Values

    @inlinable public init(_ values: Values) { self.values = values }

    /// Gives `storage` one of its own, unless it has no other owner.
    @inlinable @inline(__always) static func makeUnique(_ storage: inout SharedStorage) {
        if !isKnownUniquelyReferenced(&storage) { storage = SharedStorage(storage.values) }
    }
}
