import Glibc
import ScopeWire

/// The blocks of frames between the thread that reads an interface and the one that follows the frames.
///
/// It is bounded: when it is full the reading thread waits, the kernel's buffer fills, and what finds no room there is
/// counted by the kernel.
final class FrameQueue: @unchecked Sendable {
    /// The kernel's counters so far.
    struct Counts {
        var received: UInt64 = 0
        var droppedByKernel: UInt64 = 0
        var droppedByInterface: UInt64 = 0
    }

    enum Taken {
        case block(FrameBlock)
        /// There is no block yet.
        case nothing
        /// There are no more blocks; the error that ended them, if it was one.
        case end(CaptureError?)
    }

    private let limit: Int
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let change = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    // The lock guards the following members.
    private var filled: [FrameBlock] = []
    /// Empty blocks for the next frames; those beyond a few are given back to the system.
    private var spare: [FrameBlock] = []
    private var length = 0
    private var isAbandoned = false
    private var ending: CaptureError??
    private var counted = Counts()

    private static let mostSpare = 2

    /// - Parameter limit: about how many bytes may wait.
    init(limit: Int) {
        self.limit = limit
        pthread_mutex_init(lock, nil)
        pthread_cond_init(change, nil)
    }

    deinit {
        pthread_mutex_destroy(lock)
        pthread_cond_destroy(change)
        lock.deallocate()
        change.deallocate()
    }

    // MARK: The reading thread

    /// A block to fill: the last one if nobody has taken it yet, else an empty one.
    ///
    /// Waits while the queue is full; nil when nobody wants any more.
    func blockToFill() -> FrameBlock? {
        locked {
            while true {
                if isAbandoned { return nil }
                if let last = filled.last, last.hasRoom(for: LiveSettings.longestFrame) {
                    filled.removeLast()
                    length -= last.capacity
                    return last
                }
                if length < limit { return spare.popLast() ?? FrameBlock() }
                pthread_cond_wait(change, lock)
            }
        }
    }

    /// Appends a filled block.
    func give(_ block: FrameBlock, _ counts: Counts? = nil) {
        locked {
            filled.append(block)
            length += block.capacity
            if let counts { counted = counts }
            pthread_cond_broadcast(change)
        }
    }

    /// Ends the queue: no more blocks will come.
    func end(_ error: CaptureError?, _ counts: Counts) {
        locked {
            ending = .some(error)
            counted = counts
            pthread_cond_broadcast(change)
        }
    }

    var hasReader: Bool { locked { !isAbandoned } }

    // MARK: The following thread

    /// Takes the next block, in exchange for one that was read.
    func take(_ read: inout FrameBlock?) -> Taken {
        locked {
            if let block = read {
                read = nil
                if spare.count < Self.mostSpare {
                    block.clear()
                    spare.append(block)
                }
            }
            guard !filled.isEmpty else { return ending.map { .end($0) } ?? .nothing }
            let block = filled.removeFirst()
            length -= block.capacity
            pthread_cond_broadcast(change)
            return .block(block)
        }
    }

    /// Waits until there is something to take.
    func wait() {
        locked { while filled.isEmpty, ending == nil { pthread_cond_wait(change, lock) } }
    }

    /// Says that nothing more is wanted; may wait for the reading thread to end.
    func abandon(waits: Bool) {
        locked {
            isAbandoned = true
            filled = []
            length = 0
            pthread_cond_broadcast(change)
            while waits, ending == nil { pthread_cond_wait(change, lock) }
        }
    }

    /// The counters when the last block was appended.
    var counts: Counts { locked { counted } }

    private func locked<R>(_ body: () -> R) -> R {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return body()
    }
}
