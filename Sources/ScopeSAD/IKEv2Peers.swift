import ScopeDissect
import ScopeModel
import ScopeWire

/// Who speaks IKEv2 with whom, which is counted where no key opens it: so that no view says that there is no IKE.
package struct IKEv2Peers: Sendable {
    package struct Seen: Sendable {
        package var from: IPAddress
        package var to: IPAddress
        /// Each once.
        package var messages = 0
        /// A key opened one of them: the SAs themselves are told.
        var isFollowed = false
    }

    private var places: [AddressPair: Int] = [:]
    private var pairs: [Seen] = []
    /// Messages of peers that found no room.
    package private(set) var more = 0

    private static let mostPairs = 16_384

    mutating func note(_ message: IKEMessage) {
        let (from, to) = (message.source.address, message.destination.address)
        let ends = AddressPair(from, to)
        let isNew = if case .first = message.repetition { true } else { false }
        if let place = places[ends] {
            if message.opening.isBelieved { pairs[place].isFollowed = true }
            if isNew { pairs[place].messages += 1 }
        } else if pairs.count < Self.mostPairs {
            places[ends] = pairs.count
            pairs.append(
                Seen(from: from, to: to, messages: isNew ? 1 : 0, isFollowed: message.opening.isBelieved))
        } else if isNew {
            more += 1
        }
    }

    /// Messages between two addresses, copies at another point of the way aside; nil where there are none.
    package func messages(between a: IPAddress, _ b: IPAddress) -> Int? {
        places[AddressPair(a, b)].flatMap { pairs[$0].isFollowed ? nil : pairs[$0].messages }
    }

    /// Pairs whose messages are more than copies, in the order of first sight.
    package var told: [Seen] { pairs.filter { $0.messages > 0 && !$0.isFollowed } }
}
