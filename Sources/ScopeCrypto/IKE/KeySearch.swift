import ScopeDissect
import ScopeModel
import ScopeWire

/// An encrypted IKE message that keys are looked for.
///
/// It is large and goes through many hands: so it is handed on as one reference.
final class SealedMessage {
    let message: ISAKMPMessage
    let sender: Role
    let step: IKEv1Step
    /// The IVs that it may have, likeliest first.
    let ivs: IVs

    init(message: ISAKMPMessage, sender: Role, step: IKEv1Step, ivs: IVs) {
        self.message = message
        self.sender = sender
        self.step = step
        self.ivs = ivs
    }
}

/// The keys that an IKE SA may have: which ones, in which order, and what was tried in vain.
///
/// The opener says whether keys fit a message. Keys that fitted once are tried first.
final class KeySearch {
    let ring: KeyRing
    private(set) var facts: IKEv1Facts
    /// Nil until the responder's choice was seen.
    private(set) var suite: Result<Phase1Suite, UnsupportedSuite>?
    /// The IV of phase 1, which a log gives with the keys of an SA in place of its SPIs.
    var initialIV: CipherBlock?
    /// The keys that opened what each side sent.
    ///
    /// They differ when the two have different PSKs.
    private(set) var confirmed = ByRole<IKEKeys>()
    /// Places of the PSKs that a HASH in the clear proved (Aggressive Mode).
    private(set) var provenPSK = ByRole<Int>()
    /// What was tried in vain, in words.
    private(set) var failure: String?
    /// Messages that no key opened.
    private var fruitless = 0
    /// The sides whose PSK was looked for in the list of candidates.
    private var searched: Set<Role> = []
    private var shared: [DHSecret]?
    private var begunShared: SharedAhead.Exponentiation?
    private var given: [IKEKeys]?
    /// Why rows for this SA cannot be its keys.
    private(set) var rowProblems: [String] = []
    private var notedKEs = 0
    private var hasLearned = false

    /// After so many messages that nothing opens, only keys that fitted once are tried.
    private static let patience = 8

    init(_ facts: IKEv1Facts, ring: KeyRing) {
        self.ring = ring
        self.facts = facts
    }

    var isSettled: Bool { ring.isEmpty || confirmed[.initiator] != nil && confirmed[.responder] != nil }

    /// Takes in new facts; false when there are none.
    func learn(_ facts: IKEv1Facts) -> Bool {
        if hasLearned, facts.isIdentical(to: self.facts) { return false }
        let isNoted =
            hasLearned && facts.initiatorSPI == self.facts.initiatorSPI
            && facts.initiatorAddress == self.facts.initiatorAddress
            && facts.responderAddress == self.facts.responderAddress
        // An exponentiation for each message would be most of the work.
        let hasSameSecrets =
            suite != nil && facts.initiatorSPI == self.facts.initiatorSPI && facts.initiatorKE == self.facts.initiatorKE
            && facts.responderKE == self.facts.responderKE
        self.facts = facts
        if !isNoted { ring.note(sa: facts) }
        hasLearned = true
        if let agreed = facts.suite, suite == nil {
            suite = Result { () throws(UnsupportedSuite) in try Phase1Suite(agreed) }
        }
        let known = (facts.initiatorKE == nil ? 0 : 1) + (facts.responderKE == nil ? 0 : 1)
        if known > notedKEs, let group = groupNumbers.first {
            for _ in notedKEs..<known { ring.exponents.note(group: group) }
            notedKEs = known
        }
        if known == 2, begunShared == nil, shared == nil, confirmed.isEmpty, ring.sharedAhead != nil {
            begunShared = SharedSecrets.begin(
                ring, groups: groupNumbers, initiatorKE: facts.initiatorKE, responderKE: facts.responderKE)
        }
        if confirmed.isEmpty || isSettled {
            if isSettled || !hasSameSecrets { shared = nil }
            given = nil
        }
        return true
    }

    /// The group agreed on; by the size of the KE payloads where the choice was not seen.
    private var groupNumbers: [UInt16] {
        if case .success(let suite) = suite, let group = suite.group { return [group] }
        guard let length = (facts.initiatorKE ?? facts.responderKE)?.count else { return [] }
        return ring.exponents.groups.numbers(publicLength: length)
    }

    // MARK: The search

    /// What `attempt` makes of the first keys that fit a message.
    ///
    /// - Parameter tried: takes in the names of those that do not.
    func find<Found>(
        for message: SealedMessage, tried: inout [KeyName], _ attempt: (IKEKeys) -> Found?
    ) -> Found? {
        for keys in [confirmed[message.sender], confirmed[message.sender.other]].compactMap({ $0 }) {
            if let found = test(keys, message, &tried, attempt) { return found }
        }
        guard fruitless < Self.patience || !confirmed.isEmpty, fruitless < Self.patience * 2 else { return nil }
        for keys in readRows() {
            if let found = test(keys, message, &tried, attempt) { return found }
        }
        guard case .success(let suite) = suite else { return nil }
        switch suite.authentication {
        case .signature, .unknown: return findBySignature(suite, message, &tried, attempt)
        case .preSharedKey: return findByPSK(suite, message, &tried, attempt)
        case .publicKey: return nil
        }
    }

    private func test<Found>(
        _ keys: IKEKeys, _ message: SealedMessage, _ tried: inout [KeyName], _ attempt: (IKEKeys) -> Found?
    ) -> Found? {
        ring.awake.add(keys)
        if let found = attempt(keys) { return found }
        if !tried.contains(keys.name) { tried.append(keys.name) }
        let place = place(of: message.step)
        for use in keys.uses where !use.fitted {
            use.failures += 1
            use.note(triedOn: place, of: facts.initiatorSPI)
        }
        return nil
    }

    private func findBySignature<Found>(
        _ suite: Phase1Suite, _ message: SealedMessage, _ tried: inout [KeyName], _ attempt: (IKEKeys) -> Found?
    ) -> Found? {
        guard let ni = facts.initiatorNonce, let nr = facts.responderNonce else { return nil }
        for dh in findShared() {
            guard
                let skeyid = try? SKEYID.signature(suite.hash, ni: ni, nr: nr, shared: dh.secret),
                let keys = try? IKEKeys.derived(
                    name: dh.name, suite: suite, skeyid: skeyid, shared: dh.secret, facts: facts, uses: [dh.use])
            else { continue }
            if let found = test(keys, message, &tried, attempt) { return found }
        }
        return nil
    }

    private func findByPSK<Found>(
        _ suite: Phase1Suite, _ message: SealedMessage, _ tried: inout [KeyName], _ attempt: (IKEKeys) -> Found?
    ) -> Found? {
        guard let ni = facts.initiatorNonce, let nr = facts.responderNonce else { return nil }
        let secrets = findShared()
        guard !secrets.isEmpty else { return nil }
        for index in pskOrder(message.sender) {
            let psk = ring.psk[index]
            guard let skeyid = try? SKEYID.preShared(suite.hash, psk: psk.key, ni: ni, nr: nr) else { continue }
            for dh in secrets {
                guard let keys = derive(psk, skeyid, dh, suite) else { continue }
                if let found = test(keys, message, &tried, attempt) { return found }
            }
        }
        guard looksInCandidates(for: message) else { return nil }
        searched.insert(message.sender)
        for dh in secrets {
            let index = ring.searchCandidates(on: place(of: message.step), of: facts.initiatorSPI) {
                DecryptionTest(suite, facts, shared: dh.secret, on: message)
            }
            guard let index, let skeyid = try? SKEYID.preShared(suite.hash, psk: ring.psk[index].key, ni: ni, nr: nr),
                let keys = derive(ring.psk[index], skeyid, dh, suite)
            else { continue }
            if let found = test(keys, message, &tried, attempt) { return found }
        }
        return nil
    }

    private func derive(_ psk: PSKTable.Entry, _ skeyid: Secret, _ dh: DHSecret, _ suite: Phase1Suite) -> IKEKeys? {
        try? IKEKeys.derived(
            name: psk.use.name.with(dh.name), suite: suite, skeyid: skeyid, shared: dh.secret, facts: facts,
            uses: [psk.use, dh.use])
    }

    /// The list of candidates is searched once for each side: on its first encrypted message, of phase 1, or of what a
    /// side with another PSK answers to it.
    private func looksInCandidates(for message: SealedMessage) -> Bool {
        guard ring.candidates != nil, confirmed[message.sender] == nil, !searched.contains(message.sender) else {
            return false
        }
        switch message.step {
        case .mainMode, .informational: return true
        default: return false
        }
    }

    /// Proven PSKs first, then those that name a peer, most specific first, then all others.
    func pskOrder(_ sender: Role) -> PSKOrder {
        let proven = [provenPSK[sender], provenPSK[sender.other]].compactMap { $0 }
        let ends = [facts.responderAddress, facts.initiatorAddress]
        return PSKOrder(first: proven + ring.psk.matching(ends, identities: identities), count: ring.psk.count)
    }

    /// The identities that came in the clear, as text.
    private var identities: [String] {
        [facts.initiatorIDBody, facts.responderIDBody].compactMap(PSKTable.identity)
    }

    // MARK: What keys follow from

    /// The keys that the files give for this very SA.
    @discardableResult
    func readRows() -> [IKEKeys] {
        if let given { return given }
        guard case .success(let suite) = suite else { return [] }
        rowProblems = []
        var result: [IKEKeys] = []
        for entry in ring.rows(for: facts, iv: initialIV?.bytes) {
            do throws(UnusableRow) {
                result.append(
                    try IKEKeys.given(entry, suite: suite, facts: facts) { self.findShared().first })
            } catch { rowProblems.append(error.problem) }
        }
        given = result
        return result
    }

    /// g^xy from an exponent of either side, else as given for this initiator SPI.
    func findShared() -> [DHSecret] {
        if let shared { return shared }
        let result = SharedSecrets.find(
            ring, groups: groupNumbers, initiatorKE: facts.initiatorKE, responderKE: facts.responderKE,
            given: ring.shared(initiatorSPI: facts.initiatorSPI), begun: begunShared)
        begunShared = nil
        shared = result
        return result
    }

    // MARK: Outcomes

    /// Notes that `keys` opened a message of `sender`.
    func confirm(_ keys: IKEKeys, of sender: Role, by proof: Proof) {
        ring.note(opened: facts)
        if case .failed = proof { return }
        if confirmed[sender] == nil || proof != .notChecked { confirmed[sender] = keys }
        for use in keys.uses { use.fitted = true }
        ring.export?.note(keys, facts)
        failure = nil
    }

    /// Notes that a HASH in the clear is right with the PSK at `index`.
    func confirm(psk index: Int, of sender: Role) {
        provenPSK[sender] = index
        ring.psk[index].use.fitted = true
    }

    /// Notes that no key opens a message.
    func note(tried: [KeyName], inVainOn step: IKEv1Step) {
        fruitless += 1
        guard confirmed.isEmpty, !tried.isEmpty else { return }
        let shown = tried.prefix(4).map(\.description).joined(separator: ", ")
        let more = tried.count > 4 ? " and \(tried.count - 4) more" : ""
        failure = "\(shown)\(more) tried on \(place(of: step)): no valid plaintext with a HASH that fits"
    }

    /// Notes that no PSK gives the HASH of a message in the clear.
    func note(noPSKGives proof: ProofKind, of step: IKEv1Step) {
        failure = "no given PSK gives the \(proof) of \(place(of: step))"
    }

    /// `Main Mode message 5 of 10.0.0.1 - 10.0.0.2`.
    func place(of step: IKEv1Step) -> String {
        let ends = "of \(facts.initiatorAddress) - \(facts.responderAddress)"
        switch step {
        case .mainMode(let number): return "Main Mode message \(number) \(ends)"
        case .aggressive(let number): return "Aggressive Mode message \(number) \(ends)"
        case .quickMode(let number): return "Quick Mode message \(number) \(ends)"
        case .informational: return "an Informational \(ends)"
        case .transaction: return "a Transaction \(ends)"
        case .newGroup: return "New Group Mode \(ends)"
        case .groupKeyPull(let number): return "GROUPKEY-PULL message \(number) \(ends)"
        case .groupKeyPush: return "a GROUPKEY-PUSH \(ends)"
        case .other(let exchange): return "a message of exchange \(exchange) \(ends)"
        }
    }
}
