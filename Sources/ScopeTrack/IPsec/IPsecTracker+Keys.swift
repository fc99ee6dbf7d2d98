import ScopeDissect
import ScopeModel
import ScopeWire

/// Which key opens the packets of an account: several may be at hand for one SPI.
extension IPsecTracker {
    /// Several keys may be at hand for one SPI; so many packets may decide which one it is.
    private static let mostLooks: UInt8 = 16

    /// Finds what opens the packets of an account: the first that proves itself on this one.
    func look(
        at place: Int, _ packet: Packet, spi: UInt32, _ range: Range<Int>, _ bytes: RawSpan,
        into plaintext: PlaintextBuffer
    ) {
        let candidates = children.candidates(spi: spi, isAH: false, packet)
        let openers =
            candidates.compactMap(\.opener)
            + unsealer.espOpeners(spi: spi, source: packet.source.address, destination: packet.destination.address)
        let proved =
            openers.count > 1 && !packet.isCut
            ? openers.first { $0.open(bytes, esp: range, into: plaintext).isProved } : nil
        let chosen = proved ?? openers.first
        accounts.slots[place].opener = chosen?.working
        accounts.slots[place].lane = nil
        let child = candidates.first { $0.opener != nil && $0.opener === chosen } ?? candidates.first
        noteLook(at: place, packet, child, key: chosen?.keyName, isDecided: openers.count < 2 || proved != nil)
    }

    /// Whether a packet that fails has addresses of its own: then it may belong to another SA with the same SPI.
    func isApart(_ place: Int, _ packet: Packet) -> Bool {
        let account = accounts.slots[place].account
        guard account.source != packet.source.address || account.destination != packet.destination.address,
            accounts.slots[place].splits < Self.mostLooks
        else { return false }
        accounts.slots[place].splits += 1
        return true
    }

    /// Tries the keys for a packet's own addresses; gives it an account of its own when one is proved.
    func lookApart(
        _ place: Int, _ packet: Packet, spi: UInt32, _ range: Range<Int>, _ bytes: RawSpan,
        into plaintext: PlaintextBuffer, evicted: inout Int
    ) -> (place: Int, opening: ESPOpening)? {
        guard isApart(place, packet) else { return nil }
        let openers = unsealer.espOpeners(
            spi: spi, source: packet.source.address, destination: packet.destination.address)
        for opener in openers {
            let opening = opener.open(bytes, esp: range, into: plaintext)
            guard opening.isProved else { continue }
            let own = accounts.open(packet, spi: spi, isAH: false, evicted: &evicted)
            accounts.slots[own].opener = opener
            noteLook(at: own, packet, nil, key: opener.keyName, isDecided: true)
            return (own, opening)
        }
        return nil
    }

    /// Notes what a look at the keys gave: the child that they belong to, and the name of the key that opens it.
    func noteLook(
        at place: Int, _ packet: Packet, _ child: ChildKeyTable.Child?, key keyName: KeyName?, isDecided: Bool
    ) {
        // What the capture cut, or what was damaged on its way, proves nothing: the next packet may.
        if accounts.slots[place].looks < .max { accounts.slots[place].looks += 1 }
        accounts.slots[place].hasLooked =
            !packet.isCut && (isDecided || accounts.slots[place].looks >= Self.mostLooks)
        accounts.slots[place].selectors = child?.selectors
        accounts.slots[place].account.ikeSA = child?.ikeSA ?? accounts.slots[place].account.ikeSA
        accounts.slots[place].account.keys =
            if let keyName {
                .opened(by: .one(keyName))
            } else if unsealer.isEmpty {
                .none
            } else if let child, case .missing = child.status {
                child.status
            } else {
                .missing("no key is given for this SPI, and no negotiation that could be read made it")
            }
    }
}
