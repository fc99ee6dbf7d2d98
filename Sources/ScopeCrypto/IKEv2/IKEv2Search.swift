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
    private var fruitless = 0
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
        return newest.step < (facts.suite?.additionalGroups.count ?? 0) && !newest.isGiven
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
            confirm(keys, of: sender)
            return plaintext
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
    func note(tried: [KeyName], inVainOn header: ISAKMPHeader) {
        fruitless += 1
        // What it was tried on first says most: later ones may be of another kind.
        guard confirmed.isEmpty, failure == nil, !tried.isEmpty else { return }
        let shown = tried.prefix(4).map(\.description).joined(separator: ", ")
        let more = tried.count > 4 ? " and \(tried.count - 4) more" : ""
        failure = "\(shown)\(more) tried on \(place(of: header)): its ICV is right under none"
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
            guard case .success(let suite) = suite, let parent else { return [] }
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

/// What all sets of one SA have in common.
private struct KeySource {
    let facts: SKKeys.Public

    init(facts: IKEv2Facts, ni: [UInt8], nr: [UInt8]) {
        self.facts = SKKeys.Public(
            ni: ni, nr: nr, initiatorSPI: facts.initiatorSPI, responderSPI: facts.responderSPI)
    }

    func set(
        _ suite: IKEv2Suite, name: KeyName, step: Int, uses: [KeyUse], _ seed: () throws(CryptoError) -> Secret
    ) -> IKEv2Keys? {
        guard let seed = try? seed(), let keys = try? SKKeys.derived(from: seed, suite, facts) else { return nil }
        return IKEv2Keys(
            name: name, step: step, prf: suite.prf, protection: suite.protection, keys: keys, uses: uses)
    }
}
