import ScopeDissect
import ScopeModel
import ScopeWire

/// Follows what crosses the wire and tells it as events: negotiations, SAs, packets, and what went wrong on the way.
///
/// An observer: it may miss messages, see packets twice, and come too late. Time is that of the frames.
public final class Tracker {
    /// Takes an event with the bytes that its offsets count in, and the plaintext.
    public typealias Receiver = (_ event: Event, _ bytes: RawSpan, _ plaintext: RawSpan) -> Void

    let emitter: Emitter
    let ike: IKETracker
    private let ipsec: IPsecTracker
    private var fragments = IPReassembler()
    private var streams = TCPStreams()
    private var flows = UDPFlows()
    private let clear: ClearWatch?
    private var now = Instant(nanoseconds: .min)
    /// When fragments that wait too long are looked for next.
    private var nextExpiry = Instant(nanoseconds: .min)
    /// Nil where one thread does it all.
    private let ahead: ReadAhead?

    /// Packets inside each other (AH around ESP, a tunnel in a tunnel) are followed to this depth.
    private static let deepest = 4
    /// What is done in order by one thread keeps no more of them busy.
    private static let mostJobs = 8
    private static let expiryInterval: Int64 = 1_000_000_000

    /// - Parameters:
    ///   - jobs: threads that verify and decrypt ESP; what is told, and in which order, does not depend on it. With more
    ///     than one, events may come some hundred frames after the frame that made them happen, and all by `finish`.
    ///   - watchesClear: looks at all other packets too, and tells at the end which of those in the clear an SA was made
    ///     for.
    public init(
        unsealer: any Unsealer, limits: Limits = Limits(), jobs: Int = 1, watchesClear: Bool = false,
        receive: @escaping Receiver
    ) {
        emitter = Emitter(receive)
        let jobs = min(jobs, Self.mostJobs)
        ahead = jobs > 1 ? ReadAhead(jobs: jobs) : nil
        clear = watchesClear ? ClearWatch() : nil
        ipsec = IPsecTracker(unsealer, limits, jobs: jobs, emitter, clear)
        ike = IKETracker(unsealer, limits, emitter, ipsec)
    }

    /// Takes in one item of a capture; `bytes` and `comment` are a frame's, empty for other items.
    public func follow(_ item: CaptureItem, _ bytes: RawSpan, comment: String? = nil) {
        if let ahead, ipsec.opensAhead || !ahead.isEmpty {
            if case .frame(let frame) = item, comment == nil, ahead.takes(bytes) {
                if !ahead.hasRoom(for: bytes) { ahead.turn(follow) }
                return ahead.add(frame, bytes, ipsec)
            }
            ahead.finish(follow)
        }
        switch item {
        case .frame(let frame):
            pass(to: frame.time)
            follow(frame, bytes, comment: comment)
        case .quiet(let until): pass(to: until)
        case .dropped(let count): emitter.emit(.captureLoss(count), at: now)
        }
    }

    /// The capture has ended: tells what only its end shows.
    public func finish() {
        ahead?.finish(follow)
        for packet in fragments.finish() { tell(packet) }
        ike.finish(at: now)
        ipsec.finish(at: now)
        for line in ike.unusedKeys() { emitter.emit(.unusedKey(line), at: now) }
    }

    /// Tells how the IPsec SAs stand, as `finish` would if the capture ended now.
    ///
    /// That is their accounts, and what of their traffic was seen in the clear. It changes nothing, and tells nothing once
    /// `finish` was called. The events have no ordinal, because they are not part of the run.
    public func standing(_ receive: (Event) -> Void) {
        let time = now
        ipsec.standing { receive(Event(ordinal: 0, time: time, origin: nil, scope: $1, kind: $0)) }
    }

    // MARK: Layers

    /// A frame that was read ahead; its turn has come.
    ///
    /// `isDissected`: what it carries is known.
    private func follow(
        _ frame: Frame, _ datagram: Datagram, isDissected: Bool, opened: OpenedAhead?, _ bytes: RawSpan
    ) {
        pass(to: frame.time)
        guard isDissected else { return follow(frame, bytes, comment: nil) }
        ipsec.ahead = opened
        follow(datagram, Packet(datagram, frame), bytes, depth: 0)
        ipsec.ahead = nil
    }

    private func follow(_ frame: Frame, _ bytes: RawSpan, comment: String?) {
        do throws(DecodeError) {
            var datagram = Datagram.none
            guard try FrameDissector.dissect(frame, bytes, into: &datagram) else {
                if let comment { tell(comment, frame, Scope(), bytes) }
                return
            }
            if let comment {
                tell(comment, frame, Scope(source: datagram.source, destination: datagram.destination), bytes)
            }
            follow(datagram, Packet(datagram, frame), bytes, depth: 0)
        } catch {
            // What the snaplen cut off is nobody's fault.
            if frame.capturedLength < frame.originalLength, case .truncated = error.reason {
                return cut(frame, bytes)
            }
            let packet = MalformedPacket(
                layer: FrameDissector.failingLayer(of: frame, bytes), error: error)
            emitter.emit(.malformed(packet), at: frame.time, from: frame, .frame, Scope(), bytes)
        }
    }

    private func follow(_ datagram: Datagram, _ packet: Packet, _ bytes: RawSpan, depth: Int) {
        switch datagram.content {
        case .esp(let range):
            sealed(packet, range, header: packet.ip.lowerBound..<range.lowerBound, bytes, depth: depth)
        case .udp(let sourcePort, let destinationPort, let payload):
            let isOurs = udp(packet, from: sourcePort, to: destinationPort, payload, bytes, depth: depth)
            if !isOurs, let clear, depth == 0 {
                clear.see(datagram, packet.frame, bytes)
            }
        case .ah(let range):
            authenticated(packet, range, headers: packet.ip.lowerBound..<range.lowerBound, bytes, depth: depth)
        case .tcp(let segment):
            tcp(segment, datagram, packet, bytes)
            if let clear, depth == 0 { clear.see(datagram, packet.frame, bytes) }
        case .fragment(let fragment): piece(fragment, datagram, packet, bytes, depth: depth)
        case .icmpError(let error): icmp(error, packet, bytes)
        case .other(let type, _):
            if type == .udp || type == .tcp, datagram.isCut, depth == 0 { cut(.udp, packet, bytes) }
            if let clear, depth == 0 { clear.see(datagram, packet.frame, bytes) }
        }
    }

    /// False for what is none of ours.
    @inline(never)
    private func udp(
        _ packet: Packet, from source: UInt16, to destination: UInt16, _ payload: Range<Int>,
        _ bytes: RawSpan, depth: Int
    ) -> Bool {
        var packet = packet
        packet.source.port = source
        packet.destination.port = destination
        var missing = 0
        if packet.isCut {
            missing = max(0, wireLength(of: payload, bytes) - payload.count)
            if let isOurs = cutShort(packet, payload, missing: missing, bytes) { return isOurs }
        }
        let contents = flows.contents(packet, payload, missing: missing, bytes) { spi in
            ike.knows(initiatorSPI: spi)
        } knowsESP: { spi in
            ipsec.knows(spi: spi)
        }
        switch contents {
        case .ike(let range, let carrier):
            packet.carrier = carrier
            packet.hasPartialChecksum =
                packet.material == .frame && packet.isChecksumPartial(before: payload, bytes)
            ike.message(packet, range, bytes)
        case .esp(let range):
            packet.carrier = .udpEncapsulated
            let header = packet.ip.lowerBound..<max(packet.ip.lowerBound, payload.lowerBound - 8)
            sealed(packet, range, header: header, bytes, depth: depth)
        case .keepalive:
            emitter.emit(.natKeepalive(source: packet.source, destination: packet.destination), of: packet, bytes)
        case .foreign: return false
        }
        return true
    }

    /// ESP, and what it carries when that is IPsec or IKE again.
    private func sealed(_ packet: Packet, _ range: Range<Int>, header: Range<Int>, _ bytes: RawSpan, depth: Int) {
        if packet.isCut, range.count < ESPHeader.length { return cutESP(packet, range, bytes) }
        guard let inside = ipsec.esp(packet, range, header: header, bytes), depth < Self.deepest else { return }
        inside.buffer.withUnsafeBytes { raw in
            let span = raw.bytes.extracting(inside.packet)
            guard
                let datagram =
                    (try? FrameDissector.datagram(
                        ofIP: span, in: 0..<span.byteCount, limit: .plaintext, recorder: nil)) ?? nil
            else { return }
            follow(datagram, packet.inside(datagram, .inner, account: inside.account), span, depth: depth + 1)
        }
    }

    /// AH, and what it protects; `headers` are the IP header and what stands between it and the first AH.
    private func authenticated(
        _ packet: Packet, _ range: Range<Int>, headers: Range<Int>, _ bytes: RawSpan, depth: Int
    ) {
        if packet.isCut, range.count < AHHeader.length { return cutAH(packet, range, bytes) }
        guard let (header, account, inner) = ipsec.ah(packet, range, headers: headers, bytes), depth < Self.deepest
        else { return }
        if let inner {
            follow(inner, packet.inside(inner, packet.material, account: account), bytes, depth: depth + 1)
            return
        }
        var packet = packet
        packet.enclosure = Enclosure(depth: packet.enclosure.depth + 1, account: account)
        switch header.nextHeader {
        case .esp: sealed(packet, header.payload, header: headers, bytes, depth: depth + 1)
        case .ah: authenticated(packet, header.payload, headers: headers, bytes, depth: depth + 1)
        case .udp, .tcp:
            guard
                let datagram = try? FrameDissector.datagram(
                    ofTransport: header.nextHeader, in: header.payload, from: packet.source.address,
                    to: packet.destination.address, hopLimit: packet.hopLimit, isCut: packet.isCut, bytes),
                datagram.mayBeOurs
            else { return }
            follow(datagram, packet, bytes, depth: depth + 1)
        default: break
        }
    }

    private func tcp(_ segment: TCPSegment, _ datagram: Datagram, _ packet: Packet, _ bytes: RawSpan) {
        if packet.isCut { cutTCP(segment, packet, bytes) }
        for record in streams.add(segment, of: datagram, frame: packet.frame, bytes: bytes) {
            var packet = packet
            packet.material = .record
            packet.carrier = .tcp
            packet.source.port = segment.sourcePort
            packet.destination.port = segment.destinationPort
            packet.ip = 0..<0
            packet.isCut = false
            if record.frames.count > 1 {
                packet.joined(from: record.frames) { follow(record.bytes, $0) }
            } else {
                follow(record.bytes, packet)
            }
        }
    }

    /// A record of a TCP stream: IKE behind four zero bytes, or ESP.
    private func follow(_ record: [UInt8], _ packet: Packet) {
        let bytes = record.span.bytes
        if record.starts(with: [0, 0, 0, 0]) {
            ike.message(packet, 4..<record.count, bytes)
        } else {
            sealed(packet, 0..<record.count, header: 0..<0, bytes, depth: 0)
        }
    }

    private func piece(
        _ fragment: IPFragment, _ datagram: Datagram, _ packet: Packet, _ bytes: RawSpan, depth: Int
    ) {
        let outcome = fragments.add(fragment, of: datagram, frame: packet.frame, bytes: bytes)
        for evicted in fragments.takeEvicted() { tell(evicted) }
        switch outcome {
        case .pending: break
        case .refused(let why):
            emitter.emit(.reassembly(.refused(frame: packet.frame.number, why: why)), of: packet, bytes)
        case .complete(let whole, let frames, let overlap):
            if overlap { emitter.emit(.reassembly(.overlap(frames: frames)), of: packet, bytes) }
            let span = whole.span.bytes
            guard depth < Self.deepest,
                let inner = try? FrameDissector.datagram(
                    ofIP: span, in: 0..<whole.count, limit: .ip, recorder: nil)
            else { return }
            var joined = Packet(inner, packet.frame, .packet)
            joined.enclosure = packet.enclosure
            joined.joined(from: frames) { follow(inner, $0, span, depth: depth + 1) }
        }
    }

    // MARK: Time and notices

    private func pass(to time: Instant) {
        if time > now { now = time }
        guard now >= nextExpiry else { return }
        for packet in fragments.expire(now: now) { tell(packet) }
        nextExpiry = Instant(nanoseconds: now.nanoseconds &+ Self.expiryInterval)
    }

    private func tell(_ packet: IncompleteDatagram) {
        let scope = Scope(source: packet.source, destination: packet.destination)
        if let sealed = packet.sealed {
            ipsec.take(piece: sealed, from: packet.source, to: packet.destination)
        }
        let notice = ReassemblyNotice.incomplete(frames: packet.frames, missing: packet.missingDescription)
        emitter.emit(.reassembly(notice), at: now, from: nil, .frame, scope)
    }

    private func tell(_ comment: String, _ frame: Frame, _ scope: Scope, _ bytes: RawSpan) {
        emitter.emit(.comment(comment), at: frame.time, from: frame, .frame, scope, bytes)
    }
}
