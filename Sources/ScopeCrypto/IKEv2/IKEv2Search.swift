import ScopeDissect
import ScopeModel

/// The keys that an IKEv2 SA may have: which ones, in which order, and what was tried in vain.
///
/// Its keys change with each key exchange behind the first one (RFC 9370), and messages of two sets may be under way at
/// once: the ICV tells which set a message has. Sets that opened something are tried first, the newest before the others.
final class IKEv2Search {
    let ring: KeyRing
    private(set) var facts: IKEv2Facts
    /// The SA that this one takes the place of, until keys were found.
    private(set) var parent: IKEv2Search?
    /// Nil until the responder's choice was seen.
    private(set) var suite: Result<IKEv2Suite, UnsupportedSuite>?
    /// The sets that opened something, by their step.
    private(set) var confirmed: [IKEv2Keys] = []
    /// The set that opened the last message of each side.
    private(set) var lastUsed = ByRole<IKEv2Keys>()
    /// What was tried in vain, in words.
    private(set) var failure: String?
    /// Why rows for this SA cannot be its keys.
    private(set) var rowProblems: [String] = []
    /// The postquantum key that is part of SK_d and SK_p, once something tells which one (RFC 8784).
    var ppk: PPKTable.Choice = .undecided
    /// The PPK that the responder took in IKE_INTERMEDIATE: all keys behind it have it in them (RFC 9867 section 3.1).
    private(set) var intermediatePPK: IntermediatePPK?
    private var fruitless = 0
    /// Why the message at hand is not believed, in words.
    private var doubt: String?
    private var made: [IKEv2Keys]?
    private var shared: [[DHSecret]?] = []
    private var notedKEs = 0
    private var hasLearned = false

    /// After so many messages that nothing opens, only sets that opened something are tried.
    private static let patience = 8
    /// The most sets that are made of what is at hand.
    private static let mostSets = 128

    init(_ facts: IKEv2Facts, ring: KeyRing, parent: IKEv2Search? = nil) {
        self.ring = ring
        self.facts = facts
        self.parent = parent
    }

    var isSettled: Bool { ring.isEmpty || lastUsed[.initiator] != nil && lastUsed[.responder] != nil && !isGrowing }

    /// More key exchanges are to come than went into the newest set.
    private var isGrowing: Bool {
        guard facts.origin == .initial, let newest = confirmed.last else { return false }
        let exchanges = facts.suite?.additionalGroups.count ?? 0
        return newest.step < max(exchanges, intermediatePPK?.step ?? 0) && !newest.isGiven
    }

    /// The responder took a PPK in IKE_INTERMEDIATE.
    ///
    /// - Parameter id: its identity without the type, where it has a text.
    func take(intermediatePPK id: String?) {
        guard intermediatePPK == nil else { return }
        intermediatePPK = IntermediatePPK(id: id, step: max(1, facts.keyExchanges.count))
        made = nil
    }

    /// Takes in new facts; false when there are none.
    func learn(_ facts: IKEv2Facts) -> Bool {
        if hasLearned, facts.isIdentical(to: self.facts) { return false }
        let before = self.facts
        self.facts = facts
        if !hasLearned || before.initiatorSPI != facts.initiatorSPI { ring.note(ikev2: facts) }
        hasLearned = true
        if suite == nil, let agreed = facts.suite {
            do throws(UnsupportedSuite) { suite = .success(try IKEv2Suite(agreed)) } catch { suite = .failure(error) }
        }
        noteKEs()
        for (index, exchange) in facts.keyExchanges.enumerated() where shared.indices.contains(index) {
            if before.keyExchanges.count <= index || before.keyExchanges[index] != exchange { shared[index] = nil }
        }
        made = nil
        return true
    }

    /// The report of unused exponents counts the KE payloads.
    private func noteKEs() {
        var known = 0
        for exchange in facts.keyExchanges {
            for value in [exchange.initiatorValue, exchange.responderValue] where value != nil {
                known += 1
                if known > notedKEs { ring.exponents.note(group: exchange.group.rawValue) }
            }
        }
        notedKEs = max(notedKEs, known)
    }

    // MARK: The search

    /// The payloads inside a message, with the set that opens it.
    ///
    /// - Parameter tried: takes in the names of the sets that do not.
    func find(
        for payload: SealedPayload, from sender: Role, tried: inout [KeyName]
    ) -> (plaintext: [UInt8], keys: IKEv2Keys)? {
        doubt = nil
        for keys in confirmed.reversed() {
            if let plaintext = test(keys, payload, sender, &tried) { return (plaintext, keys) }
        }
        guard fruitless < Self.patience || !confirmed.isEmpty && fruitless < 2 * Self.patience else { return nil }
        for keys in sets() where !confirmed.contains(where: { $0 === keys }) {
            if let plaintext = test(keys, payload, sender, &tried) { return (plaintext, keys) }
        }
        return nil
    }

    private func test(
        _ keys: IKEv2Keys, _ payload: SealedPayload, _ sender: Role, _ tried: inout [KeyName]
    ) -> [UInt8]? {
        ring.awake.add(keys)
        if let plaintext = keys.open(payload, from: sender) {
            if keys.believe(plaintext, of: payload, from: sender) {
                confirm(keys, of: sender)
                return plaintext
            }
            let name = sender == .initiator ? "i" : "r"
            doubt =
                "under \(keys.name) its ICV is right, and what comes out is garbage: sk_a\(name) is right, sk_e\(name) is not"
        }
        if !tried.contains(keys.name) { tried.append(keys.name) }
        for use in keys.uses where !use.fitted {
            use.failures += 1
            use.note(triedOn: place(of: payload.header), of: facts.initiatorSPI)
        }
        return nil
    }

    private func confirm(_ keys: IKEv2Keys, of sender: Role) {
        lastUsed[sender] = keys
        guard !confirmed.contains(where: { $0 === keys }) else { return }
        confirmed.append(keys)
        confirmed.sort { $0.step < $1.step }
        for use in keys.uses { use.fitted = true }
        failure = nil
        parent = nil
        // What follows from this set is worked out anew, from it alone.
        made = nil
        ring.note(opened: facts)
        ring.note(confirmed: keys, of: facts)
    }

    /// Notes that no key opens a message.
    func note(tried: [KeyName], inVainOn payload: SealedPayload, from sender: Role) {
        fruitless += 1
        // What it was tried on first says most: later ones may be of another kind.
        guard confirmed.isEmpty, failure == nil, !tried.isEmpty else { return }
        let shown = tried.prefix(4).map(\.description).joined(separator: ", ")
        let more = tried.count > 4 ? " and \(tried.count - 4) more" : ""
        let why = doubt ?? turned(payload, sender) ?? "its ICV is right under none"
        failure = "\(shown)\(more) tried on \(place(of: payload.header)): \(why)"
    }

    /// Whether a row of a file opens a message with the keys of the other side.
    private func turned(_ payload: SealedPayload, _ sender: Role) -> String? {
        let keys = sets().prefix(4).first { $0.isGiven && $0.open(payload, from: sender.other) != nil }
        return keys.map { "its ICV is right under the keys that \($0.name) gives for the other side" }
    }

    // MARK: What keys follow from

    /// Every set at hand: rows for this very SA first, then what follows from secrets, with most key exchanges first.
    func sets() -> [IKEv2Keys] {
        if let made { return made }
        var result = rows()
        var derived: [[IKEv2Keys]] = [firstSets()]
        if facts.origin == .initial {
            for step in 1..<max(1, facts.keyExchanges.count) {
                let grown = derived[step - 1].first { keys in confirmed.contains { $0 === keys } }
                let bases = grown.map { [$0] } ?? derived[step - 1]
                derived.append(next(bases, step))
            }
            if let intermediatePPK, let last = derived.last { derived.append(next(last, intermediatePPK)) }
        }
        for sets in derived.reversed() { result += sets }
        result = Array(result.prefix(Self.mostSets))
        // What other SAs give may still grow.
        if facts.origin == .initial || !confirmed.isEmpty { made = result }
        return result
    }

    private func rows() -> [IKEv2Keys] {
        rowProblems = []
        var agreed: IKEv2Suite?
        if case .success(let suite) = suite { agreed = suite }
        var result: [IKEv2Keys] = confirmed.filter(\.isGiven)
        for entry in ring.rows(for: facts) where entry.row.opensMessages {
            guard !result.contains(where: { $0.uses.first === entry.use }) else { continue }
            do throws(UnusableRow) {
                result += try IKEv2Keys.given(entry, suite: agreed)
            } catch {
                // A row that names no SA may be of any other one.
                if entry.row.initiatorSPI != nil { rowProblems.append(error.problem) }
            }
        }
        return result
    }

    /// The sets that the exchange which made the SA gives.
    private func firstSets() -> [IKEv2Keys] {
        if let known = confirmed.first(where: { $0.step == 0 && !$0.isGiven }) { return [known] }
        guard let ni = facts.initiatorNonce, let nr = facts.responderNonce else { return [] }
        let source = KeySource(facts: facts, ni: ni, nr: nr)
        switch facts.origin {
        case .initial:
            guard case .success(let suite) = suite else { return [] }
            return secrets(0).compactMap { dh in
                source.set(suite, name: dh.name, step: 0, uses: [dh.use]) { () throws(CryptoError) in
                    try SKEYSEED.initial(suite.prf, ni: ni, nr: nr, shared: dh.secret)
                }
            }
        case .rekeying:
            guard case .success(let suite) = suite, let parent, !facts.mixesPPK else { return [] }
            return parent.bases.flatMap { base in
                secretLists().compactMap { list in
                    let name = list.reduce(base.name) { $0.and($1.name) }
                    return source.set(suite, name: name, step: 0, uses: base.uses + list.map(\.use)) {
                        () throws(CryptoError) in
                        try SKEYSEED.rekeyed(base.prf, oldD: base.d, shared: list.map(\.secret), ni: ni, nr: nr)
                    }
                }
            }
        case .resumption:
            return ring.resumable.compactMap { base in
                source.set(base.suite, name: base.name, step: 0, uses: base.uses) { () throws(CryptoError) in
                    try SKEYSEED.resumed(base.suite.prf, oldD: base.d, ni: ni, nr: nr)
                }
            }
        }
    }

    /// The sets after one more key exchange (RFC 9370 section 2.2.2).
    private func next(_ bases: [IKEv2Keys], _ step: Int) -> [IKEv2Keys] {
        if let known = confirmed.first(where: { $0.step == step && !$0.isGiven }) { return [known] }
        guard let ni = facts.initiatorNonce, let nr = facts.responderNonce, case .success(let suite) = suite else {
            return []
        }
        let source = KeySource(facts: facts, ni: ni, nr: nr)
        return bases.flatMap { base in
            secrets(step).compactMap { dh -> IKEv2Keys? in
                guard let d = base.keys.d else { return nil }
                return source.set(suite, name: base.name.and(dh.name), step: step, uses: base.uses + [dh.use]) {
                    () throws(CryptoError) in
                    try SKEYSEED.additional(suite.prf, d: d, shared: dh.secret, ni: ni, nr: nr)
                }
            }
        }
    }

    /// The sets with the PPK that was taken in IKE_INTERMEDIATE.
    private func next(_ bases: [IKEv2Keys], _ taken: IntermediatePPK) -> [IKEv2Keys] {
        if let known = confirmed.first(where: { $0.step == taken.step && !$0.isGiven }) { return [known] }
        guard let ni = facts.initiatorNonce, let nr = facts.responderNonce, case .success(let suite) = suite else {
            return []
        }
        let source = KeySource(facts: facts, ni: ni, nr: nr)
        let likely = bases.filter { keys in confirmed.contains { $0 === keys } }
        return (likely.isEmpty ? bases : likely).flatMap { base in
            ring.ppk.ordered(for: taken.id).compactMap { entry -> IKEv2Keys? in
                guard let d = base.keys.d else { return nil }
                let uses = base.uses + [entry.use]
                return source.set(suite, name: base.name.and(entry.use.name), step: taken.step, uses: uses) {
                    () throws(CryptoError) in
                    try SKEYSEED.mixed(suite.prf, d: d, ppk: entry.key)
                }
            }
        }
    }

    /// The secret of one key exchange: from an exponent of either side, else as given for it.
    func secrets(_ step: Int) -> [DHSecret] {
        guard facts.keyExchanges.indices.contains(step) else { return [] }
        while shared.count <= step { shared.append(nil) }
        if let known = shared[step] { return known }
        let exchange = facts.keyExchanges[step]
        let found = SharedSecrets.find(
            ring, groups: [exchange.group.rawValue], initiatorKE: exchange.initiatorValue,
            responderKE: exchange.responderValue,
            given: ring.shared(initiatorSPI: facts.initiatorSPI, step: step))
        shared[step] = found
        return found
    }

    /// One secret for each key exchange of a rekeying, in all ways that are at hand.
    private func secretLists() -> [[DHSecret]] {
        var lists: [[DHSecret]] = [[]]
        for step in facts.keyExchanges.indices {
            let secrets = secrets(step)
            lists = lists.flatMap { list in secrets.map { list + [$0] } }
            lists = Array(lists.prefix(Self.mostSets))
        }
        return lists
    }
}
