import ScopeModel

/// What many tests ask of messages and packets.
extension IKEMessage {
    public var isOpened: Bool { if case .opened = opening { true } else { false } }
    public var isProved: Bool { if case .opened(_, _, .verified) = opening { true } else { false } }
    /// Opened, and its HASH is not what it has to be.
    public var isRefuted: Bool { if case .opened(_, _, .failed) = opening { true } else { false } }
}

extension ESPPacket {
    public var isVerified: Bool { if case .verified = verdict { true } else { false } }
}

extension Analysis {
    /// How many entries of a table went to make room.
    public func evicted(from table: String) -> Int {
        events.reduce(0) { sum, event in
            if case .evicted(table, let count) = event.kind { sum + count } else { sum }
        }
    }
}
