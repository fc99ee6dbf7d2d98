import ScopeDissect
import ScopeModel
import ScopeWire

/// Packets of UDP and TCP that the capture cut before their ports, or before their addresses: nobody knows whether they are IKE.
struct CutUDP {
    private(set) var count = 0
    /// The first of them.
    private(set) var frames: [Int] = []
    private var ends: Set<Ends> = []

    /// Of some not even the addresses are known.
    private var hasStrangers = false

    private static let mostFrames = 16
    private static let mostEnds = 4096

    mutating func note(_ cut: CutPacket, _ frame: Int) {
        count += 1
        if frames.count < Self.mostFrames { frames.append(frame) }
        if cut.layer == .ip { hasStrangers = true }
        if ends.count < Self.mostEnds { ends.insert(Ends(cut.source.address, cut.destination.address)) }
    }

    /// Whether some may be of these two.
    func mayBe(of pair: Ends) -> Bool { hasStrangers || ends.contains(pair) || ends.count >= Self.mostEnds }
}
