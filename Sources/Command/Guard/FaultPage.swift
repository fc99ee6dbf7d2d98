import Glibc
import Synchronization

/// Memory that worker and supervisor share, and that outlives the worker.
struct FaultPage: @unchecked Sendable {
    private enum Cell: Int, CaseIterable {
        case place, lastPlace, frames, written, complaints, isWriting, hasFaulted, requests
    }

    private let cells: UnsafeMutablePointer<Atomic<UInt64>>

    init() {
        let length = Cell.allCases.count * MemoryLayout<Atomic<UInt64>>.stride
        let shared = mmap(nil, length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)
        // Without shared memory the run goes on unguarded.
        let memory =
            shared.flatMap { $0 == MAP_FAILED ? nil : $0 } ?? .allocate(byteCount: length, alignment: 16)
        cells = memory.bindMemory(to: Atomic<UInt64>.self, capacity: Cell.allCases.count)
        for cell in Cell.allCases { (cells + cell.rawValue).initialize(to: Atomic(0)) }
    }

    private subscript(cell: Cell) -> UnsafeMutablePointer<Atomic<UInt64>> { cells + cell.rawValue }

    /// The frame that is being worked on.
    var place: FramePlace {
        @inline(__always) get { FramePlace(rawValue: self[.place].pointee.load(ordering: .relaxed)) }
        @inline(__always) nonmutating set { self[.place].pointee.store(newValue.rawValue, ordering: .relaxed) }
    }

    /// The last frame of the run, once all were read.
    var lastPlace: FramePlace {
        get { FramePlace(rawValue: self[.lastPlace].pointee.load(ordering: .relaxed)) }
        nonmutating set { self[.lastPlace].pointee.store(newValue.rawValue, ordering: .relaxed) }
    }

    /// The number of frames that were read by then.
    var frames: UInt64 {
        get { self[.frames].pointee.load(ordering: .relaxed) }
        nonmutating set { self[.frames].pointee.store(newValue, ordering: .relaxed) }
    }

    /// Bytes of output that were written.
    var written: UInt64 {
        get { self[.written].pointee.load(ordering: .relaxed) }
        nonmutating set { self[.written].pointee.store(newValue, ordering: .relaxed) }
    }

    /// Lines on standard error that were written.
    var complaints: UInt64 {
        get { self[.complaints].pointee.load(ordering: .relaxed) }
        nonmutating set { self[.complaints].pointee.store(newValue, ordering: .relaxed) }
    }

    /// The number of signals that the supervisor has handed on.
    var requests: UInt64 { self[.requests].pointee.load(ordering: .sequentiallyConsistent) }

    func countRequest() { self[.requests].pointee.add(1, ordering: .sequentiallyConsistent) }

    /// Whether a thread is writing, so that `written` may be wrong.
    ///
    /// All threads see changes of this and of `hasFaulted` in one order: either the writing thread sees the fault, or
    /// the thread at fault sees the other write.
    var isWriting: Bool {
        get { self[.isWriting].pointee.load(ordering: .sequentiallyConsistent) != 0 }
        nonmutating set { self[.isWriting].pointee.store(newValue ? 1 : 0, ordering: .sequentiallyConsistent) }
    }

    /// Whether this worker is about to end because of a fault.
    var hasFaulted: Bool {
        get { self[.hasFaulted].pointee.load(ordering: .sequentiallyConsistent) != 0 }
        nonmutating set { self[.hasFaulted].pointee.store(newValue ? 1 : 0, ordering: .sequentiallyConsistent) }
    }
}

/// The place of a frame in a run, as one number: the file and the frame in it.
struct FramePlace: RawRepresentable, Hashable {
    private static let frameBits: UInt64 = 40
    private static let end: UInt64 = (1 << frameBits) - 1

    var rawValue: UInt64

    init(rawValue: UInt64) { self.rawValue = rawValue }

    /// - Parameter frame: from 1; 0 is before the first frame.
    @inline(__always) init(file: Int, frame: Int) {
        rawValue = UInt64(truncatingIfNeeded: file) << Self.frameBits | UInt64(truncatingIfNeeded: frame) & Self.end
    }

    /// The place behind the last frame.
    static func end(of file: Int) -> FramePlace { FramePlace(file: file, frame: Int(end)) }

    var file: Int { Int(truncatingIfNeeded: rawValue >> Self.frameBits) }
    var frame: UInt64 { rawValue & Self.end }
    var isStart: Bool { frame == 0 }
    var isEnd: Bool { frame == Self.end }
}
