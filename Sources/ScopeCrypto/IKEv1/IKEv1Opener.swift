import ScopeDissect
import ScopeModel
import ScopeWire

/// Opens the messages of one IKEv1 SA (RFC 2409): tries what the key ring has, believes what proves itself.
final class IKEv1Opener: IKESAOpener {
    let ring: KeyRing
    private(set) var facts: Phase1Facts
    /// Nil until the responder's choice was seen.
    private(set) var suite: Result<Phase1Suite, UnsupportedSuite>?
    var chain = IVChain()
    /// The keys that opened what each side sent: they differ when the two have different PSKs.
    private(set) var confirmed = ByRole<IKEKeys>()
    /// PSKs that a HASH in the clear proved (Aggressive Mode).
    var provenPSK = ByRole<Int>()
    /// What was tried in vain, in words.
    var failure: String?
    private var fruitless = 0
    /// Whose PSK was looked for in the list of candidates.
    private var searched: Set<Role> = []
    /// Of each Quick Mode, the oldest of which go first.
    private var nonces: [Nonces] = []
    private var dhSecrets: [DHSecret]?
    private var begunSecret: SharedAhead.Exponentiation?
    private var explicit: [IKEKeys]?
    /// Rows for this SA that cannot be its keys, and why.
    private(set) var explicitProblems: [String] = []
    private var notedKEs = 0
    private var hasLearned = false
    /// Fingerprints of the certificates whose keys fitted a signature.
    var signers = ByRole<[UInt8]>()

    private struct Nonces {
        let messageID: UInt32
        var ni: [UInt8]?
        var nr: [UInt8]?
    }

    struct DHSecret {
        let name: String
        let secret: Secret
        let use: KeyUse
    }

    /// After so many messages that nothing opens, only keys that fitted once are tried.
    private static let patience = 8

    init(_ facts: Phase1Facts, ring: KeyRing) {
        self.ring = ring
        self.facts = facts
        learn(facts)
    }

    func learn(_ facts: Phase1Facts) {
        if hasLearned, facts.isIdentical(to: self.facts) { return }
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
        if let chosen = facts.chosen, suite == nil {
            suite = Result { () throws(UnsupportedSuite) in try Phase1Suite(chosen) }
        }
        let known = (facts.initiatorKE == nil ? 0 : 1) + (facts.responderKE == nil ? 0 : 1)
        if known > notedKEs, let group = groupNumbers.first {
            for _ in notedKEs..<known { ring.exponents.note(group: group) }
            notedKEs = known
        }
        if case .success(let suite) = suite, let ki = facts.initiatorKE, let kr = facts.responderKE {
            chain.begin(suite.hash, block: suite.cipher.blockLength, initiatorKE: ki, responderKE: kr)
        }
        if known == 2, begunSecret == nil, dhSecrets == nil, confirmed.isEmpty, ring.sharedAhead != nil {
            begunSecret = SharedSecrets.begin(
                ring, groups: groupNumbers, initiatorKE: facts.initiatorKE, responderKE: facts.responderKE)
        }
        if confirmed.isEmpty || isSettled {
            if isSettled || !hasSameSecrets { dhSecrets = nil }
            explicit = nil
        }
    }

    var isSettled: Bool { ring.isEmpty || confirmed[.initiator] != nil && confirmed[.responder] != nil }

    /// The group agreed on; by the size of the KE payloads where the choice was not seen.
    var groupNumbers: [UInt16] {
        if case .success(let suite) = suite, let group = suite.group { return [group] }
        guard let length = (facts.initiatorKE ?? facts.responderKE)?.count else { return [] }
        return ring.exponents.groups.numbers(publicLength: length)
    }

    // MARK: Opening

    func open(_ message: ISAKMPMessage, from sender: Role, step: ExchangeStep) -> Opening {
        guard message.header.majorVersion == 1 else { return .sealed(why: "IKEv2 messages cannot be opened yet") }
        guard !message.ciphertext.isEmpty else { return .clear }
        guard !ring.isEmpty else { return .sealed(why: "no keys were given") }
        guard case .success(let suite) = suite else { return .sealed(why: missing) }
        let block = suite.cipher.blockLength
        let count = message.ciphertext.count
        guard Int(message.header.length) <= message.bytes.count else {
            return .sealed(why: "the capture has only \(message.bytes.count) of its \(message.header.length) bytes")
        }
        guard count % block == 0 else {
            return .sealed(why: "its \(count) encrypted bytes are no whole number of \(block)-byte blocks")
        }
        let ivs = ivs(message, step, suite)
        defer { advance(message, step, block: block) }
        guard !ivs.isEmpty else { return .sealed(why: hasCandidates ? lostIV(step) : missing) }
        var search = Search(message: message, sender: sender, step: step, ivs: ivs)
        guard let (keys, found, proof) = run(&search) else { return unopened(search, step) }
        accept(keys, from: sender, found, proof, message, step)
        return .opened(found, key: keys.name, proof: proof)
    }

    private struct Search {
        let message: ISAKMPMessage
        let sender: Role
        let step: ExchangeStep
        let ivs: IVs
        var tried: [String] = []
    }

    private typealias Found = (IKEKeys, PayloadChain, HashProof)

    private func run(_ search: inout Search) -> Found? {
        for keys in [confirmed[search.sender], confirmed[search.sender.other]].compactMap({ $0 }) {
            if let found = attempt(keys, &search) { return found }
        }
        guard fruitless < Self.patience || !confirmed.isEmpty, fruitless < Self.patience * 2 else { return nil }
        for keys in explicitKeys() {
            if let found = attempt(keys, &search) { return found }
        }
        guard case .success(let suite) = suite else { return nil }
        switch suite.authentication {
        case .signature, .unknown: return runSignature(suite, &search)
        case .preSharedKey: return runPSK(suite, &search)
        case .publicKey: return nil
        }
    }

    private func runSignature(_ suite: Phase1Suite, _ search: inout Search) -> Found? {
        guard let ni = facts.initiatorNonce, let nr = facts.responderNonce else { return nil }
        for dh in secrets() {
            guard
                let skeyid = try? SKEYID.signature(suite.hash, ni: ni, nr: nr, shared: dh.secret),
                let keys = try? IKEKeys.derived(
                    name: dh.name, suite: suite, skeyid: skeyid, shared: dh.secret, facts: facts, uses: [dh.use])
            else { continue }
            if let found = attempt(keys, &search) { return found }
        }
        return nil
    }

    private func runPSK(_ suite: Phase1Suite, _ search: inout Search) -> Found? {
        guard let ni = facts.initiatorNonce, let nr = facts.responderNonce else { return nil }
        let secrets = secrets()
        guard !secrets.isEmpty else { return nil }
        for index in pskOrder(search.sender) {
            let psk = ring.psk[index]
            guard let skeyid = try? SKEYID.preShared(suite.hash, psk: psk.key, ni: ni, nr: nr) else { continue }
            for dh in secrets {
                let name = "\(psk.use.name) with \(dh.name)"
                guard
                    let keys = try? IKEKeys.derived(
                        name: name, suite: suite, skeyid: skeyid, shared: dh.secret, facts: facts,
                        uses: [psk.use, dh.use])
                else { continue }
                if let found = attempt(keys, &search) { return found }
            }
        }
        return runCandidates(suite, &search, secrets)
    }

    /// The list of candidates, once for what each side sent: on its first encrypted message, of phase 1 or of what a side
    /// with another PSK answers to it.
    private func runCandidates(_ suite: Phase1Suite, _ search: inout Search, _ secrets: [DHSecret]) -> Found? {
        guard ring.candidates != nil, confirmed[search.sender] == nil, !searched.contains(search.sender) else {
            return nil
        }
        switch search.step {
        case .mainMode, .informational: break
        default: return nil
        }
        searched.insert(search.sender)
        let message = search.message
        let (sender, step, ivs) = (search.sender, search.step, search.ivs)
        for dh in secrets {
            let index = ring.search(on: place(of: search.step), of: facts.initiatorSPI) {
                DecryptionTest(
                    suite, facts, shared: dh.secret, message: message, from: sender, step: step, ivs: ivs)
            }
            guard let index, let ni = facts.initiatorNonce, let nr = facts.responderNonce,
                let skeyid = try? SKEYID.preShared(suite.hash, psk: ring.psk[index].key, ni: ni, nr: nr),
                let keys = try? IKEKeys.derived(
                    name: "\(ring.psk[index].use.name) with \(dh.name)", suite: suite, skeyid: skeyid,
                    shared: dh.secret, facts: facts, uses: [ring.psk[index].use, dh.use])
            else { continue }
            if let found = attempt(keys, &search) { return found }
        }
        return nil
    }

    /// Proven ones first, then those that name a peer, most specific first, then all others.
    func pskOrder(_ sender: Role) -> PSKOrder {
        let proven = [provenPSK[sender], provenPSK[sender.other]].compactMap { $0 }
        return PSKOrder(first: proven + ring.matchingPSKs(facts, identities: identities), count: ring.psk.count)
    }

    private func attempt(_ keys: IKEKeys, _ search: inout Search) -> Found? {
        ring.awake.add(keys)
        let message = search.message
        let isSure = keys.isExplicit || confirmed[search.sender] === keys
        var second: Found?
        for iv in search.ivs {
            guard let plaintext = keys.decryptor?.decrypt(iv: iv, message.bytes[message.ciphertext]) else { break }
            let chain = message.chain(ofPlaintext: plaintext)
            guard Plausibility.isWellFormed(chain, search.step, hashLength: keys.hash.length) else { continue }
            let proof = proof(keys, chain, search)
            switch proof {
            case .verified: return (keys, chain, proof)
            case _ where !Plausibility.isInOrder(chain, search.step): continue
            case .notChecked:
                if second == nil, Plausibility.isStrict(chain) { second = (keys, chain, proof) }
            case .failed:
                if second == nil, isSure, Plausibility.isStrict(chain) { second = (keys, chain, proof) }
            }
        }
        if let second { return second }
        if !search.tried.contains(keys.name) { search.tried.append(keys.name) }
        let place = place(of: search.step)
        for use in keys.uses where !use.fitted {
            use.failures += 1
            use.note(triedOn: place, of: facts.initiatorSPI)
        }
        return nil
    }

    private func proof(_ keys: IKEKeys, _ chain: PayloadChain, _ search: Search) -> HashProof {
        let proof = MessageProof(keys)
        let sender = search.sender
        let messageID = search.message.header.messageID
        switch search.step {
        case .mainMode, .aggressive: return proof.phase1(chain, from: sender, facts: facts, signer: &signers[sender])
        case .quickMode(let step):
            let known = nonces.last { $0.messageID == messageID }
            return proof.quickMode(chain, step, messageID, ni: known?.ni, nr: known?.nr)
        case .informational: return proof.simple(chain, messageID, "HASH(1)")
        case .newGroup(let step): return proof.simple(chain, messageID, "HASH(\(step))")
        case .groupKeyPull(let step):
            let known = nonces.last { $0.messageID == messageID }
            return proof.groupKeyPull(chain, step, messageID, ni: known?.ni, nr: known?.nr)
        case .transaction, .ikev2, .groupKeyPush, .other: return proof.simple(chain, messageID, "HASH")
        }
    }

    private func accept(
        _ keys: IKEKeys, from sender: Role, _ chain: PayloadChain, _ proof: HashProof, _ message: ISAKMPMessage,
        _ step: ExchangeStep
    ) {
        ring.note(opened: facts)
        if case .failed = proof {
        } else {
            if confirmed[sender] == nil || proof != .notChecked { confirmed[sender] = keys }
            for use in keys.uses { use.fitted = true }
            ring.export?.note(keys, facts)
            failure = nil
        }
        let number: Int
        /// The last message whose HASH covers the nonces.
        let last: Int
        switch step {
        case .quickMode(let place): (number, last) = (place, 3)
        case .groupKeyPull(let place): (number, last) = (place, 4)
        default: return
        }
        let messageID = message.header.messageID
        if number >= last { nonces = nonces.filter { $0.messageID != messageID } }
        guard let nonce = chain.body(of: .nonce) else { return }
        let index: Int
        if let known = nonces.lastIndex(where: { $0.messageID == messageID }) {
            index = known
        } else {
            if nonces.count >= 64 { nonces.removeFirst() }
            index = nonces.count
            nonces.append(Nonces(messageID: messageID))
        }
        if number == 1 { nonces[index].ni = nonce }
        if number == 2 { nonces[index].nr = nonce }
    }

    private func unopened(_ search: Search, _ step: ExchangeStep) -> Opening {
        fruitless += 1
        guard !search.tried.isEmpty else {
            return failure == nil ? .sealed(why: missing) : .unreadable(tried: [])
        }
        if !confirmed.isEmpty, isIVDoubtful(step, search.message.header.messageID) { return .sealed(why: lostIV(step)) }
        if confirmed.isEmpty {
            let shown = search.tried.prefix(4).joined(separator: ", ")
            let more = search.tried.count > 4 ? " and \(search.tried.count - 4) more" : ""
            failure = "\(shown)\(more) tried on \(place(of: step)): no sane plaintext with a HASH that fits"
        }
        return .unreadable(tried: search.tried)
    }

    // MARK: Key material

    /// Keys that the files give for this very SA.
    func explicitKeys() -> [IKEKeys] {
        if let explicit { return explicit }
        guard case .success(let suite) = suite else { return [] }
        explicitProblems = []
        var result: [IKEKeys] = []
        for entry in ring.rows(for: facts, iv: chain.ofPhase1(1, isFirstEncrypted: true)) {
            do throws(CryptoError) {
                if let keys = try explicitKeys(entry, suite) { result.append(keys) }
            } catch { explicitProblems.append("\(entry.use.name): \(error)") }
        }
        explicit = result
        return result
    }

    private func explicitKeys(_ entry: KeyRing.IKERow, _ suite: Phase1Suite) throws(CryptoError) -> IKEKeys? {
        let keys = entry.row.keys
        var (d, a, e) = (keys["skeyid_d"], keys["skeyid_a"], keys["skeyid_e"])
        var uses = [entry.use]
        var name = entry.use.name
        if let skeyid = keys["skeyid"], d == nil || a == nil || e == nil, let dh = secrets().first {
            let all = try SKEYID.derived(
                suite.hash, skeyid: skeyid, shared: dh.secret, initiatorSPI: facts.initiatorSPI,
                responderSPI: facts.responderSPI)
            if e == nil {
                name += " with \(dh.name)"
                uses.append(dh.use)
            }
            (d, a, e) = (d ?? all.d, a ?? all.a, e ?? all.e)
        }
        let ka: Secret
        if let given = keys["encryption_key"] {
            guard given.count == suite.keyLength else {
                explicitProblems.append(
                    "\(entry.use.name).encryption_key has \(given.count) bytes, and \(suite.cipherName) takes \(suite.keyLength)"
                )
                return nil
            }
            ka = given
        } else if let e {
            guard e.count == suite.hash.length else {
                explicitProblems.append(
                    "\(entry.use.name).skeyid_e has \(e.count) bytes, and the hash of this IKE SA yields \(suite.hash.length)"
                )
                return nil
            }
            ka = try SKEYID.cipherKey(suite.hash, e, cipher: suite.cipher, length: suite.keyLength)
        } else {
            explicitProblems.append("\(entry.use.name) holds neither skeyid_e nor encryption_key")
            return nil
        }
        return try IKEKeys(
            name: name, hash: suite.hash, skeyid: keys["skeyid"], d: d, a: a, cipherKey: ka, cipher: suite.cipher,
            isExplicit: true, uses: uses)
    }

    /// g^xy from an exponent of either side, else as given for this initiator SPI.
    func secrets() -> [DHSecret] {
        if let dhSecrets { return dhSecrets }
        let result = SharedSecrets.find(
            ring, groups: groupNumbers, initiatorKE: facts.initiatorKE, responderKE: facts.responderKE,
            given: ring.shared(initiatorSPI: facts.initiatorSPI), begun: begunSecret)
        begunSecret = nil
        dhSecrets = result
        return result
    }

    /// The identities that came in the clear, as text.
    private var identities: [String] {
        [facts.initiatorIDBody, facts.responderIDBody].compactMap { body in
            guard let body, body.count > 4 else { return nil }
            let data = body.dropFirst(4)
            switch body[0] {
            case 1, 5: return IPAddress(bytes: data)?.description
            case 2, 3, 11: return String(decoding: data, as: UTF8.self)
            default: return nil
            }
        }
    }

    func signer(_ sender: Role) -> [UInt8]? { signers[sender] }

    func children(of quickMode: ChildNegotiation) -> ChildKeys {
        ChildDerivation(opener: self, keys: confirmed[quickMode.initiatedBy] ?? confirmed[quickMode.initiatedBy.other])
            .derive(quickMode)
    }

    /// `Main Mode message 5 of 10.0.0.1 - 10.0.0.2`.
    func place(of step: ExchangeStep) -> String {
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
        case .ikev2: return "an IKEv2 message \(ends)"
        case .other(let exchange): return "a message of exchange \(exchange) \(ends)"
        }
    }
}
