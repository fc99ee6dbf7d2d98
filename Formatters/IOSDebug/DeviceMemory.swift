import ScopeModel
import ScopeWire

/// What is remembered of the device whose lines are printed, or of one of the two.
struct DeviceMemory {
    private var memories = SATable { SAMemory() }
    private var installed = InstalledSAs()
    /// IKE SAs whose removal is not printed to its end.
    private var removals: [Int] = []

    /// Writes the lines that `make` gives for what is remembered of the IKE SA `id`.
    mutating func write(_ id: Int, _ make: (SAMemory, InstalledSAs) -> MessageLines) {
        let memory = memories.value(id)
        // The list is moved there and back, so that it is never copied.
        let pairs = installed
        installed = InstalledSAs()
        var lines = make(memory, pairs)
        lines.write()
        installed = lines.installed
        if !removals.isEmpty { removals.removeAll { $0 == id } }
        if memory.removal != nil { removals.append(id) }
    }

    /// The removals that have waited long enough for a delete that did not come; all of them when `time` is nil.
    mutating func takeRemovals(before time: Instant?) -> [Removal] {
        guard !removals.isEmpty else { return [] }
        var ripe: [Removal] = []
        removals.removeAll { id in
            guard let memory = memories.find(id), let removal = memory.removal else { return true }
            if let time, time.since(removal.time) < Removal.patience { return false }
            memory.removal = nil
            ripe.append(removal)
            return true
        }
        return ripe
    }
}
