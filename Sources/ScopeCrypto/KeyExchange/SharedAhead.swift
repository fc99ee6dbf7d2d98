import Dispatch
import Synchronization

/// Computes g^xy on a thread of its own, from the message that brings the second KE payload on.
///
/// An exponentiation takes longer than following and printing a whole negotiation, and g^xy is needed with the first
/// encrypted message only. An exponentiation that was not begun by then is done by whoever asks; one that was begun is
/// waited for.
final class SharedAhead {
    private let queue = DispatchQueue(label: "exponentiation")
    private let work = Work()

    /// What the queue's thread works with.
    private final class Work: @unchecked Sendable {
        /// Used on the queue alone: two threads may not share a group's numbers.
        let groups = KeyExchangeGroups()
        let isOver = Atomic(false)
    }

    /// Drops the exponentiations that were not begun, and waits for the one that was, so that it does not run on while the
    /// program ends.
    deinit {
        work.isOver.store(true, ordering: .relaxed)
        queue.sync {}
    }

    /// Begins the exponentiation of `peer` with `exponent` in group `number`.
    func begin(_ exponent: Secret, with peer: [UInt8], group number: UInt16) -> Exponentiation {
        let made = Exponentiation(exponent, with: peer, group: number)
        queue.async { [work] in if !work.isOver.load(ordering: .relaxed) { made.run(work.groups) } }
        return made
    }

    /// One exponentiation that was asked for ahead.
    final class Exponentiation: @unchecked Sendable {
        private enum State { case waiting, running, done }

        private let exponent: Secret
        private let peer: [UInt8]
        private let number: UInt16
        private let state = Mutex(State.waiting)
        private let finished = DispatchSemaphore(value: 0)
        /// Written by the thread that runs it, before `finished`.
        private var shared: Secret?

        fileprivate init(_ exponent: Secret, with peer: [UInt8], group number: UInt16) {
            self.exponent = exponent
            self.peer = peer
            self.number = number
        }

        fileprivate func run(_ groups: KeyExchangeGroups) {
            guard change(from: .waiting, to: .running) else { return }
            shared = try? groups.group(number)?.shared(exponent, with: peer)
            finished.signal()
        }

        /// g^xy, if this is the exponentiation asked for; nil where it has to be computed now.
        ///
        /// Asked for once.
        func result(of exponent: Secret, with peer: [UInt8], group number: UInt16) -> Secret? {
            guard !change(from: .waiting, to: .done) else { return nil }
            guard change(from: .running, to: .done) else { return nil }
            finished.wait()
            return number == self.number && peer == self.peer && exponent.equals(self.exponent) ? shared : nil
        }

        private func change(from: State, to: State) -> Bool {
            state.withLock { state in
                guard state == from else { return false }
                state = to
                return true
            }
        }
    }
}
