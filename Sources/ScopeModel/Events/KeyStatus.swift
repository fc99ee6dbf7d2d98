/// The name of a key, or of keys that open something together, never their bytes.
public struct KeyName: Hashable, Sendable, CustomStringConvertible {
    /// `psk[0] (198.51.100.20) with dh[1].private`, or `words.txt line 17`.
    public let description: String
    /// The line at which its pre-shared key stands in the list of candidates; nil for a key of a key file.
    public var listLine: Int? { line == 0 ? nil : Int(line) }
    /// 0 for none: names are copied with every event that tells of keys.
    private let line: UInt32

    public init(_ description: String, listLine: Int? = nil) {
        self.description = description
        line = UInt32(clamping: listLine ?? 0)
    }

    /// The name of this key together with another one that it needs: `psk[0] with dh[1].private`.
    public func with(_ other: KeyName) -> KeyName { joined(" with ", other) }

    /// The name of this key and of one that came later: `ike[0] and dh[1].shared`.
    public func and(_ other: KeyName) -> KeyName { joined(" and ", other) }

    private func joined(_ word: String, _ other: KeyName) -> KeyName {
        KeyName(description + word + other.description, listLine: listLine ?? other.listLine)
    }
}

/// The names of the keys that open an IKE SA or what follows from it.
public enum KeyNames: Hashable, Sendable, CustomStringConvertible {
    /// One key opens what both sides write.
    case one(KeyName)
    /// The sides have different keys: two pre-shared keys that are not the same.
    indirect case each(initiator: KeyName, responder: KeyName)

    /// The line at which a pre-shared key of these stands in the list of candidates.
    public var listLine: Int? {
        switch self {
        case .one(let name): name.listLine
        case .each(let initiator, let responder): initiator.listLine ?? responder.listLine
        }
    }

    public var description: String {
        switch self {
        case .one(let name): name.description
        case .each(let initiator, let responder): "\(initiator) (initiator), \(responder) (responder)"
        }
    }
}

/// Whether something can be decrypted.
public enum KeyStatus: Hashable, Sendable {
    /// No keys were given at all.
    case none
    /// Opened by the keys that are named.
    case opened(by: KeyNames)
    /// What is missing, in one plain line. `proved` names the pre-shared keys that a HASH in the clear proved all the
    /// same (Aggressive Mode).
    indirect case missing(String, proved: KeyNames? = nil)
    /// Keys were given and tried, and none fits: which ones, on what, in one plain line.
    case wrong(String)

    /// The keys of which something proved that they are the right ones.
    public var provedKeys: KeyNames? {
        switch self {
        case .opened(let names): names
        case .missing(_, let proved): proved
        case .none, .wrong: nil
        }
    }
}
