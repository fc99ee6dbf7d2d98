import TestSupport

/// One IKE SA of a talk as somebody with the secrets follows it: what its messages told, and where each chain of IVs is.
///
/// A change of a talk takes two of them: one that reads the messages as they were, and one that writes them as they become.
struct TalkSA {
    private var facts: TalkKeys.Facts
    private let secrets: TalkSecrets
    private var preShared: [UInt8] = []
    private(set) var keys: TalkKeys?
    private var identities: [Bool: [UInt8]] = [:]
    /// The last block of phase 1.
    private var lastBlock: [UInt8]?
    private var ivs: [UInt32: [UInt8]] = [:]
    /// Of Quick Modes and the like, by message ID: the initiator's and the responder's.
    private var childNonces: [UInt32: [[UInt8]]] = [:]

    /// Where a message stands.
    struct Turn {
        var isInitiator: Bool
        /// In its exchange, from 1.
        var number: Int
    }

    init(initiatorSPI: UInt64, secrets: TalkSecrets) {
        facts = TalkKeys.Facts(initiatorSPI: initiatorSPI)
        self.secrets = secrets
    }

    private static func isPhase1(_ message: MadeMessage) -> Bool { message.messageID == 0 && message.exchange <= 4 }

    // MARK: Reading and writing

    /// The message with its payloads opened, or as it is where no secret opens it.
    mutating func read(_ message: MadeMessage, _ turn: Turn) -> MadeMessage {
        guard message.isEncrypted, let closed = message.closed else {
            learn(message, turn)
            return message
        }
        guard let keys = fitting(closed.bytes, message) else {
            advance(message, closed.bytes)
            return message
        }
        self.keys = keys
        let opened = keys.decrypt(closed.bytes, iv: iv(for: message, keys)).flatMap { message.opened($0) } ?? message
        learn(opened, turn)
        advance(message, closed.bytes)
        return opened
    }

    /// The same message for the wire; nil where it cannot be encrypted.
    mutating func write(_ message: MadeMessage, _ turn: Turn, like reader: TalkSA) -> MadeMessage? {
        guard message.isEncrypted, message.closed == nil else {
            learn(message, turn)
            message.closed.map { advance(message, $0.bytes) }
            return message
        }
        prepare(like: reader)
        guard let keys, let sealed = keys.encrypt(message, iv: iv(for: message, keys))
        else { return nil }
        learn(message, turn)
        advance(message, sealed)
        return message.sealed(sealed)
    }

    /// Takes the pre-shared key that the reader found to fit.
    mutating func prepare(like reader: TalkSA) {
        if keys == nil, reader.keys != nil { (preShared, keys) = (reader.preShared, derived(reader.preShared)) }
    }

    /// The keys, found with the first encrypted message: those under which it is a chain of payloads.
    private mutating func fitting(_ bytes: [UInt8], _ message: MadeMessage) -> TalkKeys? {
        if let keys { return keys }
        for candidate in secrets.preShared + (secrets.preShared.isEmpty ? [[]] : []) {
            guard let keys = derived(candidate), let plain = keys.decrypt(bytes, iv: iv(for: message, keys)),
                message.opened(plain) != nil
            else { continue }
            preShared = candidate
            return keys
        }
        return nil
    }

    private func derived(_ preShared: [UInt8]) -> TalkKeys? { TalkKeys(facts, secrets, preShared: preShared) }

    private func iv(for message: MadeMessage, _ keys: TalkKeys) -> [UInt8] {
        if Self.isPhase1(message) { return lastBlock ?? keys.firstIV }
        return ivs[message.messageID] ?? keys.iv(of: message.messageID, after: lastBlock ?? keys.firstIV)
    }

    /// The IV of `messageID` begins anew with the next message.
    mutating func restart(_ messageID: UInt32) { ivs[messageID] = nil }

    private mutating func advance(_ message: MadeMessage, _ ciphertext: [UInt8]) {
        let block = Array(ciphertext.suffix(keys?.blockLength ?? 16))
        if Self.isPhase1(message) { lastBlock = block } else { ivs[message.messageID] = block }
    }

    private mutating func learn(_ message: MadeMessage, _ turn: Turn) {
        if message.responderSPI != 0 { facts.responderSPI = message.responderSPI }
        guard Self.isPhase1(message) else {
            if let nonce = message[.nonce] { childNonces[message.messageID, default: []].append(nonce) }
            return
        }
        if let association = message[.association] {
            if turn.isInitiator { facts.offer = association } else { facts.chosen = MadeAssociation(association) }
        }
        if let value = message[.keyExchange] { facts.publicValues[turn.isInitiator] = value }
        if let nonce = message[.nonce] { facts.nonces[turn.isInitiator] = nonce }
        if let identity = message[.identification] { identities[turn.isInitiator] = identity }
    }

    // MARK: HASH

    /// What the HASH of a message has to be (RFC 2409 sections 5.1 to 5.7); nil for one that has none.
    ///
    /// Asked before the message itself is read or written.
    func hash(of message: MadeMessage, _ turn: Turn) -> [UInt8]? {
        guard let place = message.payloads.firstIndex(where: { $0.type == .hash }) else { return nil }
        guard Self.isPhase1(message) else {
            guard let keys else { return nil }
            let id = Packets.u32(Int(message.messageID))
            // One that stands last covers what is before it, which names the HASH as the next payload.
            let covered =
                place == 0
                ? MadeMessage.bytes(of: Array(message.payloads.dropFirst()))
                : Array(
                    MadeMessage.bytes(of: message.payloads)
                        .prefix(MadeMessage.bytes(of: Array(message.payloads.prefix(place))).count))
            let nonces = childNonces[message.messageID] ?? []
            switch (message.exchange, turn.number) {
            case (32, 2): return keys.mac(id + (nonces.first ?? []) + covered)
            case (32, 3): return keys.mac([0] + id + nonces.prefix(2).joined())
            default: return keys.mac(id + covered)
            }
        }
        var own = self
        own.learn(message, turn)
        guard let keys = own.keys ?? own.derived(preShared.isEmpty ? secrets.preShared.first ?? [] : preShared),
            let ours = own.facts.publicValues[turn.isInitiator], let theirs = own.facts.publicValues[!turn.isInitiator],
            let identity = own.identities[turn.isInitiator]
        else { return nil }
        let cookies = [own.facts.initiatorSPI, own.facts.responderSPI].map { Packets.u64($0) }
        let ordered = turn.isInitiator ? cookies[0] + cookies[1] : cookies[1] + cookies[0]
        return keys.phase1MAC(ours + theirs + ordered + own.facts.offer + identity)
    }
}
