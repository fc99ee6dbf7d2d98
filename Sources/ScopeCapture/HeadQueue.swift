import ScopeWire

/// The next item of each of many sources, the earliest first; of equal times that of the source named first.
///
/// A binary heap: taking one and putting in the next takes as many steps as the number of sources has digits.
struct HeadQueue {
    struct Head {
        var item: CaptureItem
        var time: Instant
        var source: Int

        fileprivate func comesBefore(_ other: Head) -> Bool {
            time != other.time ? time < other.time : source < other.source
        }
    }

    private var heap: [Head] = []

    mutating func add(_ head: Head) {
        heap.append(head)
        var place = heap.count - 1
        while place > 0, heap[place].comesBefore(heap[(place - 1) / 2]) {
            heap.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    mutating func takeFirst() -> Head? {
        guard let last = heap.popLast() else { return nil }
        guard let first = heap.first else { return last }
        heap[0] = last
        var place = 0
        while true {
            let left = 2 * place + 1
            guard left < heap.count else { return first }
            let right = left + 1
            let child = right < heap.count && heap[right].comesBefore(heap[left]) ? right : left
            guard heap[child].comesBefore(heap[place]) else { return first }
            heap.swapAt(place, child)
            place = child
        }
    }
}
