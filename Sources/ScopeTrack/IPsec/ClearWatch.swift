import ScopeDissect
import ScopeModel
import ScopeWire

/// Looks for packets in the clear that an SA was negotiated for, and whether they are inside ESP as well.
///
/// Asked for by who wants to know: it looks at each packet that is none of ours. Memory is bounded: of very many SAs the
/// first are watched, and of packets the latest are compared.
final class ClearWatch {
    private struct Watched {
        var selectors: DirectedTraffic
        var traffic: ClearTraffic
    }

    /// A packet in the clear that has not been met inside ESP.
    private struct Lonely {
        var digest = 0
        var frame = 0
        var watched = 0
    }

    private var watched: [Watched] = []
    private var inner: [Int] = []
    private var lonely: [Lonely] = []
    /// Packets with the ends of one that no SA is for are passed over: by a digest of the ends.
    private var strangers: [Int] = []

    private static let most = 256
    private static let slots = 4096
    private static let mostFrames = 16

    var isIdle: Bool { watched.isEmpty }

    /// Watches for what `selectors` are for; those that are watched already stay with the newer SA.
    func add(_ selectors: DirectedTraffic, sender: IPAddress, receiver: IPAddress, spi: UInt32, ikeSA: Int) {
        guard !selectors.isForAll else { return }
        if inner.isEmpty {
            inner = Array(repeating: 0, count: Self.slots)
            lonely = Array(repeating: Lonely(), count: Self.slots)
            strangers = Array(repeating: 0, count: Self.slots)
        }
        let known = watched.firstIndex {
            $0.traffic.sender == sender && $0.traffic.receiver == receiver && $0.selectors.isSame(as: selectors)
        }
        if let known {
            // What was in the clear before it is not what it was made for.
            guard watched[known].traffic.packets == 0 else { return }
            watched[known].traffic.spi = spi
            watched[known].traffic.ikeSA = ikeSA
        } else if watched.count < Self.most {
            watched.append(
                Watched(
                    selectors: selectors,
                    traffic: ClearTraffic(sender: sender, receiver: receiver, spi: spi, ikeSA: ikeSA)))
            for index in strangers.indices { strangers[index] = 0 }
        }
    }

    /// Takes in a packet on the wire that is neither IKE, ESP nor AH.
    func see(_ datagram: Datagram, _ frame: Frame, _ bytes: RawSpan) {
        guard !watched.isEmpty, Self.concerns(datagram) else { return }
        let ends = Self.ends(datagram)
        let place = ends & (Self.slots - 1)
        guard strangers[place] != ends else { return }
        let known = datagram
        guard let index = watched.firstIndex(where: { $0.selectors.admits(known.packet, known, bytes) }) else {
            if !watched.contains(where: { $0.selectors.holds(known.source, known.destination) }) {
                strangers[place] = ends
            }
            return
        }
        guard known.isPlain, let digest = Self.digest(known.packet, bytes) else { return }
        let slot = digest & (Self.slots - 1)
        if inner[slot] == digest {
            met(index, frame.number)
            return
        }
        lonely[slot] = Lonely(digest: digest, frame: frame.number, watched: index)
        watched[index].traffic.packets += 1
        watched[index].traffic.lastTime = frame.time
        if watched[index].traffic.firstTime == nil {
            watched[index].traffic.firstTime = frame.time
            (watched[index].traffic.source, watched[index].traffic.destination) = (known.source, known.destination)
        }
        if watched[index].traffic.frames.count < Self.mostFrames {
            watched[index].traffic.frames.append(frame.number)
        }
    }

    /// Takes in an IP packet that came out of ESP.
    func decrypted(_ whole: Range<Int>, _ plaintext: RawSpan) {
        guard !watched.isEmpty, let digest = Self.digest(whole, plaintext) else { return }
        let slot = digest & (Self.slots - 1)
        inner[slot] = digest
        guard lonely[slot].digest == digest else { return }
        let found = lonely[slot]
        lonely[slot] = Lonely()
        watched[found.watched].traffic.packets -= 1
        watched[found.watched].traffic.frames.removeAll { $0 == found.frame }
        met(found.watched, found.frame)
    }

    private func met(_ index: Int, _ frame: Int) {
        watched[index].traffic.copies += 1
        if watched[index].traffic.copyFrames.count < Self.mostFrames {
            watched[index].traffic.copyFrames.append(frame)
        }
    }

    /// What was found, for each SA with anything.
    var found: [ClearTraffic] { watched.map(\.traffic).filter { $0.packets > 0 || $0.copies > 0 } }

    // MARK: -

    /// Fragments may be those of ESP; ICMP errors, neighbours and routers (RFC 4861) are let past by every gateway.
    private static func concerns(_ datagram: Datagram) -> Bool {
        switch datagram.content {
        case .udp(let source, let destination, _): ![source, destination].contains { [500, 848, 4500].contains($0) }
        case .tcp(let segment): segment.sourcePort != 4500 && segment.destinationPort != 4500
        case .other(let number, _): number != .icmpv6 && !datagram.destination.isMulticast
        case .esp, .ah, .icmpError, .fragment: false
        }
    }

    private static func ends(_ datagram: Datagram) -> Int {
        var hasher = Hasher()
        hasher.combine(datagram.source)
        hasher.combine(datagram.destination)
        return hasher.finalize() | 1
    }

    /// What of a packet no router changes, and no network card puts in later: without TTL and checksums.
    private static func digest(_ whole: Range<Int>, _ bytes: RawSpan) -> Int? {
        bytes.extracting(whole.clamped(to: 0..<bytes.byteCount)).withUnsafeBytes { raw -> Int? in
            guard let first = raw.first else { return nil }
            let isV6 = first >> 4 == 6
            let header = isV6 ? 40 : Int(first & 15) * 4
            guard header >= 20, raw.count >= header else { return nil }
            var hasher = Hasher()
            if isV6 {
                hasher.combine(bytes: .init(rebasing: raw[8..<40]))
            } else {
                hasher.combine(bytes: .init(rebasing: raw[4..<6]))
                hasher.combine(bytes: .init(rebasing: raw[12..<20]))
            }
            let next = raw[isV6 ? 6 : 9]
            hasher.combine(next)
            hasher.combine(raw.count)
            let checksum = next == IPProtocol.tcp.rawValue ? 16 : next == IPProtocol.udp.rawValue ? 6 : raw.count
            let body = UnsafeRawBufferPointer(rebasing: raw[header...])
            hasher.combine(bytes: .init(rebasing: body.prefix(checksum)))
            if body.count > checksum + 2 { hasher.combine(bytes: .init(rebasing: body[(checksum + 2)...].prefix(128))) }
            return hasher.finalize() | 1
        }
    }
}

extension Datagram {
    /// Not inside a tunnel of another kind.
    fileprivate var isPlain: Bool {
        let layers = layers.layers
        return !layers.contains { [.gre, .gtpU, .vxlan].contains($0) }
            && layers.filter { $0 == .ipv4 || $0 == .ipv6 }.count <= 1
    }
}
