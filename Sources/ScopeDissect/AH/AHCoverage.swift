import ScopeWire

/// What the ICV of an AH packet covers: the whole packet (RFC 4302 section 3.3.3).
///
/// Fields that change on the way count as zero. Fields that change predictably count as they are on arrival.
public struct AHCoverage: Hashable, Sendable {
    /// The ICV field, with its padding, in what was written.
    public var icv: Range<Int>
    /// Bytes written, from the first of the target on.
    public var count: Int

    /// Writes what is covered to the start of `target`; nil when it does not fit, or the headers before AH make no sense.
    ///
    /// `headers` are the IP header and all that stands before AH, at `ah`; both count in `bytes`. Lengths and next header
    /// are those that the sender had, also where another AH header stood between.
    public init?(
        _ bytes: RawSpan, headers: Range<Int>, ah: Range<Int>, icv: Range<Int>, isV6: Bool,
        into target: UnsafeMutableRawBufferPointer
    ) {
        self.init(bytes, headers: headers, ah: ah, icv: icv, isV6: isV6, leaving: nil, into: target)
    }

    /// The same as a sender covers it that leaves one field in, against the standard.
    public init?(
        _ bytes: RawSpan, headers: Range<Int>, ah: Range<Int>, icv: Range<Int>, isV6: Bool,
        leaving field: AHMutableField?, into target: UnsafeMutableRawBufferPointer
    ) {
        guard headers.lowerBound >= 0, headers.upperBound <= bytes.byteCount, ah.lowerBound >= 0,
            ah.upperBound <= bytes.byteCount, icv.lowerBound >= ah.lowerBound, icv.upperBound <= ah.upperBound,
            headers.count >= (isV6 ? 40 : 20), headers.count + ah.count <= target.count
        else { return nil }
        bytes.extracting(headers).withUnsafeBytes { target.copyMemory(from: $0) }
        var length = headers.count
        if isV6 {
            guard let kept = Self.finishV6(UnsafeMutableRawBufferPointer(rebasing: target[..<length]), ah.count) else {
                return nil
            }
            length = kept
        } else {
            guard Self.finishV4(UnsafeMutableRawBufferPointer(rebasing: target[..<length]), ah.count) else {
                return nil
            }
        }
        bytes.extracting(ah).withUnsafeBytes { source in
            UnsafeMutableRawBufferPointer(rebasing: target[length...]).copyMemory(from: source)
        }
        if let field {
            guard let places = field.places(isV6: isV6) else { return nil }
            bytes.extracting(headers).withUnsafeBytes { source in
                for index in places { target[index] = source[index] }
            }
        }
        let start = length + icv.lowerBound - ah.lowerBound
        self.icv = start..<(start + icv.count)
        count = length + ah.count
    }

    // MARK: IPv4 (section 3.3.3.1.1 and appendix A1)

    private static func finishV4(_ header: UnsafeMutableRawBufferPointer, _ rest: Int) -> Bool {
        guard Int(header[0] & 15) * 4 == header.count, header.count + rest <= 0xffff else { return false }
        header[1] = 0  // DSCP and ECN
        put(header.count + rest, at: 2, header)
        header[6] = 0  // flags and fragment offset
        header[7] = 0
        header[8] = 0  // TTL
        header[9] = IPProtocol.ah.rawValue
        header[10] = 0  // checksum
        header[11] = 0
        return finishOptions(header)
    }

    /// End, no operation, the security options, CIPSO, router alert, and selective directed broadcast.
    private static let lastingOptions: Set<UInt8> = [0, 1, 130, 133, 134, 148, 149]

    private static func finishOptions(_ header: UnsafeMutableRawBufferPointer) -> Bool {
        var at = 20
        while at < header.count {
            let type = header[at]
            if type == 0 { return true }
            if type == 1 {
                at += 1
                continue
            }
            guard at + 1 < header.count else { return false }
            let length = Int(header[at + 1])
            guard length >= 2, length <= header.count - at else { return false }
            // A source route names the last destination at its end, as long as it is not used up.
            if type == 131 || type == 137, length >= 7, Int(header[at + 2]) <= length {
                for index in 0..<4 { header[16 + index] = header[at + length - 4 + index] }
            }
            if !lastingOptions.contains(type) { for index in at..<(at + length) { header[index] = 0 } }
            at += length
        }
        return true
    }

    // MARK: IPv6 (section 3.3.3.1.2 and appendix A2)

    /// Returns the length of the headers, which is smaller where a fragment header was removed.
    private static func finishV6(_ header: UnsafeMutableRawBufferPointer, _ rest: Int) -> Int? {
        header[0] = 0x60  // traffic class and flow label
        for index in 1..<4 { header[index] = 0 }
        header[7] = 0  // hop limit
        var (naming, at, length) = (6, 40, header.count)
        while at < length {
            let type = IPProtocol(rawValue: header[naming])
            guard at + 8 <= length else { return nil }
            if type == .ipv6Fragment {
                // A sender applies AH before it fragments, also where there is only one fragment.
                header[naming] = header[at]
                for index in at..<(length - 8) { header[index] = header[index + 8] }
                length -= 8
                continue
            }
            let size = type == .ah ? (Int(header[at + 1]) + 2) * 4 : (Int(header[at + 1]) + 1) * 8
            guard size <= length - at else { return nil }
            let part = at..<(at + size)
            switch type {
            case .hopByHop: clearOptions(header, part)
            case .destinationOptions:
                clearOptions(header, part)
                swapHomeAddress(header, part)
            case .routing: arrive(header, part)
            default: break
            }
            naming = at
            at += size
        }
        guard at == length, length - 40 + rest <= 0xffff else { return nil }
        header[naming] = IPProtocol.ah.rawValue
        put(length - 40 + rest, at: 4, header)
        return length
    }

    /// The data of options whose type says that they may change count as zero.
    private static func clearOptions(_ header: UnsafeMutableRawBufferPointer, _ part: Range<Int>) {
        var at = part.lowerBound + 2
        while at < part.upperBound {
            let type = header[at]
            if type == 0 {
                at += 1
                continue
            }
            guard at + 1 < part.upperBound else { return }
            let end = min(at + 2 + Int(header[at + 1]), part.upperBound)
            if type & 0x20 != 0 { for index in (at + 2)..<end { header[index] = 0 } }
            at = end
        }
    }

    /// A mobile node computes the ICV with its home address as the source (RFC 6275 section 11.3.2).
    private static func swapHomeAddress(_ header: UnsafeMutableRawBufferPointer, _ part: Range<Int>) {
        var at = part.lowerBound + 2
        while at + 1 < part.upperBound {
            if header[at] == 0 {
                at += 1
                continue
            }
            let length = Int(header[at + 1])
            if header[at] == 0xc9, length == 16, at + 18 <= part.upperBound {
                for index in 0..<16 { header.swapAt(8 + index, at + 2 + index) }
                return
            }
            at += 2 + length
        }
    }

    /// A routing header of type 0 or 2 as it is at the end of the route (RFC 2460 section 4.4).
    private static func arrive(_ header: UnsafeMutableRawBufferPointer, _ part: Range<Int>) {
        let type = header[part.lowerBound + 2]
        let left = Int(header[part.lowerBound + 3])
        let addresses = (part.count - 8) / 16
        guard type == 0 || type == 2, left > 0, left <= addresses else { return }
        header[part.lowerBound + 3] = 0
        for hop in (addresses - left)..<addresses {
            let address = part.lowerBound + 8 + hop * 16
            for index in 0..<16 { header.swapAt(24 + index, address + index) }
        }
    }

    private static func put(_ value: Int, at index: Int, _ header: UnsafeMutableRawBufferPointer) {
        header[index] = UInt8(truncatingIfNeeded: value >> 8)
        header[index + 1] = UInt8(truncatingIfNeeded: value)
    }
}
