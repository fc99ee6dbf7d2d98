import ScopeModel
import ScopeWire

/// What is remembered of the device whose lines are printed, or of one of the two.
struct DeviceMemory {
    var memories = SATable(SAMemory())
    var installed = InstalledSAs()
    /// IKE SAs whose removal is not printed to its end.
    var removals: [Int] = []

    /// Writes the lines that `make` gives for what is remembered of the IKE SA `id`.
    mutating func write(_ id: Int, _ make: (SAMemory, InstalledSAs) -> MessageLines) {
        // The list is moved there and back, so that it is never copied.
        let pairs = installed
        installed = InstalledSAs()
        var lines = make(memories[id], pairs)
        lines.write()
        installed = lines.installed
        removals.removeAll { $0 == id }
        if lines.memory.removal != nil { removals.append(id) }
        memories[id] = lines.memory
    }

    /// The removals that have waited long enough for a delete that did not come; all of them when `time` is nil.
    mutating func takeRemovals(before time: Instant?) -> [Removal] {
        guard !removals.isEmpty else { return [] }
        var ripe: [Removal] = []
        removals.removeAll { id in
            guard let removal = memories[id].removal else { return true }
            if let time, time.since(removal.time) < Removal.patience { return false }
            memories[id].removal = nil
            ripe.append(removal)
            return true
        }
        return ripe
    }
}
