import ScopeModel

/// One set of keys that may open an IKEv2 SA, and where it came from.
final class IKEv2Keys {
    /// `dh[0].private`, or `ike[1]`.
    let name: KeyName
    /// How many key exchanges behind the first one went into it (RFC 9370).
    let step: Int
    /// Nil where the choice of the algorithms is not in the capture, and a key file has no word for it.
    let prf: PseudorandomFunction?
    let protection: ESPSuite
    let keys: SKKeys
    let uses: [KeyUse]
    /// A key file has them as they are: nothing is added to them any more.
    let isGiven: Bool
    private var openers = ByRole<SealedPayloadOpener>()
    /// What opened a message of this side looked like payloads.
    private var makesSense = ByRole<Bool>()
    /// It is among the `AwakeKeys`.
    var isCounted = false

    init(
        name: KeyName, step: Int, prf: PseudorandomFunction?, protection: ESPSuite, keys: SKKeys, uses: [KeyUse],
        isGiven: Bool = false
    ) {
        self.name = name
        self.step = step
        self.prf = prf
        self.protection = protection
        self.keys = keys
        self.uses = uses
        self.isGiven = isGiven
    }

    /// The payloads inside a message of `sender`; nil where the ICV is wrong under these keys, or OpenSSL lacks the
    /// algorithm.
    func open(_ payload: SealedPayload, from sender: Role) -> [UInt8]? {
        if let opener = openers[sender] { return opener.open(payload) }
        guard let opener = try? SealedPayloadOpener(protection, keys[sender]) else { return nil }
        openers[sender] = opener
        return opener.open(payload)
    }

    /// Whether what they made of a message may be believed: the keys of a file prove each other only where one of them opens
    /// the message and checks its ICV.
    func believe(_ plaintext: [UInt8], of payload: SealedPayload, from sender: Role) -> Bool {
        guard isGiven, protection.encryption.tagLength == nil, makesSense[sender] == nil else { return true }
        guard PayloadPlausibility.holds(plaintext, in: payload) else { return false }
        makesSense[sender] = true
        return true
    }
}

extension IKEv2Keys: Awakened {
    func rest() {
        openers = ByRole()
        isCounted = false
    }
}

extension SKKeys {
    subscript(sender: Role) -> Directional { sender == .initiator ? initiator : responder }
}
