import ScopeModel
import ScopeWire

/// The pre-shared keys in the order of the files; behind them those of a list of candidates that fitted.
struct PSKTable {
    struct Entry {
        let peers: [KeyFile.PSK.Peer]
        /// The end that the device itself has, where its configuration says it.
        let local: IPAddress?
        let key: Secret
        let use: KeyUse

        /// The one address that it is for; nil where more must be looked at.
        fileprivate var onlyAddress: IPAddress? {
            guard local == nil, peers.count == 1, case .prefix(let prefix) = peers[0],
                prefix.length == prefix.address.bitCount
            else { return nil }
            return prefix.address
        }
    }

    private var entries: [Entry]
    private var byAddress: [IPAddress: [Int]] = [:]
    /// Places of the entries that are not for one address alone.
    private(set) var others: [Int] = []

    init(_ entries: [Entry]) {
        self.entries = entries
        for (index, entry) in entries.enumerated() {
            if let address = entry.onlyAddress {
                byAddress[address, default: []].append(index)
            } else {
                others.append(index)
            }
        }
    }

    var isEmpty: Bool { entries.isEmpty }
    var count: Int { entries.count }

    subscript(index: Int) -> Entry { entries[index] }

    /// Whether one of these keys is among `uses`.
    func contains(anyOf uses: [KeyUse]) -> Bool { entries.contains { entry in uses.contains { $0 === entry.use } } }

    /// Places of the keys for `address` alone.
    func indices(for address: IPAddress) -> [Int] { byAddress[address] ?? [] }

    /// The place of a key of the list of candidates, which is taken in when it is new.
    mutating func add(_ key: Secret, from name: KeyName) -> Int {
        if let known = entries.firstIndex(where: { $0.use.name == name }) { return known }
        entries.append(Entry(peers: [.any], local: nil, key: key, use: KeyUse(name: name)))
        return entries.count - 1
    }

    /// Places of the keys whose peer is an end of the SA, most specific first.
    ///
    /// - Parameter ends: the responder and the initiator.
    /// - Parameter identities: those that came in the clear, as text.
    func matching(_ ends: [IPAddress], identities: [String]) -> [Int] {
        var ranked: [(rank: Int, index: Int)] = []
        for address in Set(ends) {
            for index in indices(for: address) { ranked.append((address.bitCount + 1, index)) }
        }
        for index in others {
            let ranks = entries[index].peers.compactMap { peer -> Int? in
                switch peer {
                case .any: 0
                case .prefix(let prefix): ends.contains(where: prefix.contains) ? prefix.length + 1 : nil
                case .identity(let identity): identities.contains(identity) ? 1000 : nil
                }
            }
            guard let best = ranks.max() else { continue }
            // A key for another end of the device itself comes behind the others.
            let isElsewhere = entries[index].local.map { !ends.contains($0) } ?? false
            ranked.append((isElsewhere ? -1 : best, index))
        }
        return ranked.sorted { ($1.rank, $0.index) < ($0.rank, $1.index) }.map(\.index)
    }
}

extension PSKTable {
    /// The identity in the body of an ID payload, which both versions of IKE write alike, as key files write it; nil for one
    /// that they have no text for.
    static func identity(_ body: [UInt8]?) -> String? {
        guard let body, body.count > 4 else { return nil }
        let data = body.dropFirst(4)
        switch body[0] {
        case 1, 5: return IPAddress(bytes: data)?.description
        case 2, 3, 11: return String(decoding: data, as: UTF8.self)
        default: return nil
        }
    }
}

extension KeyFile.PSK.Peer {
    /// As the key file says it.
    var name: String {
        switch self {
        case .any: "*"
        case .prefix(let prefix): prefix.length == prefix.address.bitCount ? "\(prefix.address)" : "\(prefix)"
        case .identity(let identity): String(plain: identity, substitute: "?")
        }
    }
}
