import TestSupport

/// Changes of what is encrypted.
extension Talk {
    /// What becomes of the HASH of a message.
    public enum Proof: Sendable {
        /// It is made anew.
        case right
        /// One bit of it is wrong.
        case wrong
    }

    /// A message that a test adds.
    public struct Addition: Sendable {
        public var exchange: UInt8
        public var messageID: UInt32
        /// Without HASH; it gets one of its own.
        public var payloads: [MadeMessage.Payload]
        public var isFromInitiator = true
        public var proof = Proof.right
        /// Behind the payloads in place of before them.
        public var hashIsLast = false
        /// An IV of its own although the message ID is that of another exchange.
        public var restartsIV = false

        public init(
            exchange: UInt8 = 5, messageID: UInt32, payloads: [MadeMessage.Payload], isFromInitiator: Bool = true
        ) {
            (self.exchange, self.messageID, self.payloads) = (exchange, messageID, payloads)
            self.isFromInitiator = isFromInitiator
        }
    }

    /// The message with its payloads opened.
    public func opened(_ place: Place) throws -> MadeMessage {
        var found: MadeMessage?
        _ = try resealing(place) { found = $0 }
        guard let found else { throw TalkError("\(name): \(place) is not reached") }
        return found
    }

    /// The talk as it were if this message said something else; a HASH that was right before is right after.
    public func resealing(
        _ place: Place, proof: Proof = .right, _ change: (inout MadeMessage) throws -> Void = { _ in }
    ) throws -> Talk {
        let target = try index(of: place)
        return try rewriting { index, message, hash in
            guard index == target else { return }
            guard message.closed == nil else { throw TalkError("\(name): no secret opens \(place)") }
            try change(&message)
            hash = hash == nil ? nil : proof
        }
    }

    /// Several messages changed at once, as a negotiation with another outcome needs; those that it cannot open are left.
    public func resealing(_ change: (Place, inout MadeMessage) throws -> Void) throws -> Talk {
        let places = places
        return try rewriting { index, message, _ in
            guard let place = places[index] else { return }
            try change(place, &message)
        }
    }

    /// A message more, encrypted under the keys of the IKE SA that `place` belongs to, `seconds` behind it.
    public func adding(_ addition: Addition, behind place: Place, after seconds: Double = 0.001) throws -> Talk {
        let target = try index(of: place)
        var like = try message(place)
        like.exchange = addition.exchange
        like.messageID = addition.messageID
        like.flags = 1
        let hash = MadeMessage.Payload(.hash, [])
        let made = like.holding(addition.hashIsLast ? addition.payloads + [hash] : [hash] + addition.payloads)
        let isBack = try Self.isInitiator(packet(place), of: conversation(with: target)) != addition.isFromInitiator
        // The frame holds a place for the message until it is written.
        let frame = try frame(place).changing { packet in
            if isBack { packet = packet.reversed }
            packet.ike = made.sealed([]).bytes
        }
        let longer = inserting([frame.later(seconds: seconds)], behind: target)
        return try longer.rewriting(added: (target + 1, made, addition)) { _, _, _ in }
    }

    // MARK: Two followers

    private func conversation(with index: Int) throws -> [UInt8] {
        guard let spi = frames[index].packet?.ike.flatMap({ MadeMessage($0) })?.initiatorSPI,
            let first = frames.first(where: { $0.packet?.ike.flatMap { MadeMessage($0) }?.initiatorSPI == spi })?.packet
        else { throw TalkError("\(name): frame \(index + 1) is no message") }
        return first.source
    }

    private static func isInitiator(_ packet: MadePacket, of address: [UInt8]) -> Bool { packet.source == address }

    fileprivate struct Session {
        var reader: TalkSA
        var writer: TalkSA
        var initiator: [UInt8]
        var seen: [[UInt8]: MadeMessage] = [:]
        var numbers: [[UInt8]: Int] = [:]
    }

    /// Opens each message and encrypts it again; the closure may change the message and what becomes of its HASH, which is
    /// nil where it has none, or none that was right.
    private func rewriting(
        added: (index: Int, message: MadeMessage, addition: Addition)? = nil,
        _ change: (Int, inout MadeMessage, inout Proof?) throws -> Void
    ) throws -> Talk {
        var sessions: [UInt64: Session] = [:]
        var talk = self
        for index in frames.indices {
            guard let packet = frames[index].packet, let bytes = packet.ike, let wire = MadeMessage(bytes),
                wire.version >> 4 == 1
            else { continue }
            var session =
                sessions[wire.initiatorSPI]
                ?? Session(
                    reader: TalkSA(initiatorSPI: wire.initiatorSPI, secrets: secrets),
                    writer: TalkSA(initiatorSPI: wire.initiatorSPI, secrets: secrets), initiator: packet.source)
            defer { sessions[wire.initiatorSPI] = session }
            let isAdded = added?.index == index
            if !isAdded, let before = session.seen[bytes] {
                if before.bytes != bytes { talk.frames[index] = frames[index].changing { $0.ike = before.bytes } }
                continue
            }
            let exchange = [wire.exchange] + Packets.u32(Int(wire.messageID))
            session.numbers[exchange, default: 0] += 1
            let turn = TalkSA.Turn(
                isInitiator: Self.isInitiator(packet, of: session.initiator), number: session.numbers[exchange] ?? 1)
            var message: MadeMessage
            var proof: Proof?
            if isAdded, let added {
                (message, proof) = (added.message, added.addition.proof)
                if added.addition.restartsIV { session.writer.restart(message.messageID) }
            } else {
                let before = session.reader
                message = session.reader.read(wire, turn)
                // The follower that has the keys by now, and has not heard the message itself yet.
                let expected = before.keys == nil ? nil : before.hash(of: message, turn)
                let late = expected ?? session.reader.hash(of: message, turn)
                proof = late != nil && late == message[.hash] ? .right : nil
                try change(index, &message, &proof)
            }
            let written = try session.write(message, turn, proof)
            session.seen[bytes] = written
            if written != wire || isAdded {
                talk.frames[index] = frames[index].changing { $0.ike = written.bytes }
            }
        }
        return talk
    }
}

extension Talk.Session {
    fileprivate mutating func write(_ message: MadeMessage, _ turn: TalkSA.Turn, _ proof: Talk.Proof?) throws
        -> MadeMessage
    {
        var message = message
        if let proof {
            writer.prepare(like: reader)
            guard var hash = writer.hash(of: message, turn) else { throw TalkError("no HASH can be made") }
            if proof == .wrong { hash[0] ^= 1 }
            message[.hash] = hash
        }
        guard let written = writer.write(message, turn, like: reader) else {
            throw TalkError("a message cannot be encrypted: \(message.payloads.map(\.type.number))")
        }
        return written
    }
}

extension MadeMessage {
    fileprivate func holding(_ payloads: [Payload]) -> MadeMessage {
        var message = MadeMessage(
            initiatorSPI: initiatorSPI, responderSPI: responderSPI, exchange: exchange, payloads: payloads)
        (message.version, message.flags, message.messageID) = (version, flags, messageID)
        return message
    }
}
