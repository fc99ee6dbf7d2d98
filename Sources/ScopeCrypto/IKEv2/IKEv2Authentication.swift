import ScopeDissect
import ScopeModel
import ScopeWire

/// What the two sides of an IKEv2 SA prove themselves with, as IKE_AUTH goes on.
struct IKEv2Authentication {
    private var intermediate = IntermediateProof()
    /// Bodies of IDi and of IDr, which AUTH covers; with EAP they come long before it.
    private var identities = ByRole<[UInt8]>()
    private var certificates = ByRole<[CarriedCertificate]>()
    private var usesEAP = false
    /// The identity of the PPK that the initiator takes, without its type.
    private var ppkID: String?
    private var provenPSK = ByRole<Int>()
    /// The initiator proved itself with what EAP agreed on, and so will the responder.
    private var hasEAPKey = false

    /// The most certificates of a side that are kept.
    private static let mostCertificates = 16

    mutating func read(_ message: IKEv2Opened, _ search: IKEv2Search) -> AuthenticationOutcome? {
        let sender = message.sender
        guard let keys = search.lastUsed[sender] ?? search.confirmed.last else { return nil }
        if message.header.exchange == .ikeIntermediate {
            if let prf = keys.prf, let proof = keys.keys[sender].proof { intermediate.take(message, prf, proof: proof) }
            // Its sender has taken one of the PPKs that the initiator named (RFC 9867 section 3.1).
            if sender == .responder, let id = Self.notify(Self.ppkIdentity, in: message.chain) {
                search.take(intermediatePPK: String(validating: id.dropFirst(), as: UTF8.self))
            }
        }
        guard message.header.exchange == .ikeAuth else { return nil }
        intermediate.note(authentication: message.header.messageID)
        take(message, search)
        guard let body = message.chain.body(of: .authentication) else { return nil }
        guard body.count > 4 else {
            return AuthenticationOutcome(proof: .notChecked, method: AuthenticationMethod(ikev2: 0))
        }
        let auth = Auth(
            sender: sender, method: AuthenticationMethod(ikev2: UInt16(body[0])), data: Array(body[4...]),
            withoutPPK: Self.notify(Self.noPPKAuth, in: message.chain), place: search.place(of: message.header))
        return check(auth, keys, search)
    }

    // MARK: What AUTH is over

    private struct Auth {
        let sender: Role
        let method: AuthenticationMethod
        let data: [UInt8]
        /// Of the initiator: AUTH as it is without the PPK (RFC 8784 section 3).
        let withoutPPK: [UInt8]?
        let place: String
    }

    private mutating func take(_ message: IKEv2Opened, _ search: IKEv2Search) {
        let chain = message.chain
        let own: PayloadType = message.sender == .initiator ? .identificationInitiator : .identificationResponder
        if let identity = chain.body(of: own) { identities[message.sender] = identity }
        if chain.contains(.eap) { usesEAP = true }
        for payload in chain.all(.certificateV2) {
            let body = chain.slice(payload.body)
            guard let encoding = body.first, (certificates[message.sender]?.count ?? 0) < Self.mostCertificates else {
                continue
            }
            let carried = CarriedCertificate(encoding: encoding, data: Array(body.dropFirst()))
            certificates[message.sender] = (certificates[message.sender] ?? []) + [carried]
        }
        guard search.facts.usesPPK else { return }
        if let id = Self.notify(Self.ppkIdentity, in: chain), message.sender == .initiator {
            ppkID = String(decoding: id.dropFirst(), as: UTF8.self)
        }
        // The responder says with its AUTH whether it takes the PPK.
        if message.sender == .responder, chain.contains(.authentication) {
            let takes = Self.notify(Self.ppkIdentity, in: chain) != nil
            if !takes { search.ppk = .none }
            if takes, case .undecided = search.ppk {
                search.ppk = search.ring.ppk.ordered(for: ppkID).first.map { .one($0) } ?? .missing
            }
        }
    }

    private static let ppkIdentity: UInt16 = 16436
    private static let noPPKAuth: UInt16 = 16437

    /// The data of the first Notify payload of a type (RFC 7296 section 3.10).
    private static func notify(_ type: UInt16, in chain: PayloadChain) -> [UInt8]? {
        for payload in chain.all(.notify) {
            let body = Array(chain.slice(payload.body))
            guard body.count >= 4, UInt16(body[2]) << 8 | UInt16(body[3]) == type else { continue }
            return Array(body.dropFirst(4 + Int(body[1])))
        }
        return nil
    }

    /// The ways in which the keys may be, with what AUTH is then: with each PPK at hand, and without.
    private func variants(_ auth: Auth, _ keys: IKEv2Keys, _ search: IKEv2Search) -> [(PPKTable.Entry?, [UInt8])] {
        guard search.facts.usesPPK else { return [(nil, auth.data)] }
        let mixed: [(PPKTable.Entry?, [UInt8])] = search.ring.ppk.ordered(for: ppkID).map { ($0, auth.data) }
        var plain: [(PPKTable.Entry?, [UInt8])] = [(nil, auth.data)]
        if let data = auth.withoutPPK { plain.append((nil, data)) }
        // A row of a log may have SK_p with the PPK in it already.
        if keys.isGiven { return plain + mixed }
        switch search.ppk {
        case .none, .missing: return plain
        case .one(let entry): return [(entry, auth.data)] + mixed.filter { $0.0?.use !== entry.use }
        case .undecided: return mixed + plain
        }
    }

    // MARK: Checking

    private mutating func check(_ auth: Auth, _ keys: IKEv2Keys, _ search: IKEv2Search) -> AuthenticationOutcome {
        func unchecked(_ why: String) -> AuthenticationOutcome {
            AuthenticationOutcome(proof: .notChecked, method: auth.method, problem: why)
        }
        let facts = search.facts
        let isInitiator = auth.sender == .initiator
        guard let first = isInitiator ? facts.initiatorFirst : facts.responderFirst,
            let nonce = isInitiator ? facts.responderNonce : facts.initiatorNonce
        else { return unchecked("AUTH covers the first messages, and they are not in the capture") }
        guard let identity = identities[auth.sender] else {
            return unchecked("AUTH covers the identity, and the message that has it is not in the capture")
        }
        guard let inputs = intermediate.inputs else {
            return unchecked("AUTH covers IKE_INTERMEDIATE, and a message of it was not seen or not opened")
        }
        guard let prf = keys.prf, keys.keys[auth.sender].proof != nil else {
            return unchecked("\(keys.name) opens only messages: AUTH needs SK_pi and SK_pr")
        }
        if search.lacksPPK { return unchecked("a PPK is part of the keys, and it is missing") }
        var last: AuthenticationOutcome?
        for (entry, data) in variants(auth, keys, search) {
            let mixed = entry.flatMap { try? keys.keys.mixed(with: $0.key, prf) } ?? keys.keys
            guard let secret = mixed[auth.sender].proof,
                let proof = AuthProof(
                    prf, first: first, nonce: nonce, proof: secret, identity: identity, intermediate: inputs)
            else { continue }
            var outcome = check(auth, data, proof, session: secret, search)
            if case .verified = outcome.proof {
                outcome.ppk = entry?.use.name ?? search.intermediatePPKName(in: keys)
                entry?.use.fitted = true
                if let entry { search.ppk = .one(entry) }
                return outcome
            }
            entry.map { $0.use.note(triedOn: auth.place, of: facts.initiatorSPI) }
            last = outcome
        }
        return last ?? unchecked("the keys that AUTH needs could not be made")
    }

    private mutating func check(
        _ auth: Auth, _ data: [UInt8], _ proof: AuthProof, session: Secret, _ search: IKEv2Search
    ) -> AuthenticationOutcome {
        let kind = ProofKind.authentication(auth.sender)
        func outcome(_ proof: Proof, _ means: AuthenticationOutcome.Means? = nil, _ problem: String? = nil)
            -> AuthenticationOutcome
        {
            AuthenticationOutcome(proof: proof, method: auth.method, means: means, problem: problem)
        }
        switch auth.method.credential {
        case .preSharedKey:
            if let means = secret(for: auth, data, proof, session: session, search) {
                return outcome(.verified(kind), means)
            }
            if search.ring.psk.isEmpty, search.ring.candidates == nil {
                return outcome(
                    .notChecked, nil, usesEAP ? "the MSK of the EAP method is missing" : "the PSK is missing")
            }
            // What exactly a resumed session signs differs between implementations.
            let isDoubtful = usesEAP || search.facts.origin == .resumption
            return outcome(isDoubtful ? .notChecked : .failed(kind), nil, "no given key gives it")
        case .null: return proof.fits(data, session) ? outcome(.verified(kind), .session) : outcome(.failed(kind))
        default:
            guard let scheme = SignatureScheme(auth.method, data: data) else {
                return outcome(.notChecked, nil, "its signature algorithm is not supported")
            }
            let bag = CertificateBag(certificates[auth.sender] ?? [])
            if let signer = scheme.signer(of: proof.octets, among: bag.certificates) {
                return outcome(.verified(kind), .certificate(fingerprint: signer.fingerprint))
            }
            if let signer = scheme.signer(of: proof.octets, among: bag.keys) {
                return outcome(.verified(kind), .rawKey(fingerprint: signer.fingerprint))
            }
            // A certificate that did not come along may have made it.
            let keys = bag.certificates.map(\.key) + bag.keys.map(\.key)
            let hasKey = keys.contains { $0.map(scheme.isFor) ?? false }
            return outcome(
                .notChecked, nil,
                hasKey
                    ? "no certificate and no key that came along fits it"
                    : "no certificate with such a key came along, and no such key")
        }
    }

    /// The secret that gives a shared-key AUTH: MSK, PSK, a line of the list, or SK_p itself.
    private mutating func secret(
        for auth: Auth, _ data: [UInt8], _ proof: AuthProof, session: Secret, _ search: IKEv2Search
    ) -> AuthenticationOutcome.Means? {
        let ring = search.ring
        for msk in ring.eapKeys(for: search.facts) where proof.fits(data, msk.key) {
            msk.use.fitted = true
            hasEAPKey = true
            return .eapKey(msk.use.name)
        }
        // A resumed session proves itself with SK_p alone, and without a pad (RFC 5723 section 5.2).
        if search.facts.origin == .resumption, proof.fitsResumed(data, session) { return .session }
        // An EAP method without a key (RFC 7296 section 2.16).
        if usesEAP, proof.fits(data, session) { return .session }
        let proven = [provenPSK[auth.sender], provenPSK[auth.sender.other]].compactMap { $0 }
        let ends = [search.facts.responderAddress, search.facts.initiatorAddress]
        let likely = ring.psk.matching(
            ends, identities: [identities[.initiator], identities[.responder]].compactMap(PSKTable.identity))
        for index in PSKOrder(first: proven + likely, count: ring.psk.count) {
            let psk = ring.psk[index]
            if proof.fits(data, psk.key) {
                psk.use.fitted = true
                provenPSK[auth.sender] = index
                // A log has the MSK among its secrets; behind EAP nothing else makes the initiator's AUTH.
                if usesEAP, auth.sender == .initiator { hasEAPKey = true }
                return hasEAPKey ? .eapKey(psk.use.name) : .key(psk.use.name)
            }
            guard !psk.use.fitted else { continue }
            psk.use.failures += 1
            psk.use.note(triedOn: auth.place, of: search.facts.initiatorSPI)
        }
        guard !usesEAP,
            let index = ring.searchCandidates(
                on: auth.place, of: search.facts.initiatorSPI, { proof.candidateTest(data) })
        else { return nil }
        ring.psk[index].use.fitted = true
        provenPSK[auth.sender] = index
        return .key(ring.psk[index].use.name)
    }
}
