import COpenSSL
import ScopeDissect
import ScopeModel

/// Recomputes the HASH payloads of IKEv1 (RFC 2409 sections 5.1 to 5.7).
struct MessageProof {
    let hash: Digest
    let skeyid: Secret?
    let a: Secret?

    init(_ keys: IKEKeys) {
        hash = keys.hash
        skeyid = keys.skeyid
        a = keys.a
    }

    init(hash: Digest, skeyid: Secret) {
        self.hash = hash
        self.skeyid = skeyid
        a = nil
    }

    /// HASH_I or HASH_R over the ID payload of the same message or of one before it; or SIG_I or SIG_R, with the key of a
    /// certificate of the same message or of one before it.
    ///
    /// A signature that does not fit proves nothing: it may be by the key of another certificate. `signer` becomes the
    /// fingerprint of the certificate whose key fits, and empty where no key of those that were shown does.
    func phase1(
        _ chain: PayloadChain, from sender: Role, facts: IKEv1Facts, signer: inout [UInt8]?
    ) -> Proof {
        guard let skeyid, let parts = Self.phase1Message(chain, from: sender, facts: facts) else { return .notChecked }
        if let given = chain.body(of: .hash) { return compare(given, skeyid, parts, .hash(of: sender)) }
        guard let signature = chain.body(of: .signature) else { return .notChecked }
        let proof = SignatureProof(signature: signature, negotiated: hash) { algorithm in
            (try? prf(algorithm, skeyid, parts))?.withBytes { Array($0) }
        }
        let bag = CertificateBag(chain.carriedCertificates + facts.certificates(of: sender))
        guard let found = proof.signer(among: bag.certificates) else {
            if signer == nil, bag.certificates.contains(where: SignatureProof.canCheck) { signer = [] }
            return .notChecked
        }
        signer = found.fingerprint
        return .verified(.signature(sender))
    }

    /// What HASH_I or HASH_R is over: `g^xi | g^xr | CKY-I | CKY-R | SAi_b | IDii_b`, the sender's own first; nil when a
    /// part is not in the capture.
    static func phase1Message(_ chain: PayloadChain, from sender: Role, facts: IKEv1Facts) -> [HashInput]? {
        let before = sender == .initiator ? facts.initiatorIDBody : facts.responderIDBody
        guard let id = chain.body(of: .identification) ?? before, let sa = facts.initiatorSABody,
            let ki = facts.initiatorKE, let kr = facts.responderKE
        else { return nil }
        let mine: [HashInput] =
            sender == .initiator
            ? [.bytes(ki), .bytes(kr), .u64(facts.initiatorSPI), .u64(facts.responderSPI)]
            : [.bytes(kr), .bytes(ki), .u64(facts.responderSPI), .u64(facts.initiatorSPI)]
        return mine + [.bytes(sa), .bytes(id)]
    }

    /// HASH(1), HASH(2) or HASH(3) of Quick Mode; the nonces are those of the exchange so far.
    func quickMode(
        _ chain: PayloadChain, _ step: Int, _ messageID: UInt32, ni: [UInt8]?, nr: [UInt8]?
    ) -> Proof {
        guard let a, let given = chain.body(of: .hash) else { return .notChecked }
        let rest = Self.rest(chain)
        switch step {
        case 1: return compare(given, a, [.u32(messageID), .bytes(rest)], .hash(1))
        case 2:
            guard let ni else { return .notChecked }
            return compare(given, a, [.u32(messageID), .bytes(ni), .bytes(rest)], .hash(2))
        case 3:
            guard let ni, let nr else { return .notChecked }
            return compare(given, a, [.byte(0), .u32(messageID), .bytes(ni), .bytes(nr)], .hash(3))
        default:
            // CONNECTED after a commit bit: no RFC says what its HASH covers, so a HASH that differs proves nothing.
            let plain = compare(given, a, [.u32(messageID), .bytes(rest)], .hash(4))
            if case .verified = plain { return plain }
            guard let ni, let nr else { return .notChecked }
            let full = compare(given, a, [.u32(messageID), .bytes(ni), .bytes(nr), .bytes(rest)], .hash(4))
            if case .verified = full { return full }
            return .notChecked
        }
    }

    /// HASH(1) to HASH(4) of a GROUPKEY-PULL (RFC 6407 section 3.2).
    func groupKeyPull(
        _ chain: PayloadChain, _ step: Int, _ messageID: UInt32, ni: [UInt8]?, nr: [UInt8]?
    ) -> Proof {
        guard step > 2 else { return quickMode(chain, step, messageID, ni: ni, nr: nr) }
        guard let a, let ni, let nr, let given = chain.body(of: .hash) else { return .notChecked }
        let parts: [HashInput] = [.u32(messageID), .bytes(ni), .bytes(nr), .bytes(Self.rest(chain))]
        return compare(given, a, parts, .hash(UInt8(clamping: step)))
    }

    /// Informational, Transaction and New Group Mode: prf(SKEYID_a, M-ID | rest), or what comes before a HASH that stands
    /// last.
    func simple(_ chain: PayloadChain, _ messageID: UInt32, _ kind: ProofKind) -> Proof {
        guard let a, let given = chain.body(of: .hash) else { return .notChecked }
        return compare(given, a, [.u32(messageID), .bytes(Self.others(chain))], kind)
    }

    private static func others(_ chain: PayloadChain) -> [UInt8] {
        guard let hash = chain.first(.hash), chain.payloads.last?.type == .hash, hash.range.lowerBound > 0 else {
            return rest(chain)
        }
        return Array(chain.slice(0..<hash.range.lowerBound))
    }

    /// Everything behind the HASH payload up to the end of the last one; padding is outside.
    private static func rest(_ chain: PayloadChain) -> [UInt8] {
        guard let first = chain.first(.hash), first.range.upperBound <= chain.end else { return [] }
        return Array(chain.slice(first.range.upperBound..<chain.end))
    }

    private func compare(_ given: [UInt8], _ key: Secret, _ parts: [HashInput], _ kind: ProofKind) -> Proof {
        guard let right = try? prf(hash, key, parts) else { return .notChecked }
        let same =
            given.count == right.count && right.withBytes { CRYPTO_memcmp($0.baseAddress, given, given.count) } == 0
        return same ? .verified(kind) : .failed(kind)
    }
}
