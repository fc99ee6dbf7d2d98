import ScopeCrypto
import ScopeDissect
import ScopeModel
import ScopeWire

/// Plays a capture's IKE and ESP to a key ring, as a tracker would, with the least of one.
final class Dialogue {
    struct SA {
        var facts: Phase1Facts
        var opener: any IKESAOpener
        var seen: Set<[UInt8]> = []
        var modes: [UInt32: ChildNegotiation] = [:]
    }

    struct Outcome {
        var step: ExchangeStep
        var sender: Role
        var opening: Opening
    }

    let ring: KeyRing
    private(set) var sas: [SA] = []
    private(set) var outcomes: [Outcome] = []
    private(set) var proofs: [HashProof] = []
    private(set) var children: [ChildKeys] = []
    private(set) var openers: [UInt32: any ESPOpener] = [:]
    private(set) var inner: [[UInt8]] = []
    private(set) var verdicts: [ESPVerdict] = []

    init(_ ring: KeyRing) { self.ring = ring }

    func play(_ capture: LabCapture) throws {
        for packet in capture.ike { try hear(packet) }
        let buffer = PlaintextBuffer()
        for packet in capture.esp {
            let spi = packet.bytes.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            if openers[spi] == nil {
                openers[spi] = ring.espOpeners(spi: spi, source: packet.source, destination: packet.destination).first
            }
            guard let opener = openers[spi] else {
                verdicts.append(.noKey)
                continue
            }
            let verdict = opener.open(packet.bytes.span.bytes, esp: 0..<packet.bytes.count, into: buffer).verdict
            verdicts.append(verdict)
            switch verdict {
            case .verified(let payload, _), .unverified(let payload, _):
                inner.append(buffer.withUnsafeBytes { Array($0[payload]) })
            default: break
            }
        }
    }

    func hear(_ packet: LabCapture.Packet) throws {
        let message = try ISAKMPMessage(bytes: packet.bytes)
        guard message.header.majorVersion == 1 else { return }
        if message.header.nextPayload == .fragment {
            if let whole = assemble(message) { try hear(Self.with(whole, packet)) }
            return
        }
        let index = find(message, packet)
        guard sas[index].seen.insert(packet.bytes).inserted else { return }
        let sender = sender(message, packet, index)
        if message.header.responderSPI != 0 { sas[index].facts.responderSPI = message.header.responderSPI }
        let step = step(message, sender, index)
        learn(message, sender, index)
        let opener = sas[index].opener
        guard !message.ciphertext.isEmpty else {
            proofs.append(opener.passed(message, from: sender, step: step))
            return
        }
        let opening = opener.open(message, from: sender, step: step)
        outcomes.append(Outcome(step: step, sender: sender, opening: opening))
        if case .opened(let chain, _, _) = opening, case .quickMode(let number) = step {
            follow(chain, message.header.messageID, number, sender, index)
        }
    }

    private var fragments: [UInt64: [UInt8: [UInt8]]] = [:]

    /// A vendor's IKEv1 fragments (payload 132): id, number from 1, last flag, data.
    private func assemble(_ message: ISAKMPMessage) -> [UInt8]? {
        guard let body = message.chain.body(of: .fragment), body.count > 4 else { return nil }
        let id = message.header.initiatorSPI ^ UInt64(body[0]) << 8 ^ UInt64(body[1])
        fragments[id, default: [:]][body[2]] = Array(body[4...])
        guard body[3] & 1 == 1 else { return nil }
        return fragments.removeValue(forKey: id)?.sorted { $0.key < $1.key }.flatMap(\.value)
    }

    private static func with(_ bytes: [UInt8], _ packet: LabCapture.Packet) -> LabCapture.Packet {
        var packet = packet
        packet.bytes = bytes
        return packet
    }

    private func find(_ message: ISAKMPMessage, _ packet: LabCapture.Packet) -> Int {
        if let index = sas.firstIndex(where: { sa in
            sa.facts.initiatorSPI == message.header.initiatorSPI
                && (sa.facts.responderSPI == 0 || message.header.responderSPI == 0
                    || sa.facts.responderSPI == message.header.responderSPI)
        }) {
            return index
        }
        let facts = Phase1Facts(
            initiatorSPI: message.header.initiatorSPI, responderSPI: message.header.responderSPI,
            initiatorAddress: packet.source, responderAddress: packet.destination)
        sas.append(SA(facts: facts, opener: ring.opener(for: facts)))
        return sas.count - 1
    }

    private func sender(_ message: ISAKMPMessage, _ packet: LabCapture.Packet, _ index: Int) -> Role {
        packet.source == sas[index].facts.initiatorAddress ? .initiator : .responder
    }

    private var phase1: [UInt64: Int] = [:]

    private func step(_ message: ISAKMPMessage, _ sender: Role, _ index: Int) -> ExchangeStep {
        let id = message.header.initiatorSPI
        switch message.header.exchange {
        case .identityProtection:
            let next = phase1[id, default: 0] + 1
            phase1[id] = next
            return .mainMode(next)
        case .aggressive:
            let next = phase1[id, default: 0] + 1
            phase1[id] = next
            return .aggressive(next)
        case .quickMode:
            let mid = message.header.messageID
            var mode = sas[index].modes[mid] ?? ChildNegotiation(messageID: mid, initiatedBy: sender)
            mode.position += 1
            sas[index].modes[mid] = mode
            return .quickMode(mode.position)
        case .informational: return .informational
        case .transaction: return .transaction(1)
        default: return .other(message.header.exchange)
        }
    }

    private func learn(_ message: ISAKMPMessage, _ sender: Role, _ index: Int) {
        guard message.header.messageID == 0, !message.chain.payloads.isEmpty,
            message.header.exchange == .identityProtection || message.header.exchange == .aggressive
        else { return }
        var facts = sas[index].facts
        let chain = message.chain
        if sender == .initiator {
            facts.initiatorSABody = chain.body(of: .sa) ?? facts.initiatorSABody
            facts.initiatorKE = chain.body(of: .keyExchange) ?? facts.initiatorKE
            facts.initiatorNonce = chain.body(of: .nonce) ?? facts.initiatorNonce
            facts.initiatorIDBody = chain.body(of: .identification) ?? facts.initiatorIDBody
        } else {
            if let sa = chain.body(of: .sa) { facts.chosen = Wire.proposals(sa).first?.transforms.first }
            facts.responderKE = chain.body(of: .keyExchange) ?? facts.responderKE
            facts.responderNonce = chain.body(of: .nonce) ?? facts.responderNonce
            facts.responderIDBody = chain.body(of: .identification) ?? facts.responderIDBody
        }
        sas[index].facts = facts
        sas[index].opener.learn(facts)
    }

    private func follow(_ chain: PayloadChain, _ mid: UInt32, _ number: Int, _ sender: Role, _ index: Int) {
        guard var mode = sas[index].modes[mid] else { return }
        let sa = chain.body(of: .sa).map { SAPayload(doi: 1, situation: 1, proposals: Wire.proposals($0)) }
        if number == 1 {
            mode.offer = sa
            mode.initiatorNonce = chain.body(of: .nonce)
            mode.initiatorKE = chain.body(of: .keyExchange)
        } else if number == 2 {
            mode.answer = sa
            mode.responderNonce = chain.body(of: .nonce)
            mode.responderKE = chain.body(of: .keyExchange)
            let keys = sas[index].opener.children(of: mode)
            children.append(keys)
            for (spi, opener) in keys.openers { openers[spi] = opener }
        }
        sas[index].modes[mid] = mode
    }
}

/// SA payload bodies, read as RFC 2408 sections 3.4 to 3.6 lay them out.
enum Wire {
    static func proposals(_ body: [UInt8]) -> [Proposal] {
        var result: [Proposal] = []
        var at = 8
        while at + 8 <= body.count {
            let length = Int(body[at + 2]) << 8 | Int(body[at + 3])
            let spi = Int(body[at + 6])
            guard length >= 8 + spi, at + length <= body.count else { break }
            result.append(
                Proposal(
                    number: body[at + 4], protocolID: SecurityProtocol(rawValue: body[at + 5]),
                    spi: Array(body[(at + 8)..<(at + 8 + spi)]),
                    transforms: transforms(Array(body[(at + 8 + spi)..<(at + length)]))))
            at += length
        }
        return result
    }

    private static func transforms(_ body: [UInt8]) -> [Transform] {
        var result: [Transform] = []
        var at = 0
        while at + 8 <= body.count {
            let length = Int(body[at + 2]) << 8 | Int(body[at + 3])
            guard length >= 8, at + length <= body.count else { break }
            var attributes: [Attribute] = []
            var next = at + 8
            while next + 4 <= at + length {
                let type = UInt16(body[next]) << 8 | UInt16(body[next + 1])
                if type & 0x8000 != 0 {
                    attributes.append(
                        Attribute(type: type & 0x7fff, isShort: true, value: Array(body[(next + 2)..<(next + 4)])))
                    next += 4
                } else {
                    let count = Int(body[next + 2]) << 8 | Int(body[next + 3])
                    guard next + 4 + count <= at + length else { break }
                    attributes.append(
                        Attribute(type: type, isShort: false, value: Array(body[(next + 4)..<(next + 4 + count)])))
                    next += 4 + count
                }
            }
            result.append(Transform(number: body[at + 4], id: body[at + 5], attributes: attributes))
            at += length
        }
        return result
    }
}
