/// Keys that were met before, so that a log which prints one again and again gives it once; bounded.
struct KnownSecrets {
    private var byHash: [Int: [Entry]] = [:]
    private var count = 0
    private static let limit = 4096

    private struct Entry {
        let secret: Secret
        let context: [KeyFile.PSK.Peer]
    }

    /// False for a key that is known in the same context, and for all when there are too many.
    mutating func insert(_ secret: Secret, for context: [KeyFile.PSK.Peer] = []) -> Bool {
        var hasher = Hasher()
        secret.withBytes { hasher.combine(bytes: $0) }
        let hash = hasher.finalize()
        guard count < Self.limit,
            !(byHash[hash] ?? []).contains(where: { $0.secret.equals(secret) && $0.context == context })
        else { return false }
        byHash[hash, default: []].append(Entry(secret: secret, context: context))
        count += 1
        return true
    }
}
