import ScopeModel
import ScopeWire

/// Two captures of one tunnel, side by side, as the rules see them.
struct TapCase {
    typealias Key = TwoTaps.Key

    let sas: [[Key: TwoTaps.Sightings]]
    let messages: [[Int: TwoTaps.Message]]
    private let times: [[Key: [UInt32: Instant]]]
    /// What the findings call the taps.
    let names: (a: String, b: String)
    /// IKE messages that are at both taps.
    let matchedMessages: Int
    /// Whether anything is at both taps.
    let isRelated: Bool
    /// Who is at A's side: of whose packets A misses fewest.
    private let senderAtA: IPAddress?

    init(_ taps: TwoTaps, names: (a: String, b: String)) {
        (sas, messages, times) = (taps.sas, taps.messages, taps.times)
        self.names = names
        let (a, b) = (taps.messages[0], taps.messages[1])
        matchedMessages = a.keys.count { b[$0] != nil }
        isRelated = matchedMessages > 0 || !Set(taps.sas[0].keys).isDisjoint(with: taps.sas[1].keys)
        senderAtA = Self.sender(atA: taps.sas, a)
    }

    /// How the clocks stand to each other; nil where no packet is at both taps.
    var clocks: TapClock? {
        var fit = TapClockFit()
        for (key, a) in messages[0] {
            guard let b = messages[1][key] else { continue }
            fit.add(at: a.time, later: b.time.since(a.time), isToB: isFromA(a.source.address))
        }
        for (key, a) in times[0] {
            guard let b = times[1][key], let seen = sas[0][key] else { continue }
            let isToB = isFromA(seen.source)
            for (sequence, time) in a {
                guard let other = b[sequence] else { continue }
                fit.add(at: time, later: other.since(time), isToB: isToB)
            }
        }
        return fit.clock
    }

    /// The peer whose packets pass A first: the one that loses nothing before it.
    func isFromA(_ address: IPAddress) -> Bool { senderAtA == nil || address == senderAtA }

    private static func sender(
        atA sas: [[Key: TwoTaps.Sightings]], _ messages: [Int: TwoTaps.Message]
    ) -> IPAddress? {
        var lacks: [IPAddress: (a: UInt64, b: UInt64)] = [:]
        for key in Set(sas[0].keys).union(sas[1].keys) {
            let (a, b) = (sas[0][key], sas[1][key])
            guard let source = (a ?? b)?.source else { continue }
            let (runsA, runsB) = (a?.runs ?? NumberRuns(), b?.runs ?? NumberRuns())
            lacks[source, default: (0, 0)].a += runsB.count(without: runsA)
            lacks[source, default: (0, 0)].b += runsA.count(without: runsB)
        }
        // Of those that miss as few, the lowest address: the order of a dictionary is another one each time.
        let best = lacks.filter { $0.value.b > $0.value.a }.max { ($0.value.b, $1.key) < ($1.value.b, $0.key) }
        if let best { return best.key }
        // Nothing was lost: the initiator is at the first tap, as a user names them; NAT tells better where it is seen.
        return messages.values.min { $0.frame < $1.frame }?.initiator
            // Without IKE whoever sent first is.
            ?? sas[0].values.min { $0.firstFrame < $1.firstFrame }?.source
    }
}
