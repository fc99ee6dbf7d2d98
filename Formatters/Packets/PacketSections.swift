import ScopeDissect
import ScopeModel
import ScopeWire

/// Takes a packet apart once more, this time with every field noted.
struct PacketSections {
    private let event: Event
    private let bytes: [UInt8]
    private var sections: [PacketSection] = []

    /// What the event's packet is made of, outermost first; what was decrypted comes last.
    static func all(of event: Event, _ frame: RawSpan, _ plaintext: RawSpan) -> [PacketSection] {
        var parts = PacketSections(event, frame)
        switch event.kind {
        case .ikeMessage(let message), .ikeFragment(let message): parts.add(message)
        case .esp(let packet):
            parts.sections.append(parts.wire(parts.esp(packet.packet)))
            parts.add(packet.packet, plaintext)
        case .malformed(let packet): parts.sections.append(parts.wire(parts.malformed(packet)))
        default: parts.sections.append(parts.wire(parts.layers().nodes))
        }
        return parts.sections
    }

    private init(_ event: Event, _ frame: RawSpan) {
        self.event = event
        bytes = frame.copied
    }

    private func wire(_ nodes: [FieldNode], hidden: [Range<Int>] = []) -> PacketSection {
        let title =
            switch event.material {
            case .frame: "frame \(event.frame)\(cut)"
            case .packet: "IP packet put together from fragments, the last in frame \(event.frame)"
            case .inner: "IP packet inside ESP of frame \(event.frame)"
            case .record: "record of a TCP stream, its end in frame \(event.frame)"
            }
        return PacketSection(title, bytes, nodes, hidden: hidden)
    }

    private var cut: String {
        guard let origin = event.origin, origin.capturedLength < origin.originalLength else { return "" }
        return " (the capture cut it from \(origin.originalLength))"
    }

    // MARK: Layers

    /// From the link layer to the innermost IP packet, and into what AH protects.
    private func layers() -> (nodes: [FieldNode], datagram: Datagram?) {
        let recorder = FieldRecorder()
        let span = bytes.span.bytes
        var datagram: Datagram?
        switch event.material {
        case .frame:
            if let origin = event.origin {
                datagram = (try? FrameDissector.datagram(of: origin, span, recorder: recorder)) ?? nil
            }
        case .packet, .inner: datagram = ip(0..<bytes.count, recorder)
        case .record: break
        }
        // As deep as the tracker goes.
        for _ in 0..<4 {
            guard case .ah(let range) = datagram?.content, let header = Self.header(range, span),
                header.nextHeader == .ipv4 || header.nextHeader == .ipv6, let inner = ip(header.payload, recorder)
            else { break }
            datagram = inner
        }
        return (recorder.nodes, datagram)
    }

    private func ip(_ range: Range<Int>, _ recorder: FieldRecorder) -> Datagram? {
        (try? FrameDissector.datagram(ofIP: bytes.span.bytes, in: range, limit: .ip, recorder: recorder)) ?? nil
    }

    private static func header(_ range: Range<Int>, _ bytes: RawSpan) -> AHHeader? {
        var reader = ByteReader(bytes, in: range, limit: .ip)
        return try? AHHeader(reading: &reader, bytes)
    }

    // MARK: IKE

    private mutating func add(_ message: IKEMessage) {
        let (layers, datagram) = layers()
        guard message.message.hasBytes else { return sections.append(wire(layers)) }
        let isDoubtful = message.message.mayHoldSecrets(message.readable)
        let place = Self.place(of: message, in: bytes, datagram)
        if let place, message.ikeFragments == 0 {
            let tree = Self.tree(of: message.message).map { $0.moved(by: place) }
            let nodes = marker(before: place, datagram) + Self.withCertificates(tree, message, movedBy: place)
            sections.append(
                wire(layers + nodes, hidden: nodes.flatMap { $0.secrets(in: bytes, isDoubtful: isDoubtful) }))
        } else {
            // The frame holds no more than the last fragment.
            let nodes = message.ikeFragments > 0 ? datagram.flatMap { fragment(in: $0) } ?? [] : []
            sections.append(wire(layers + nodes))
            let whole = Self.withCertificates(Self.tree(of: message.message), message, movedBy: 0)
            let origin =
                message.ikeFragments > 0
                ? "put together from \(message.ikeFragments) IKE fragments"
                : message.message.isCut ? "with the length that UDP says" : "alone"
            sections.append(
                PacketSection(
                    "IKE message \(origin)", message.message.bytes, whole,
                    hidden: whole.flatMap { $0.secrets(in: message.message.bytes, isDoubtful: isDoubtful) }))
        }
        guard case .opened(let chain, let key, _) = message.opening else { return }
        let recorder = FieldRecorder()
        _ = message.message.chain(ofPlaintext: chain.bytes, first: chain.firstType, recorder: recorder)
        var nodes = recorder.nodes
        if let report = message.certificates {
            nodes = CertificateFields(chain: chain, report: report).added(to: nodes, movedBy: 0)
        }
        sections.append(
            PacketSection(
                "decrypted payloads (\(key))", chain.bytes, nodes,
                hidden: recorder.nodes.flatMap { $0.secrets(in: chain.bytes, isDoubtful: isDoubtful) }))
    }

    /// The tree of a message with what its CERT payloads hold, where they are in the clear.
    private static func withCertificates(
        _ nodes: [FieldNode], _ message: IKEMessage, movedBy distance: Int
    ) -> [FieldNode] {
        guard let report = message.certificates, case .clear = message.opening else { return nodes }
        return CertificateFields(chain: message.message.chain, report: report).added(to: nodes, movedBy: distance)
    }

    /// The four zero bytes before an IKE message that shares its port with ESP (RFC 3948 section 2.2).
    private func marker(before message: Int, _ datagram: Datagram?) -> [FieldNode] {
        var start = 0
        if case .udp(_, _, let payload) = datagram?.content { start = payload.lowerBound }
        return start < message ? [FieldNode("non-ESP marker", start..<message, .bytes)] : []
    }

    private func fragment(in datagram: Datagram) -> [FieldNode]? {
        guard case .udp(_, _, let payload) = datagram.content else { return nil }
        let start = bytes[payload].starts(with: [0, 0, 0, 0]) ? payload.lowerBound + 4 : payload.lowerBound
        return marker(before: start, datagram)
            + Self.tree(of: Array(bytes[start..<payload.upperBound])).map { $0.moved(by: start) }
    }

    /// Where the message stands in the bytes: behind the UDP header, with or without a marker; nil where it does not.
    private static func place(of message: IKEMessage, in bytes: [UInt8], _ datagram: Datagram?) -> Int? {
        var start = 0
        if case .udp(_, _, let payload) = datagram?.content { start = payload.lowerBound }
        return [0, 4].map { start + $0 }.first {
            $0 <= bytes.count && bytes[$0...].starts(with: message.message.bytes)
        }
    }

    private static func tree(of message: ISAKMPMessage) -> [FieldNode] {
        let recorder = FieldRecorder()
        _ = try? ISAKMPMessage(
            bytes: message.bytes, sealing: message.sealing, isCut: message.isCut, recorder: recorder)
        return recorder.nodes
    }

    private static func tree(of message: [UInt8]) -> [FieldNode] {
        let recorder = FieldRecorder()
        _ = try? ISAKMPMessage(bytes: message, recorder: recorder)
        return recorder.nodes
    }

    // MARK: ESP

    private func esp(_ packet: ESPPacket) -> [FieldNode] {
        let nodes = layers().nodes
        return nodes.last?.name == "ESP" ? nodes : nodes + header(of: packet.bytes)
    }

    private mutating func add(_ packet: ESPPacket, _ plaintext: RawSpan) {
        guard let whole = packet.innerPacket else { return }
        let inner = plaintext.copy(whole)
        let recorder = FieldRecorder()
        _ = try? FrameDissector.datagram(
            ofIP: inner.span.bytes, in: 0..<inner.count, limit: .plaintext, recorder: recorder)
        var title = packet.isInflated ? "decrypted and decompressed packet" : "decrypted packet"
        if packet.isUnderOuterHeader { title += ", under the IP header of the outer one" }
        if case .unverified = packet.verdict { title += ", which is not verified" }
        sections.append(PacketSection(title, inner, recorder.nodes))
    }

    // MARK: Malformed packets

    private func malformed(_ packet: MalformedPacket) -> [FieldNode] {
        let (nodes, datagram) = layers()
        guard case .udp(_, _, let payload) = datagram?.content else { return nodes }
        let hasMarker = bytes[payload].starts(with: [0, 0, 0, 0])
        let start = payload.lowerBound + (hasMarker ? 4 : 0)
        switch packet.layer {
        case .isakmp:
            return nodes + Self.tree(of: Array(bytes[start..<payload.upperBound])).map { $0.moved(by: start) }
        case .esp:
            return nodes + header(of: payload)
        case .link, .ip, .udp, .ah: return nodes
        }
    }

    /// The ESP header at `esp`, with what is wrong with it.
    private func header(of esp: Range<Int>) -> [FieldNode] {
        let recorder = FieldRecorder()
        let span = bytes.span.bytes
        var reader = ByteReader(span, in: esp, limit: .ip, recorder: recorder)
        recorder.open("ESP", from: esp.lowerBound)
        do throws(DecodeError) {
            _ = try ESPHeader(reading: &reader, span)
            recorder.close(at: reader.at)
        } catch {
            recorder.close(at: reader.at, error: error)
        }
        return recorder.nodes
    }
}
