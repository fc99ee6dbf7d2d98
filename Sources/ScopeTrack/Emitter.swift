import ScopeModel
import ScopeWire

/// Numbers events and hands them on: every one of them passes here.
final class Emitter {
    private let receive: Tracker.Receiver
    private var ordinal = 0

    init(_ receive: @escaping Tracker.Receiver) { self.receive = receive }

    /// An event that a packet made happen; `bytes` are the packet's material.
    @inline(__always)
    func emit(
        _ kind: Event.Kind, of packet: Packet, ikeSA: Int? = nil, _ bytes: RawSpan, plaintext: RawSpan = RawSpan()
    ) {
        let scope = Scope(source: packet.source.address, destination: packet.destination.address, ikeSA: ikeSA)
        emit(kind, at: packet.frame.time, from: packet.frame, packet.material, scope, bytes, plaintext: plaintext)
    }

    /// Any other event.
    func emit(
        _ kind: Event.Kind, at time: Instant, from origin: Frame? = nil, _ material: Event.Material = .frame,
        _ scope: Scope = Scope(), _ bytes: RawSpan = RawSpan(), plaintext: RawSpan = RawSpan()
    ) {
        ordinal += 1
        let event = Event(
            ordinal: ordinal, time: time, origin: origin, material: material, scope: scope, kind: kind)
        receive(event, bytes, plaintext)
    }
}
