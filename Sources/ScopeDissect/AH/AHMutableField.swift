/// A field of the IP header that counts as zero in the ICV of AH, since routers change it (RFC 4302 section 3.3.3.1.1).
public enum AHMutableField: UInt8, CaseIterable, Hashable, Sendable {
    case flags, typeOfService, timeToLive

    /// In the words of RFC 791.
    public var name: String {
        switch self {
        case .flags: "flags and fragment offset"
        case .typeOfService: "type of service (DSCP and ECN)"
        case .timeToLive: "time to live"
        }
    }
}

extension AHMutableField {
    /// Its bytes in the header; nil where that has no such field.
    func places(isV6: Bool) -> Range<Int>? {
        switch self {
        case .flags: isV6 ? nil : 6..<8
        case .typeOfService: isV6 ? 0..<4 : 1..<2
        case .timeToLive: isV6 ? 7..<8 : 8..<9
        }
    }
}
