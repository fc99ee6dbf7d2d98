import ScopeDissect
import ScopeModel
import ScopeWire

/// The show views of one device: folds the events up to a moment, and prints what stood then.
///
/// What a capture cannot know is left out, or `?` where the line would lose its shape without it.
public struct ShowFormatter: EventFormatter {
    public enum Content: String, CaseIterable, Sendable {
        case isakmpSA = "isakmp-sa"
        case ipsecSA = "ipsec-sa"
        case session
    }

    public struct Options: Hashable, Sendable {
        public var view = IOSDebugFormatter.View.automatic
        public var isDetailed = false
        /// Nil: the capture's end.
        public var at: ShowPoint?
        public var zone = Clock.Zone.local

        public init() {}
    }

    private let content: Content
    private let options: Options
    private let isJSON: Bool
    private var database = SADatabase()
    private var first: Instant?
    private var limit: Instant?

    public init(_ content: Content, _ options: Options = Options(), isJSON: Bool = false) {
        self.content = content
        self.options = options
        self.isJSON = isJSON
    }

    public mutating func start(at time: Instant) {
        first = time
        limit = options.at?.instant(first: time, zone: options.zone)
    }

    public mutating func write(_ event: Event, frame: RawSpan, plaintext: RawSpan, to sink: ByteSink) {
        if first == nil { start(at: event.time) }
        if let limit, event.time > limit { return }
        database.fold(event)
    }

    public mutating func finish(to sink: ByteSink) {
        let now = limit ?? database.now ?? first ?? Instant(nanoseconds: 0)
        let standing = Standing(database: database, device: Device(options.view), now: now)
        if isJSON {
            SAJSON(sink: sink, standing: standing).write(content)
            return
        }
        switch content {
        case .isakmpSA: ISAKMPSAView(sink: sink, standing: standing).write(isDetailed: options.isDetailed)
        case .ipsecSA: IPsecSAView(sink: sink, standing: standing).write(isDetailed: options.isDetailed)
        case .session: SessionView(sink: sink, standing: standing).write(isDetailed: options.isDetailed)
        }
        if database.forgotten > 0 {
            sink.text("! \(Wording.count(database.forgotten, "SA")) went to keep within the bounds\n")
        }
    }
}

/// What the views read: the SAs at one moment, seen from one device.
struct Standing {
    let database: SADatabase
    let device: Device
    let now: Instant

    var ike: [(record: IKERecord, local: Role)] {
        database.ike.compactMap { record in
            device.role(record.sa.initiator.address, record.sa.responder.address).map { (record, $0) }
        }
    }

    /// With the side of the Quick Mode that the device is.
    var ipsec: [(record: IPsecRecord, local: Role)] {
        database.ipsec.compactMap { record in local(record).map { (record, $0) } }
    }

    private func local(_ record: IPsecRecord) -> Role? {
        let ends = Set([record.initiator.address, record.responder.address])
        let sa =
            record.pair?.ikeSA
            ?? database.ike.last { Set([$0.sa.initiator.address, $0.sa.responder.address]) == ends }?.sa
        guard let sa else { return device.role(record.initiator.address, record.responder.address) }
        guard let role = device.role(sa.initiator.address, sa.responder.address) else { return nil }
        if let mode = record.pair?.quickMode { return mode.initiatedBy == role ? .initiator : .responder }
        return record.initiator.address == sa.endpoint(of: role).address ? .initiator : .responder
    }
}

/// Whose views are printed.
struct Device {
    private let view: IOSDebugFormatter.View

    init(_ view: IOSDebugFormatter.View) { self.view = view }

    /// Which side of an IKE SA the device is; nil when it is neither.
    func role(_ initiator: IPAddress, _ responder: IPAddress) -> Role? {
        switch view {
        case .automatic, .initiator, .both: .initiator
        case .responder: .responder
        case .address(let address): Self.role([address], initiator, responder)
        case .local(let addresses): Self.role(addresses, initiator, responder) ?? .initiator
        }
    }

    private static func role(_ own: [IPAddress], _ initiator: IPAddress, _ responder: IPAddress) -> Role? {
        own.contains(initiator) ? .initiator : own.contains(responder) ? .responder : nil
    }
}
