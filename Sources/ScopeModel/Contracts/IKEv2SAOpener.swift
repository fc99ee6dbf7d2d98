import ScopeDissect

/// Opens the messages of one IKEv2 SA (RFC 7296 sections 2.14 and 3.14).
///
/// Messages may come in any order, and pieces of one (SKF) are opened each by itself. Repeats do no harm, but each message
/// is read (`read`) once.
public protocol IKEv2SAOpener: AnyObject {
    /// New facts arrived (a KE payload, the chosen suite …).
    func learn(_ facts: IKEv2Facts)

    /// Keys that open the SA were found, and nothing that is to come can change them.
    var isSettled: Bool { get }

    /// Which keys open this SA, or what is missing; final only after the first encrypted message was tried.
    var status: KeyStatus { get }

    /// Decrypts the SK or SKF payload of a message; its ICV is checked before anything is decrypted or believed.
    ///
    /// `sender` is a role of the IKE SA: whose keys they are does not change with who asks.
    func open(_ message: ISAKMPMessage, from sender: Role) -> IKEv2Opening

    /// Takes in a message that was opened, put together where it came in pieces: identities, certificates, what
    /// IKE_INTERMEDIATE adds to AUTH (RFC 9242), and PPK identities.
    ///
    /// - Returns: what became of its AUTH payload; nil for a message without one.
    func read(_ message: IKEv2Opened) -> AuthenticationOutcome?

    /// Derives the keys of the child SAs that a negotiation made (RFC 7296 section 2.17): both directions.
    ///
    /// The nonces of the first child are those of the IKE SA; it may leave them out.
    func childKeys(of negotiation: ChildNegotiation) -> ChildKeys

    /// The opener of the IKE SA that takes this one's place (RFC 7296 section 2.18): its keys follow from SK_d of this
    /// one.
    ///
    /// It is asked for as soon as the request is known; `learn` completes it. `facts` has the SPIs of the new SA, by the
    /// roles of the new SA.
    func successor(_ facts: IKEv2Facts) -> any IKEv2SAOpener
}

/// What became of the SK or SKF payload of a message.
public enum IKEv2Opening: Sendable {
    /// Decrypted: the payloads inside without padding (of SKF a piece of them), the type of the first (none in a piece
    /// behind the first one), and the name of the key.
    case opened(plaintext: [UInt8], first: PayloadType, key: KeyName)
    /// No key fits; the reason in one plain phrase.
    case sealed(why: String)
    /// Keys were tried on it, and its ICV is right under none; `tried` names them.
    case unreadable(tried: [KeyName])
}

/// A message of an IKEv2 SA with its payloads decrypted, put together where it came in pieces.
public struct IKEv2Opened: Sendable {
    public var header: ISAKMPHeader
    /// The payloads in the clear before SK, with their headers; mostly none.
    public var clear: [UInt8]
    /// The decrypted payloads.
    public var chain: PayloadChain
    public var sender: Role

    public init(header: ISAKMPHeader, clear: [UInt8] = [], chain: PayloadChain, sender: Role) {
        self.header = header
        self.clear = clear
        self.chain = chain
        self.sender = sender
    }
}

/// What became of one AUTH payload (RFC 7296 section 2.15).
public struct AuthenticationOutcome: Sendable {
    /// What proves the side that sent it.
    public enum Means: Hashable, Sendable {
        /// A pre-shared key, by its name.
        case key(KeyName)
        /// The certificate with this SHA-256 fingerprint, which came along.
        case certificate(fingerprint: [UInt8])
        /// The key that came along without a certificate (RFC 7670), by the SHA-256 of its SubjectPublicKeyInfo.
        case rawKey(fingerprint: [UInt8])
        /// The MSK of the EAP method, by its name (RFC 7296 section 2.16).
        case eapKey(KeyName)
        /// SK_p alone, which proves nobody: NULL authentication (RFC 7619), or an EAP method without a key.
        case session
    }

    public var proof: Proof
    /// What it says that it was made with.
    public var method: AuthenticationMethod
    /// What it fits; nil where it fits nothing at hand.
    public var means: Means?
    /// The PPK that is part of the keys, by its name (RFC 8784).
    public var ppk: KeyName?
    /// Why it could not be checked, in one plain phrase.
    public var problem: String?

    public init(
        proof: Proof, method: AuthenticationMethod, means: Means? = nil, ppk: KeyName? = nil, problem: String? = nil
    ) {
        self.proof = proof
        self.method = method
        self.means = means
        self.ppk = ppk
        self.problem = problem
    }
}
