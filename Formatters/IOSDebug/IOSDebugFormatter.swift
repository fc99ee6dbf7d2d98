import ScopeDissect
import ScopeModel
import ScopeSAD
import ScopeWire

/// `debug crypto isakmp`, `debug crypto ikev2` and `debug crypto ipsec` of one device, as the packets of a capture imply it, with annotations between
/// the lines.
///
/// Every line follows from the wire, from decrypted content or from the state machine; what only the device knows
/// (pointers, databases, key look-ups, timers) is left out, and an unknown word prints as `?`.
public struct IOSDebugFormatter: EventFormatter {
    public struct Options: Hashable, Sendable {
        public var view = View.automatic
        public var family = LineFamily.classic
        public var commands = DebugCommands.all
        /// What the lines of IKEv2 have beside the plain ones and the errors.
        public var details: IKEv2Details = []
        public var annotations = true
        public var zone = Clock.Zone.local
        public var color = false
        /// Passwords that XAUTH carries stand in the annotations.
        public var showSecrets = false

        public init() {}
    }

    private let options: Options
    private let knowledge: (any DeviceKnowledge)?
    private var clock: Clock
    private var stories = SAMemories { SAStory() }
    /// Which pairs of IPsec SAs a Delete names; packets make no lines.
    ///
    /// It holds as many as a device keeps (`InstalledSAs`).
    private var children = DeletedPairs(limit: 4096)
    /// The chosen device; with both, the initiators.
    private var device = DeviceMemory()
    /// With both devices, the responders.
    private var responder = DeviceMemory()
    /// IKE SAs whose initiator is the responder of the one that all began with: it asked for the rekeying.
    private var turned = RecentTable<Int, Void>(limit: 4096)
    /// The time stamp of the last message, with its colon: lines without a message of their own carry it.
    private var lastStamp: [UInt8] = []
    private var keepalives = 0
    private var hasExplainedVendorIDs = false

    /// `knowledge` fills in what configurations of the devices tell.
    public init(_ options: Options = Options(), knowledge: (any DeviceKnowledge)? = nil) {
        self.options = options
        self.knowledge = knowledge
        clock = Clock(options.zone)
    }

    public static var needs: Needs { [] }

    /// Packets make no lines.
    public static func takes(_ event: Event) -> Bool {
        switch event.kind {
        case .esp, .ah: false
        default: true
        }
    }

    public mutating func write(_ event: Event, frame: RawSpan, plaintext: RawSpan, to sink: ByteSink) {
        switch event.kind {
        case .ipsecAccount, .unusedKey: releaseRemovals(before: nil, to: sink)
        default: releaseRemovals(before: event.time, to: sink)
        }
        let notes = annotations(sink)
        let notices = NoticeAnnotations(notes: notes)
        switch event.kind {
        case .ikeMessage(let message):
            var deleted = SPIsNamedByDelete()
            children.fold(message, at: event) { deleted.add($0) }
            write(message, deleted, at: event.time, to: sink)
        case .ikeFragment(let message): MessageHeading.write(message, isFragment: true, to: notes)
        case .esp, .ah: break
        case .natKeepalive(let source, let destination):
            keepalives += 1
            if keepalives == 1 { notices.keepalive(source, destination, frame: event.frame) }
        case .icmpError(let notice): notices.icmp(notice, frame: event.frame)
        case .ikeKeys(let sa, let status):
            let story = stories.value(sa.id)
            if case .opened(let key) = status { story.keyNames = key } else { story.hasSaidWhatIsMissing = true }
            notices.keys(sa, status)
        case .ipsecSAs(let pair):
            children.fold(pair, at: event)
            notices.pair(pair)
        case .malformed(let packet): notices.malformed(packet, frame: event.frame)
        case .cut(let packet) where packet.layer == .ip: break
        case .cut(let packet): notices.cut(packet, frame: event.frame)
        case .reassembly(let notice): notices.reassembly(notice)
        case .captureLoss(let count): notices.captureLoss(count)
        case .comment(let text): notes.note(.frame(event.frame), " · comment: ", .foreign(text))
        case .evicted(let table, let count): notices.evicted(table, count)
        case .ipsecAccount(let account): notices.account(account)
        case .clearTraffic: break
        case .unusedKey(let text): notes.warning(.foreign(text))
        }
    }

    public mutating func pass(to time: Instant, sink: ByteSink) { releaseRemovals(before: time, to: sink) }

    public mutating func finish(to sink: ByteSink) {
        releaseRemovals(before: nil, to: sink)
        if keepalives > 1 { NoticeAnnotations(notes: annotations(sink)).keepalives(keepalives) }
        keepalives = 0
    }

    private var isBoth: Bool { if case .both = options.view { true } else { false } }

    /// A writer of the lines of the device with this address.
    private func writer(_ address: IPAddress, _ sink: ByteSink) -> LineWriter {
        let lead = isBoth ? Array("\(address) ".utf8) : []
        return LineWriter(
            sink: sink, family: options.family, commands: options.commands, lead: lead,
            head: lead.isEmpty ? lastStamp : lead + lastStamp, connection: .none)
    }

    private func annotations(_ sink: ByteSink) -> AnnotationWriter {
        AnnotationWriter(sink: sink, isOn: options.annotations, hasColor: options.color)
    }

    /// The one place where the transcript asks for the version: each has router lines and meanings of its own.
    private mutating func write(
        _ message: IKEMessage, _ deleted: SPIsNamedByDelete, at time: Instant, to sink: ByteSink
    ) {
        let notes = annotations(sink)
        MessageHeading.write(message, to: notes)
        let story = message.sa.map { stories.value($0.id) } ?? SAStory()
        var meaning = MessageMeaning(message: message, notes: notes, showSecrets: options.showSecrets)
        switch message.step {
        case .v2(let step):
            if let sa = message.sa { write(message, step, of: sa, deleted, at: time, notes: notes) }
            if meaning.writeCircumstances(story) { IKEv2Meaning(meaning, step)?.write(story) }
        case .other: _ = meaning.writeCircumstances(story)
        case .v1(let step):
            if let sa = message.sa {
                write(message, of: sa, deleted, at: time, story: story, notes: notes)
            }
            if meaning.writeCircumstances(story) { meaning.writeContents(step) }
        }
    }

    /// The router's lines of an IKEv1 message.
    private mutating func write(
        _ message: IKEMessage, of sa: IKESA, _ deleted: SPIsNamedByDelete, at time: Instant, story: SAStory,
        notes: AnnotationWriter
    ) {
        let knowledge = knowledge
        for local in roles(of: message) {
            lastStamp = clock.stamp(time, mark: ": ")
            let end = local == message.sender ? message.source : message.destination
            let out = writer(end.address, notes.sink)
            let lines = { (memory: SAMemory, installed: InstalledSAs) in
                MessageLines(
                    out: out, message: message, sa: sa, local: local, time: time, memory: memory,
                    installed: installed, deleted: deleted, usedKeys: story.usedKeys, notes: notes,
                    knowledge: knowledge)
            }
            if isBoth, local == .responder {
                responder.write(sa.id, lines)
            } else {
                device.write(sa.id, lines)
            }
            if local != message.sender { explainVendorIDs(message, notes) }
        }
    }

    /// The router's lines of an IKEv2 message.
    private mutating func write(
        _ message: IKEMessage, _ step: IKEv2Step, of sa: IKESA, _ deleted: SPIsNamedByDelete, at time: Instant,
        notes: AnnotationWriter
    ) {
        let (knowledge, details) = (knowledge, options.details)
        let isTurned = turned[sa.id] != nil
        if let made = message.v2?.successor, (message.sender == .initiator) != isTurned { turned.insert(made.id) }
        for local in roles(of: message, isTurned: isTurned) {
            lastStamp = clock.stamp(time, mark: ": ")
            let end = local == message.sender ? message.source : message.destination
            let out = writer(end.address, notes.sink)
            let lines = {
                (memory: IKEv2Memory, numbers: DeviceNumbers, next: DeviceNumbers?, installed: InstalledSAs) in
                IKEv2Lines(
                    out: out, message: message, step: step, sa: sa, local: local, memory: memory,
                    installed: installed, deleted: deleted, notes: notes, knowledge: knowledge, details: details,
                    numbers: numbers, successor: next)
            }
            if isBoth, local == (isTurned ? .initiator : .responder) {
                responder.write(message, of: sa, lines)
            } else {
                device.write(message, of: sa, lines)
            }
        }
    }

    /// Explains, once, the lines that look like a fault and are none.
    private mutating func explainVendorIDs(_ message: IKEMessage, _ notes: AnnotationWriter) {
        guard case .v1(.mainMode) = message.step, !hasExplainedVendorIDs, message.repetition == .first,
            let chain = message.readable,
            VendorIDLines.all(in: chain, withSession: false).contains(where: \.isNoise)
        else { return }
        hasExplainedVendorIDs = true
        notes.note(
            "the \"vendor ID seems Unity/DPD\" lines are harmless: IOS says so of every id but these two")
    }

    /// The chosen device's role in the IKE SA, or both of them, the sender's first; none when this IKE SA is none of
    /// its own.
    private func roles(of message: IKEMessage, isTurned: Bool = false) -> [Role] {
        switch options.view {
        case .automatic, .initiator: return [isTurned ? .responder : .initiator]
        case .responder: return [isTurned ? .initiator : .responder]
        case .both: return [message.sender, message.sender.other]
        case .address(let address): return role(of: message, at: { $0 == address }).map { [$0] } ?? []
        case .local(let addresses):
            return [role(of: message, at: addresses.contains) ?? (isTurned ? .responder : .initiator)]
        }
    }

    private func role(of message: IKEMessage, at isLocal: (IPAddress) -> Bool) -> Role? {
        if isLocal(message.source.address) { return message.sender }
        if isLocal(message.destination.address) { return message.sender.other }
        return nil
    }

    /// Finishes removals that wait for a delete that did not come; all of them when `time` is nil.
    private mutating func releaseRemovals(before time: Instant?, to sink: ByteSink) {
        let ripe = device.takeRemovals(before: time) + responder.takeRemovals(before: time)
        for removal in ripe {
            annotations(sink).removal(removal)
            removal.write(to: writer(removal.device, sink))
        }
    }
}
