import Synchronization

/// Ends sources that wait; `raise` may be called from a signal handler and from any thread.
///
/// A source that waits looks at it every `pause`.
public final class StopFlag: Sendable {
    /// Milliseconds that a waiting source sleeps at a time.
    static let pause: Int32 = 100

    private let raised = Atomic<Bool>(false)

    public init() {}

    public var isRaised: Bool { raised.load(ordering: .relaxed) }
    public func raise() { raised.store(true, ordering: .relaxed) }
}
