import ScopeModel

/// The postquantum preshared keys that were given (RFC 8784).
struct PPKTable {
    struct Entry {
        /// The identity without its type; nil where the file has none.
        let id: String?
        let key: Secret
        let use: KeyUse
    }

    /// Which of them is part of an IKE SA's keys.
    enum Choice {
        case undecided
        case none
        /// One that is not at hand.
        case missing
        case one(Entry)
    }

    let entries: [Entry]

    /// Those of `id` first.
    func ordered(for id: String?) -> [Entry] {
        guard let id else { return entries }
        return entries.filter { $0.id == id } + entries.filter { $0.id != id }
    }
}
