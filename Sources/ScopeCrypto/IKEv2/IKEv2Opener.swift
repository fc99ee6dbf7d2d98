import ScopeDissect
import ScopeModel

/// Opens the messages of one IKEv2 SA with the keys that `IKEv2Search` finds, and checks who proved himself.
final class IKEv2Opener: IKEv2SAOpener {
    let search: IKEv2Search
    var authentication = IKEv2Authentication()

    init(_ facts: IKEv2Facts, ring: KeyRing, parent: IKEv2Search? = nil) {
        search = IKEv2Search(facts, ring: ring, parent: parent)
        learn(facts)
    }

    func learn(_ facts: IKEv2Facts) { _ = search.learn(facts) }

    var isSettled: Bool { search.isSettled }

    var status: KeyStatus { search.status }

    func open(_ message: ISAKMPMessage, from sender: Role) -> IKEv2Opening {
        guard !search.ring.isEmpty else { return .sealed(why: "no keys were given") }
        guard Int(message.header.length) <= message.bytes.count else {
            return .sealed(
                why: "the capture has only \(message.bytes.count) of its \(message.header.length) bytes")
        }
        guard let payload = SealedPayload(message) else { return .sealed(why: "it has no Encrypted payload") }
        var tried: [KeyName] = []
        let found = search.find(for: payload, from: sender, tried: &tried)
        guard let found else {
            if !tried.isEmpty, let why = search.reason(message.header) { return .sealed(why: why) }
            // No exponentiation and no search for each of very many messages that nothing opens.
            search.note(tried: tried, inVainOn: payload, from: sender)
            return tried.isEmpty ? .sealed(why: search.missing) : .unreadable(tried: tried)
        }
        return .opened(plaintext: found.plaintext, first: payload.first, key: found.keys.name)
    }

    func read(_ message: IKEv2Opened) -> AuthenticationOutcome? { authentication.read(message, search) }

    func childKeys(of negotiation: ChildNegotiation) -> ChildKeys {
        IKEv2ChildDerivation(search: search).derive(negotiation)
    }

    func successor(_ facts: IKEv2Facts) -> any IKEv2SAOpener {
        IKEv2Opener(facts, ring: search.ring, parent: search)
    }
}
