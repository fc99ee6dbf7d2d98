import ScopeDissect
import ScopeModel
import ScopeWire

/// `Sending Packet` and `Received Packet` with their payloads, and what was built for one.
extension IKEv2Lines {
    /// The block of this message's packet.
    ///
    /// The device lists of its own encrypted packet the payload that holds the others, and of a packet that it received
    /// what it holds.
    mutating func packet(as prefix: Prefix = .plain) {
        endLineAtPacket()
        if isOutgoing {
            line(
                as: prefix, "Sending Packet [To ", .upperAddress(peer), ":", .number(remoteEnd.port), "/From ",
                .upperAddress(localEnd.address), ":", .number(localEnd.port), "/VRF i0:f0] ")
        } else {
            line(
                as: prefix, "Received Packet [From ", .upperAddress(peer), ":", .number(remoteEnd.port), "/To ",
                .upperAddress(localEnd.address), ":", .number(localEnd.port), "/VRF i0:f0] ")
        }
        continuation(
            "Initiator SPI : ", .paddedUpperHex(header.initiatorSPI, digits: 16), " - Responder SPI : ",
            .paddedUpperHex(header.responderSPI, digits: 16), " Message id: ", .number(step.messageID))
        continuation(
            "IKEv2 ", PayloadWords.exchange(step.exchange), " Exchange ", step.isResponse ? "RESPONSE " : "REQUEST ")
        continuation("Payload contents: ")
        if isOutgoing || chain == nil {
            words(message.message.chain)
            // The payload that holds the others ends its line itself.
            if message.message.isEncrypted { blank() }
        } else if let chain {
            words(chain)
        }
        endLineAtPacket()
        dumpPacket()
    }

    /// What goes into a packet before it is encrypted.
    mutating func building() {
        guard isOutgoing, let chain, message.message.isEncrypted else { return }
        say(side == .initiator ? "Building packet for encryption.  " : "Building packet for encryption. ")
        continuation("Payload contents: ")
        words(chain)
        dump(chain)
    }

    /// A line with a word for each payload, and a blank before each word.
    private mutating func words(_ chain: PayloadChain) {
        guard beginContinuation() else { return }
        for payload in chain.payloads {
            out.sink.byte(UInt8(ascii: " "))
            PayloadWords.write(payload, to: out.sink)
        }
    }

    private mutating func blank() {
        guard out.commands.contains(.ikev2) else { return }
        out.sink.byte(UInt8(ascii: " "))
        _ = beginContinuation()
    }
}
