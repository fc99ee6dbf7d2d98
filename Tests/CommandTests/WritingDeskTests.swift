import AnalysisSupport
import Foundation
import ScopeModel
import ScopeWire
import Synchronization
import Testing

@testable import ikescope

@Suite("A thread that writes is handed bounded batches") struct WritingDeskTests {
    /// Counts what it is given, and waits until it may go on.
    private final class Box: Sendable {
        let written = Mutex<[Int]>([])
        let isOpen = Mutex(true)

        var count: Int { written.withLock { $0.count } }

        /// Waits for what another thread has to do.
        func reaches(_ count: Int) -> Bool {
            for _ in 0..<5000 {
                if self.count >= count { return true }
                usleep(1000)
            }
            return false
        }
    }

    private final class Tally: Sendable { let count = Mutex(0) }

    private struct Counter: EventFormatter {
        static let needsBytes = false
        let box: Box

        func write(_ event: Event, frame: RawSpan, plaintext: RawSpan, to sink: ByteSink) {
            while !box.isOpen.withLock({ $0 }) { usleep(1000) }
            box.written.withLock { $0.append(event.ordinal) }
        }

        func finish(to sink: ByteSink) {}
    }

    private func desk(_ box: Box) throws -> WritingDesk<Counter> {
        WritingDesk(Counter(box: box), try Output(.file("/dev/null")))
    }

    /// Events of a message with about `size` bytes.
    private func events(_ count: Int, size: Int) throws -> [Event] {
        let talk = try Talk(of: "main-mode/raw-esp").changing(.mainMode(1)) { message in
            message.payloads += (0..<(size / 1000)).map { _ in
                MadeMessage.Payload(.vendorID, [UInt8](repeating: 7, count: 1000))
            }
        }
        let event = try #require(talk.ending(with: .mainMode(1)).analysed().events.first)
        return (1...count).map { ordinal in
            var copy = event
            copy.ordinal = ordinal
            return copy
        }
    }

    @Test("small events are handed over by number: none before the 256th, all of them then")
    func number() throws {
        let box = Box()
        let desk = try desk(box)
        let small = try events(600, size: 0)
        for event in small.prefix(255) { desk.take(event) }
        usleep(50_000)
        #expect(box.count == 0)
        desk.take(small[255])
        #expect(box.reaches(256) && box.count == 256)
        for event in small.dropFirst(256) { desk.take(event) }
        _ = try desk.finish()
        #expect(box.written.withLock { $0 } == Array(1...600))
    }

    @Test("large events are handed over by what they hold: a megabyte, and not an event less")
    func bytes() throws {
        let box = Box()
        let desk = try desk(box)
        let large = try events(200, size: 40_000)
        let each = large[0].footprint
        let most = ((1 << 20) + each - 1) / each
        #expect((10...40).contains(most))
        for event in large.prefix(most - 1) { desk.take(event) }
        usleep(50_000)
        #expect(box.count == 0)
        desk.take(large[most - 1])
        #expect(box.reaches(most) && box.count == most)
        // The sum begins anew with the next batch.
        for event in large[most..<(2 * most - 1)] { desk.take(event) }
        usleep(50_000)
        #expect(box.count == most)
        desk.take(large[2 * most - 1])
        #expect(box.reaches(2 * most))
        _ = try desk.finish()
    }

    @Test("whoever reads waits for a slow writer, so that two batches are all that is held")
    func slow() throws {
        let box = Box()
        let desk = try desk(box)
        let large = try events(200, size: 40_000)
        let most = ((1 << 20) + large[0].footprint - 1) / large[0].footprint
        box.isOpen.withLock { $0 = false }
        let taken = Tally()
        let done = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            for event in large {
                desk.take(event)
                taken.count.withLock { $0 += 1 }
            }
            done.signal()
        }
        // The first batch is with the writer; the second one is full, and the event that filled it is not through.
        for _ in 0..<5000 where taken.count.withLock({ $0 }) < 2 * most - 1 { usleep(1000) }
        usleep(50_000)
        #expect(taken.count.withLock { $0 } == 2 * most - 1 && box.count == 0)
        box.isOpen.withLock { $0 = true }
        done.wait()
        _ = try desk.finish()
        #expect(box.written.withLock { $0 } == Array(1...200))
    }
}
