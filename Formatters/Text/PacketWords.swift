import ScopeModel

extension ESPVerdict {
    /// What the decrypted trailer says that the payload is; nil where nothing was decrypted.
    var nextHeader: UInt8? {
        switch self {
        case .verified(_, let next), .unverified(_, let next): next
        case .noKey, .badICV, .malformed, .cut: nil
        }
    }
}

extension NullEncryption.Certainty {
    var word: StaticString { self == .certain ? "certain" : "likely" }
}

extension ESPFault {
    var words: StaticString {
        switch self {
        case .tooShort: "too short"
        case .notBlockAligned: "not a whole number of cipher blocks"
        case .padLength: "pad length beyond the packet"
        case .padBytes: "wrong padding"
        }
    }
}
