import ScopeDissect
import ScopeModel
import ScopeWire

/// Packets of which the capture holds a part, and packets that came in parts.
extension Diagnoser {
    /// The pair of these two, if there is one.
    func known(_ source: IPAddress, _ destination: IPAddress) -> PairCase? {
        let (from, to) = homes.canonical(source, destination)
        return pairs[Ends(from, to)]
    }

    /// A packet that was cut inside its header, or before it.
    func take(_ cut: CutPacket, _ event: Event) {
        guard cut.layer != .ip, cut.layer != .udp || cut.source.port != 0 else { return capture.note(cut, event) }
        note(event, from: cut.source, to: cut.destination, cut.carrier, isESP: cut.layer == .esp) { pair, from in
            if cut.layer == .isakmp || cut.layer == .udp {
                pair.cutMessages += 1
            } else if from == pair.initiator {
                pair.cutPackets.sent += 1
            } else {
                pair.cutPackets.received += 1
            }
        }
    }

    /// An ESP packet that was put together from IP fragments.
    func fragmented(_ event: Event, _ source: IPAddress, _ destination: IPAddress) {
        guard let pair = known(source, destination) else { return }
        pair.fragmented += 1
        if pair.fragmentedFrames.count < 16 { pair.fragmentedFrames.append(event.frame) }
    }
}
