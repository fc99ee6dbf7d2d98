import ScopeDissect
import ScopeModel
import ScopeWire

/// One IP packet whose fragments arrive; it stays for a while when it is whole, to recognise its fragments elsewhere.
struct PartialPacket {
    struct Key: Hashable {
        var source: IPAddress
        var destination: IPAddress
        var identification: UInt32
        var nextProtocol: IPProtocol
    }

    /// Where a fragment was seen: its other sightings have another interface or another hop limit.
    struct Place: Hashable {
        var interface: Int
        var hopLimit: UInt8
    }

    struct Piece {
        /// In the payload of the whole packet.
        var range: Range<Int>
        /// In the bytes that are read.
        var bytes: Range<Int>
        var isLast: Bool
        var isCut: Bool
        var headers: Range<Int>
        var place: Place
        var frame: Int
    }

    /// What one place has seen.
    private struct Sighting {
        var place: Place
        var coverage = Coverage()
        var frames: [Int] = []
    }

    let since: Instant
    private let nextProtocol: IPProtocol
    private(set) var isDone = false
    private var payload: [UInt8] = []
    private var headers: [UInt8] = []
    private var coverage = Coverage()
    private var frames: [Int] = []
    private var sightings: [Sighting] = []
    private var total: Int?
    private var differs = false
    private var isCut = false
    /// RFC 5722: nothing of this packet may be used any more.
    private var isPoisoned = false

    private static let mostPieces = 512
    private static let mostPlaces = 4

    init(_ key: Key, since: Instant) {
        nextProtocol = key.nextProtocol
        self.since = since
    }

    /// For the bound on memory: the payload, and what the rest may take.
    var heldBytes: Int {
        var sum = 256 + payload.count + headers.count + 8 * frames.count + 16 * coverage.ranges.count
        for sighting in sightings { sum += 64 + 8 * sighting.frames.count + 16 * sighting.coverage.ranges.count }
        return sum
    }

    mutating func add(_ piece: Piece, _ bytes: RawSpan) -> IPReassembler.Outcome {
        if isPoisoned { return .pending }
        if let why = contradiction(piece) { return .refused(why: why) }
        isCut = isCut || piece.isCut
        if piece.isLast, !piece.isCut { total = piece.range.upperBound }
        if isV6(piece, bytes), coverage.overlaps(piece.range), !repeats(piece, bytes) {
            isPoisoned = true
            payload = []
            return .refused(why: "IPv6 fragments that overlap (RFC 5722: the packet is dropped)")
        }
        take(piece, bytes)
        guard let total, !headers.isEmpty else { return .pending }
        let whole = see(piece, total: total)
        if !isDone, coverage.isComplete(total) {
            isDone = true
            return finished(total, frames: frames, place: piece.place)
        }
        return whole.map { finished(total, frames: $0, place: piece.place) } ?? .pending
    }

    /// True when `piece` says nothing but what is known.
    func repeats(_ piece: Piece, _ bytes: RawSpan) -> Bool {
        guard !piece.range.isEmpty, coverage.missing(from: piece.range).isEmpty else { return false }
        if let total, piece.isLast, !piece.isCut, piece.range.upperBound != total { return false }
        return equal(piece.range, to: piece, bytes)
    }

    /// What is missing, when the packet may have been one for us.
    func incomplete(_ key: Key) -> IncompleteDatagram? {
        guard !isDone, !isPoisoned, !frames.isEmpty, mayConcernUs(key.nextProtocol) else { return nil }
        var words: [String] = []
        let gaps = coverage.missing(from: 0..<(total ?? coverage.end))
        for gap in gaps.prefix(3) {
            words.append(gap.count == 1 ? "byte \(gap.lowerBound)" : "bytes \(gap.lowerBound)-\(gap.upperBound - 1)")
        }
        if gaps.count > 3 { words.append("\(gaps.count - 3) more pieces") }
        if total == nil { words.append("everything from byte \(coverage.end) on") }
        let digits = String(key.identification, radix: 16)
        let id = String(repeating: "0", count: max(0, (key.source.isV6 ? 8 : 4) - digits.count)) + digits
        return IncompleteDatagram(
            frames: frames, source: key.source, destination: key.destination, sealed: sealed(key.nextProtocol),
            missingDescription: words.joined(separator: " and ") + " of the IP packet (id 0x\(id))"
                + (isCut ? ReassemblyNotice.cutOff : ""))
    }

    /// The SPI and the sequence number of ESP or AH, where its first bytes were there.
    private func sealed(_ type: IPProtocol) -> (spi: UInt32, sequence: UInt32, isAH: Bool)? {
        let start: Int
        switch type {
        case .esp: start = 0
        case .ah: start = 4
        // Behind the UDP header.
        case .udp: start = 8
        default: return nil
        }
        guard coverage.ranges.first.map({ $0.lowerBound == 0 && $0.upperBound >= start + 8 }) ?? false,
            payload.count >= start + 8
        else { return nil }
        func word(_ at: Int) -> UInt32 { payload[at..<(at + 4)].reduce(0) { $0 << 8 | UInt32($1) } }
        // Zero is the marker of IKE.
        guard word(start) != 0 else { return nil }
        return (word(start), word(start + 4), type == .ah)
    }

    // MARK: -

    private func isV6(_ piece: Piece, _ bytes: RawSpan) -> Bool {
        ByteReader(bytes, in: piece.headers, limit: .ip).peek(bytes).map { $0 >> 4 == 6 } ?? false
    }

    private func contradiction(_ piece: Piece) -> String? {
        if frames.count >= Self.mostPieces, !isDone { return "more than \(Self.mostPieces) fragments of one IP packet" }
        if piece.isLast, !piece.isCut {
            if let total, total != piece.range.upperBound { return "IP fragments with two different ends" }
            if piece.range.upperBound < coverage.end { return "an IP fragment beyond the end of its packet" }
        }
        if let total, piece.range.upperBound > total { return "an IP fragment beyond the end of its packet" }
        return nil
    }

    /// Keeps the bytes that are new; what was there first stays.
    private mutating func take(_ piece: Piece, _ bytes: RawSpan) {
        if piece.range.lowerBound == 0, headers.isEmpty, !piece.range.isEmpty {
            headers = bytes.extracting(piece.headers).withUnsafeBytes { Array($0) }
        }
        let new = coverage.missing(from: piece.range)
        if new != [piece.range], !equalWhereKnown(piece, except: new, bytes) { differs = true }
        if piece.range.upperBound > payload.count {
            payload.append(contentsOf: repeatElement(0, count: piece.range.upperBound - payload.count))
        }
        for range in new {
            let from = piece.bytes.lowerBound + (range.lowerBound - piece.range.lowerBound)
            bytes.extracting(from..<(from + range.count)).withUnsafeBytes { source in
                payload.withUnsafeMutableBytes { target in
                    UnsafeMutableRawBufferPointer(rebasing: target[range]).copyMemory(from: source)
                }
            }
        }
        if !new.isEmpty || frames.isEmpty, frames.last != piece.frame { frames.append(piece.frame) }
        coverage.insert(piece.range)
        note(piece)
    }

    private func equalWhereKnown(_ piece: Piece, except new: [Range<Int>], _ bytes: RawSpan) -> Bool {
        var at = piece.range.lowerBound
        for gap in new + [piece.range.upperBound..<piece.range.upperBound] {
            if at < gap.lowerBound, !equal(at..<gap.lowerBound, to: piece, bytes) { return false }
            at = gap.upperBound
        }
        return true
    }

    /// Compares `range` of what is held with the same bytes of `piece`.
    private func equal(_ range: Range<Int>, to piece: Piece, _ bytes: RawSpan) -> Bool {
        guard range.upperBound <= payload.count else { return false }
        let from = piece.bytes.lowerBound + (range.lowerBound - piece.range.lowerBound)
        return bytes.extracting(from..<(from + range.count)).withUnsafeBytes { payload[range].elementsEqual($0) }
    }

    private mutating func note(_ piece: Piece) {
        var index = sightings.firstIndex { $0.place == piece.place }
        if index == nil, sightings.count < Self.mostPlaces {
            sightings.append(Sighting(place: piece.place))
            index = sightings.count - 1
        }
        guard let index else { return }
        sightings[index].coverage.insert(piece.range)
        if sightings[index].frames.count < Self.mostPieces { sightings[index].frames.append(piece.frame) }
    }

    /// The frames of a place that has now seen all of the packet; it starts to wait for the next copy.
    private mutating func see(_ piece: Piece, total: Int) -> [Int]? {
        guard let index = sightings.firstIndex(where: { $0.place == piece.place }),
            sightings[index].coverage.isComplete(total)
        else { return nil }
        defer { sightings[index] = Sighting(place: piece.place) }
        return sightings[index].frames
    }

    private func finished(_ total: Int, frames: [Int], place: Place) -> IPReassembler.Outcome {
        guard
            let packet = RebuiltPacket.join(
                headers, payload[0..<min(total, payload.count)], nextProtocol: nextProtocol, hopLimit: place.hopLimit)
        else { return .refused(why: "IP fragments that would make more than 65535 bytes") }
        return .complete(packet: packet, frames: frames, overlap: differs)
    }

    /// Whether anyone would miss this packet: tunnels and TCP are put together, but their loss is not ours to tell.
    private func mayConcernUs(_ type: IPProtocol) -> Bool {
        switch type {
        case .esp, .ah: return true
        case .udp:
            guard coverage.ranges.first.map({ $0.lowerBound == 0 && $0.count >= 4 }) ?? false else { return true }
            let ports = [UInt16(payload[0]) << 8 | UInt16(payload[1]), UInt16(payload[2]) << 8 | UInt16(payload[3])]
            return ports.contains(500) || ports.contains(4500)
        default: return false
        }
    }
}
