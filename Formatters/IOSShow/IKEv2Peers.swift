import ScopeDissect
import ScopeModel
import ScopeWire

/// Who speaks IKEv2 with whom: no view tells what it negotiated, and none says that there is no IKE.
struct IKEv2Peers {
    private struct Seen {
        var from: IPAddress
        var to: IPAddress
        /// Each once.
        var messages = 0
    }

    private var places: [Ends: Int] = [:]
    private var pairs: [Seen] = []
    /// Messages of peers that found no room.
    private var more = 0

    private static let mostPairs = 16_384
    private static let mostLines = 16

    mutating func note(_ message: IKEMessage) {
        let (from, to) = (message.source.address, message.destination.address)
        let ends = Ends(from, to)
        let isNew = if case .first = message.repetition { true } else { false }
        if let place = places[ends] {
            if isNew { pairs[place].messages += 1 }
        } else if pairs.count < Self.mostPairs {
            places[ends] = pairs.count
            pairs.append(Seen(from: from, to: to, messages: isNew ? 1 : 0))
        } else if isNew {
            more += 1
        }
    }

    /// Messages between two addresses, copies at another point of the way aside; nil where there are none.
    func messages(between a: IPAddress, _ b: IPAddress) -> Int? { places[Ends(a, b)].map { pairs[$0].messages } }

    /// Comments that say so, of the first pairs.
    func write(to sink: ByteSink) {
        let told = pairs.filter { $0.messages > 0 }
        for pair in told.prefix(Self.mostLines) {
            let count = Wording.count(pair.messages, "message")
            sink.text("! IKEv2 between \(pair.from) and \(pair.to), \(count): listed, not judged yet\n")
        }
        let rest = told.dropFirst(Self.mostLines).reduce(more) { $0 + $1.messages }
        if rest > 0 {
            sink.text("! IKEv2 between others, \(Wording.count(rest, "message")): listed, not judged yet\n")
        }
    }
}
