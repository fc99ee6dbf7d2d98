import Glibc
import Synchronization

/// Where secrets lie: pages that are not swapped out, as far as the system lets the process lock that many.
///
/// Small pieces share pages, since there may be a dozen secrets for each SA of a long capture, and the system locks pages
/// alone. The length of a piece is a power of two; it goes back to the others of its length.
package enum SecretMemory {
    private static let page = 4096
    private static let smallest = 5
    private static let largest = 12
    private static let chunkLength = 1 << 18

    private struct State {
        /// The first free piece of each length, which holds the address of the next.
        var free = [UnsafeMutableRawPointer?](repeating: nil, count: largest + 1)
        /// The part of the newest chunk that was not handed out yet.
        var rest = UnsafeMutableRawBufferPointer(start: nil, count: 0)
        var chunks: [UnsafeMutableRawPointer] = []
    }

    private static let lock = Mutex(())
    /// Only touched while the lock is held.
    nonisolated(unsafe) private static var state = State()

    /// At least `count` bytes, which are zero.
    static func allocate(_ count: Int) -> UnsafeMutableRawPointer {
        let power = power(count)
        guard power <= largest else { return locked(whole(count)) }
        let length = 1 << power
        nonisolated(unsafe) var piece: UnsafeMutableRawPointer?
        lock.withLock { _ in
            if let free = state.free[power] {
                state.free[power] = free.load(as: UnsafeMutableRawPointer?.self)
                piece = free
                return
            }
            if state.rest.count < length {
                let chunk = locked(chunkLength)
                state.chunks.append(chunk)
                state.rest = UnsafeMutableRawBufferPointer(start: chunk, count: chunkLength)
            }
            piece = state.rest.baseAddress
            state.rest = UnsafeMutableRawBufferPointer(rebasing: state.rest[length...])
        }
        guard let piece else { return locked(length) }
        memset(piece, 0, length)
        return piece
    }

    /// Takes back what `allocate` gave for as many bytes; the caller has wiped it.
    static func free(_ piece: UnsafeMutableRawPointer, _ count: Int) {
        let power = power(count)
        guard power <= largest else {
            munlock(piece, whole(count))
            return piece.deallocate()
        }
        nonisolated(unsafe) let piece = piece
        lock.withLock { _ in
            piece.storeBytes(of: state.free[power], as: UnsafeMutableRawPointer?.self)
            state.free[power] = piece
        }
    }

    /// Locks, in a process that was divided off, what the other one has locked: that is not handed down.
    package static func lockAgain() {
        lock.withLock { _ in
            for chunk in state.chunks { mlock(chunk, chunkLength) }
        }
    }

    /// The power of two that so many bytes fit in.
    private static func power(_ count: Int) -> Int {
        max(smallest, Int.bitWidth - max(count - 1, 0).leadingZeroBitCount)
    }

    /// As many bytes as whole pages have.
    private static func whole(_ count: Int) -> Int { (count + page - 1) & ~(page - 1) }

    private static func locked(_ length: Int) -> UnsafeMutableRawPointer {
        let pages = UnsafeMutableRawPointer.allocate(byteCount: length, alignment: page)
        memset(pages, 0, length)
        // More than may be locked stays unlocked.
        mlock(pages, length)
        return pages
    }
}
