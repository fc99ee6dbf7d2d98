import ScopeModel
import ScopeWire

/// Compares the crypto access lists that two routers have for each other.
public struct MirrorCheck: Sendable {
    /// Names of the lists, as `NAME of ROUTER` is said by the caller.
    public var left: [String]
    public var right: [String]
    /// Entries on the left without a mirror image on the right, each with a wider or narrower one there.
    public var onlyLeft: [Unmatched]
    public var onlyRight: [Unmatched]

    public struct Unmatched: Hashable, Sendable {
        public var list: String
        public var entry: AccessEntry
        /// The other side's entry that is wider or narrower than the mirror image.
        public var nearest: AccessEntry?
    }

    public var isMirrored: Bool { onlyLeft.isEmpty && onlyRight.isEmpty }
}

extension IOSConfig {
    /// The access lists of static map entries for `peer`, in the order of the maps, on interfaces or not.
    public func accessLists(for peer: IPAddress) -> [AccessList] {
        var names: [String] = []
        for map in maps {
            for entry in map.entries where entry.peers.contains(where: { addresses(of: $0.text).contains(peer) }) {
                if let name = entry.accessList, !names.contains(name) { names.append(name) }
            }
        }
        return names.compactMap { accessList($0) }
    }

    /// Compares this router's crypto access lists for `peer` with those that `other`, the peer, has for `local`.
    ///
    /// Nil where either has none: a dynamic map, or a tunnel.
    public func mirrorCheck(against other: IOSConfig, local: IPAddress, peer: IPAddress) -> MirrorCheck? {
        let (mine, theirs) = (accessLists(for: peer), other.accessLists(for: local))
        guard !mine.isEmpty, !theirs.isEmpty else { return nil }
        return MirrorCheck(
            left: mine.map(\.name), right: theirs.map(\.name), onlyLeft: Self.unmatched(mine, theirs),
            onlyRight: Self.unmatched(theirs, mine))
    }

    private static func unmatched(_ lists: [AccessList], _ others: [AccessList]) -> [MirrorCheck.Unmatched] {
        // The time grows with the square of the length, so a hostile list has to be cut.
        let images = others.flatMap(\.entries).prefix(2048)
        return lists.flatMap { list in
            list.entries.prefix(2048).compactMap { entry in
                let mirror = entry.mirrored
                if images.contains(where: { $0.isSame(as: mirror) }) { return nil }
                let nearest =
                    images.first { other in
                        let isWider =
                            other.source.covers(mirror.source) == true
                            && other.destination.covers(mirror.destination) == true
                        let isNarrower =
                            mirror.source.covers(other.source) == true
                            && mirror.destination.covers(other.destination) == true
                        return other.permits == mirror.permits && (isWider || isNarrower)
                    }
                    ?? images.first {
                        $0.permits == mirror.permits
                            && ($0.source == mirror.source || $0.destination == mirror.destination)
                    }
                return MirrorCheck.Unmatched(list: list.name, entry: entry, nearest: nearest)
            }
        }
    }
}
