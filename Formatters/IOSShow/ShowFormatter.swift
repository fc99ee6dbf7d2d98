import ScopeDissect
import ScopeModel
import ScopeSAD
import ScopeWire

/// The show views of one device: prints the state of the run as it stood at the end, or at a moment before.
///
/// What a capture cannot know is left out, or `?` where the line would lose its shape without it.
public struct ShowFormatter: EventFormatter {
    public enum Content: String, CaseIterable, Sendable {
        case isakmpSA = "isakmp-sa"
        case ikev2SA = "ikev2-sa"
        case ikev2Session = "ikev2-session"
        case ipsecSA = "ipsec-sa"
        case session
    }

    public struct Options: Hashable, Sendable {
        public var view = View.automatic
        public var isDetailed = false
        /// Nil: the capture's end.
        public var at: ShowPoint?
        public var zone = Clock.Zone.local

        public init() {}
    }

    public typealias State = SADatabase

    private let content: Content
    private let options: Options
    private let isJSON: Bool
    private var state: () -> SADatabase = { SADatabase() }
    /// The state at the moment that is asked for, once an event came after it.
    private var frozen: SADatabase?
    private var first: Instant?
    private var limit: Instant?

    public init(_ content: Content, _ options: Options = Options(), isJSON: Bool = false) {
        self.content = content
        self.options = options
        self.isJSON = isJSON
    }

    public static var needs: Needs { .state }

    public mutating func connect(state: @escaping () -> SADatabase) { self.state = state }

    public mutating func start(at time: Instant) {
        first = time
        limit = options.at?.instant(first: time, zone: options.zone)
    }

    public mutating func write(_ event: Event, frame: RawSpan, plaintext: RawSpan, to sink: ByteSink) {
        if first == nil { start(at: event.time) }
        if let limit, frozen == nil, event.time > limit { frozen = state() }
    }

    public mutating func finish(to sink: ByteSink) {
        let database = frozen ?? state()
        let now = limit ?? database.now ?? first ?? Instant(nanoseconds: 0)
        let standing = database.standing(at: now, for: options.view)
        if isJSON {
            SAJSON(sink: sink, standing: standing).write(content)
            return
        }
        switch content {
        case .isakmpSA: ISAKMPSAView(sink: sink, standing: standing).write(isDetailed: options.isDetailed)
        case .ikev2SA: IKEv2SAView(sink: sink, standing: standing).write(isDetailed: options.isDetailed)
        case .ikev2Session: IKEv2SessionView(sink: sink, standing: standing).write(isDetailed: options.isDetailed)
        case .ipsecSA: IPsecSAView(sink: sink, standing: standing).write(isDetailed: options.isDetailed)
        case .session: SessionView(sink: sink, standing: standing).write(isDetailed: options.isDetailed)
        }
        if standing.forgotten > 0 {
            sink.text("! \(Wording.count(standing.forgotten, "SA")) removed to keep within the limits\n")
        }
    }

    public mutating func close(_ statistics: CaptureStatistics, to sink: ByteSink) {
        if isJSON { CaptureJSON.write(statistics, to: sink) }
    }
}
