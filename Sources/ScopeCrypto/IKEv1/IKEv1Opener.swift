import ScopeDissect
import ScopeModel

/// Opens the messages of one IKEv1 SA (RFC 2409) with the keys that `KeySearch` finds, and believes what proves itself.
final class IKEv1Opener: IKESAOpener {
    let search: KeySearch
    var chain = IVChain()
    /// The nonces of each Quick Mode, the oldest of which go first.
    private var nonces: [Nonces] = []
    /// Fingerprints of the certificates whose keys fitted a signature.
    var signers = ByRole<[UInt8]>()

    private struct Nonces {
        let messageID: UInt32
        var ni: [UInt8]?
        var nr: [UInt8]?
    }

    private static let mostNonces = 64

    init(_ facts: IKEv1Facts, ring: KeyRing) {
        search = KeySearch(facts, ring: ring)
        learn(facts)
    }

    func learn(_ facts: IKEv1Facts) {
        guard search.learn(facts) else { return }
        if case .success(let suite) = search.suite, let ki = facts.initiatorKE, let kr = facts.responderKE {
            chain.begin(suite.hash, block: suite.cipher.blockLength, initiatorKE: ki, responderKE: kr)
            search.initialIV = chain.initial
        }
    }

    var isSettled: Bool { search.isSettled }

    var status: KeyStatus { search.status }

    func signer(_ sender: Role) -> [UInt8]? { signers[sender] }

    func childKeys(of quickMode: ChildNegotiation) -> ChildKeys {
        let keys = search.confirmed[quickMode.initiatedBy] ?? search.confirmed[quickMode.initiatedBy.other]
        return ChildDerivation(search: search, keys: keys).derive(quickMode)
    }

    func open(_ message: ISAKMPMessage, from sender: Role, step: IKEv1Step) -> Opening {
        guard !message.ciphertext.isEmpty else { return .clear }
        guard !search.ring.isEmpty else { return .sealed(why: "no keys were given") }
        guard case .success(let suite) = search.suite else { return .sealed(why: search.missing) }
        let block = suite.cipher.blockLength
        let count = message.ciphertext.count
        guard Int(message.header.length) <= message.bytes.count else {
            return .sealed(why: "the capture has only \(message.bytes.count) of its \(message.header.length) bytes")
        }
        guard count % block == 0 else {
            return .sealed(why: "its \(count) encrypted bytes are not a whole number of \(block)-byte blocks")
        }
        let ivs = ivs(message, step, suite)
        defer { advance(message, step, block: block) }
        guard !ivs.isEmpty else { return .sealed(why: search.hasCandidates ? lostIV(step) : search.missing) }
        let sealed = SealedMessage(message: message, sender: sender, step: step, ivs: ivs)
        var tried: [KeyName] = []
        let found = search.find(for: sealed, tried: &tried) { keys in decrypt(sealed, with: keys) }
        guard let found else { return unopened(sealed, tried) }
        search.confirm(found.keys, of: sender, by: found.proof)
        keepNonce(of: found.chain, step, message.header.messageID)
        return .opened(found.chain, key: found.keys.name, proof: found.proof)
    }

    private struct Decrypted {
        let keys: IKEKeys
        let chain: PayloadChain
        let proof: Proof
    }

    /// What `keys` make of a message, if that makes sense.
    private func decrypt(_ sealed: SealedMessage, with keys: IKEKeys) -> Decrypted? {
        let message = sealed.message
        let isSure = keys.isExplicit || search.confirmed[sealed.sender] === keys
        var second: Decrypted?
        for iv in sealed.ivs {
            guard let plaintext = keys.decryptor?.decrypt(iv: iv, message.bytes[message.ciphertext]) else { break }
            let chain = message.chain(ofPlaintext: plaintext)
            guard Plausibility.isWellFormed(chain, sealed.step, hashLength: keys.hash.length) else { continue }
            let proof = proof(of: chain, in: sealed, by: keys)
            switch proof {
            case .verified: return Decrypted(keys: keys, chain: chain, proof: proof)
            case _ where !Plausibility.isInOrder(chain, sealed.step): continue
            case .notChecked:
                if second == nil, Plausibility.isStrict(chain) {
                    second = Decrypted(keys: keys, chain: chain, proof: proof)
                }
            case .failed:
                if second == nil, isSure, Plausibility.isStrict(chain) {
                    second = Decrypted(keys: keys, chain: chain, proof: proof)
                }
            }
        }
        return second
    }

    private func proof(of chain: PayloadChain, in sealed: SealedMessage, by keys: IKEKeys) -> Proof {
        let proof = MessageProof(keys)
        let sender = sealed.sender
        let messageID = sealed.message.header.messageID
        switch sealed.step {
        case .mainMode, .aggressive:
            return proof.phase1(chain, from: sender, facts: search.facts, signer: &signers[sender])
        case .quickMode(let step):
            let known = nonces.last { $0.messageID == messageID }
            return proof.quickMode(chain, step, messageID, ni: known?.ni, nr: known?.nr)
        case .informational: return proof.simple(chain, messageID, .hash(1))
        case .newGroup(let step): return proof.simple(chain, messageID, .hash(UInt8(clamping: step)))
        case .groupKeyPull(let step):
            let known = nonces.last { $0.messageID == messageID }
            return proof.groupKeyPull(chain, step, messageID, ni: known?.ni, nr: known?.nr)
        case .transaction, .groupKeyPush, .other: return proof.simple(chain, messageID, .unnumberedHash)
        }
    }

    /// Keeps the nonce of a message for the HASHes of those that follow it in its exchange.
    private func keepNonce(of chain: PayloadChain, _ step: IKEv1Step, _ messageID: UInt32) {
        let number: Int
        /// The last message whose HASH covers the nonces.
        let last: Int
        switch step {
        case .quickMode(let place): (number, last) = (place, 3)
        case .groupKeyPull(let place): (number, last) = (place, 4)
        default: return
        }
        if number >= last { nonces = nonces.filter { $0.messageID != messageID } }
        guard let nonce = chain.body(of: .nonce) else { return }
        let index: Int
        if let known = nonces.lastIndex(where: { $0.messageID == messageID }) {
            index = known
        } else {
            if nonces.count >= Self.mostNonces { nonces.removeFirst() }
            index = nonces.count
            nonces.append(Nonces(messageID: messageID))
        }
        if number == 1 { nonces[index].ni = nonce }
        if number == 2 { nonces[index].nr = nonce }
    }

    private func unopened(_ sealed: SealedMessage, _ tried: [KeyName]) -> Opening {
        let hasFailed = search.failure != nil
        search.note(tried: tried, inVainOn: sealed.step)
        guard !tried.isEmpty else { return hasFailed ? .unreadable(tried: []) : .sealed(why: search.missing) }
        if !search.confirmed.isEmpty, isIVDoubtful(sealed.step, sealed.message.header.messageID) {
            return .sealed(why: lostIV(sealed.step))
        }
        return .unreadable(tried: tried)
    }
}
