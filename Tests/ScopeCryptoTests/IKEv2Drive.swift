import AnalysisSupport
import Synchronization
import ScopeDissect
import ScopeModel
import ScopeWire
import TestSupport

@testable import ScopeCrypto

/// Asks the openers of a capture's IKEv2 SAs what a follower asks them, message by message.
///
/// What was agreed on comes from the lab's own notes, so that nothing of the program's reading of proposals is in it.
final class IKEv2Drive {
    struct Result {
        var sealed = 0
        var opened = 0
        /// What did not open: the frame and why.
        var closed: [String] = []
        var outcomes: [(frame: Int, sender: Role, outcome: AuthenticationOutcome)] = []
        var childStatuses: [KeyStatus] = []
        var openers: [UInt32: any ESPOpener] = [:]
        var verifiers: [UInt32: any AHVerifier] = [:]
        var statuses: [KeyStatus] = []
    }

    private final class SA {
        var facts: IKEv2Facts
        let opener: any IKEv2SAOpener
        /// Pieces by sender, message ID and count.
        var pieces: [String: [Int: [UInt8]]] = [:]
        var firsts: [String: PayloadType] = [:]
        var firstChild = ChildNegotiation(messageID: 0, initiatedBy: .initiator)
        /// Under way, by message ID and who asked.
        var children: [String: ChildNegotiation] = [:]
        var asked: [String: PayloadChain] = [:]
        /// What IKE_FOLLOWUP_KE goes on with.
        var lastChild: ChildNegotiation?
        var lastSuccessor: SA?

        init(_ facts: IKEv2Facts, _ opener: any IKEv2SAOpener) {
            self.facts = facts
            self.opener = opener
        }
    }

    /// Changes what a message says before the openers read it.
    typealias Change = (IKEv2Opened) throws -> IKEv2Opened

    private let keys: IKEv2LabKeys
    private let ring: KeyRing
    private let change: Change?
    private var sas: [UInt64: SA] = [:]
    private var requests: [UInt64: ISAKMPMessage] = [:]
    private(set) var result = Result()

    init(_ keys: IKEv2LabKeys, _ ring: KeyRing, _ change: Change? = nil) {
        self.keys = keys
        self.ring = ring
        self.change = change
    }

    static func run(
        _ folder: String, _ files: [KeyFile], export: KeyExport? = nil, candidates: CandidateSearch? = nil,
        changing change: Change? = nil
    ) throws -> (Result, KeyRing)? {
        guard let keys = IKEv2LabKeys.load(folder), let path = Shared.path("\(folder)/capture.pcap") else {
            return nil
        }
        let ring = KeyRing(files, export: export)
        ring.candidates = candidates
        let drive = IKEv2Drive(keys, ring, change)
        for message in try messages(path) { try drive.take(message) }
        drive.result.statuses = drive.sas.values.map(\.opener.status)
        return (drive.result, ring)
    }

    /// Calls `body` with each encrypted message of a capture, its sender and the opener of its SA, which has seen it.
    static func each(
        _ folder: String, _ files: [KeyFile], _ body: (ISAKMPMessage, Role, any IKEv2SAOpener) -> Void
    ) throws {
        guard let keys = IKEv2LabKeys.load(folder), let path = Shared.path("\(folder)/capture.pcap") else { return }
        let drive = IKEv2Drive(keys, KeyRing(files))
        for message in try messages(path) {
            try drive.take(message)
            let header = message.message.header
            let type = message.message.chain.payloads.last?.type
            guard type == .encrypted || type == .encryptedFragment, let sa = drive.sas[header.initiatorSPI] else {
                continue
            }
            body(message.message, header.flags.contains(.initiator) ? .initiator : .responder, sa.opener)
        }
    }

    /// Each capture is read once for all tests.
    private static let known = Mutex<[String: [IKEMessage]]>([:])

    private static func messages(_ path: String) throws -> [IKEMessage] {
        if let found = known.withLock({ $0[path] }) { return found }
        let messages = try Analysis.of(path, keys: []).messages.filter { $0.repetition == .first }
        known.withLock { $0[path] = messages }
        return messages
    }

    private func take(_ event: IKEMessage) throws {
        let message = event.message
        let header = message.header
        guard header.majorVersion == 2, (34...44).contains(header.exchange.rawValue) else { return }
        let sender: Role = header.flags.contains(.initiator) ? .initiator : .responder
        if header.exchange == .ikeSAInit || header.exchange.rawValue == 38 {
            begin(message, event, sender)
            return
        }
        guard let last = message.chain.payloads.last, last.type == .encrypted || last.type == .encryptedFragment,
            let sa = sas[header.initiatorSPI]
        else { return }
        result.sealed += 1
        switch sa.opener.open(message, from: sender) {
        case .sealed(let why): result.closed.append("frame \(event.frames): \(why)")
        case .unreadable(let tried): result.closed.append("frame \(event.frames): none of \(tried)")
        case .opened(let plaintext, let first, _):
            result.opened += 1
            guard let whole = joined(plaintext, first, last, message, sender, sa) else { return }
            let chain = PayloadChain(
                decoding: whole.bytes, in: 0..<whole.bytes.count, first: whole.first, version: 2, limit: .plaintext)
            let clear = Array(message.bytes[ISAKMPHeader.length..<last.range.lowerBound])
            let opened = IKEv2Opened(header: header, clear: clear, chain: chain, sender: sender)
            read(try change?(opened) ?? opened, sa, frame: event.frames[0])
        }
    }

    private func joined(
        _ plaintext: [UInt8], _ first: PayloadType, _ payload: Payload, _ message: ISAKMPMessage, _ sender: Role,
        _ sa: SA
    ) -> (bytes: [UInt8], first: PayloadType)? {
        guard payload.type == .encryptedFragment else { return (plaintext, first) }
        let head = Array(message.bytes[payload.body].prefix(4))
        let (number, total) = (Int(head[0]) << 8 | Int(head[1]), Int(head[2]) << 8 | Int(head[3]))
        let key = "\(sender) \(message.header.messageID) \(total)"
        sa.pieces[key, default: [:]][number] = plaintext
        if number == 1 { sa.firsts[key] = first }
        guard let pieces = sa.pieces[key], pieces.count == total, let first = sa.firsts[key] else { return nil }
        sa.pieces[key] = nil
        return ((1...total).flatMap { pieces[$0] ?? [] }, first)
    }

    // MARK: What the messages say

    private func row(_ spi: UInt64) -> IKEv2LabKeys.IKE? {
        keys.ike.first { UInt64($0.spi_i ?? "", radix: 16) == spi }
    }

    private func suite(_ spi: UInt64) -> IKESuite? {
        guard let row = row(spi), var suite = row.agreed else { return nil }
        for (word, group) in [("ML_KEM_512", 35), ("ML_KEM_768", 36), ("ML_KEM_1024", 37)] {
            if row.proposal?.contains("KE1_\(word)") ?? false {
                suite.additionalGroups = [DHGroup(rawValue: UInt16(group))]
            }
        }
        return suite
    }

    private static func keyExchange(_ chain: PayloadChain) -> (group: DHGroup, value: [UInt8])? {
        guard let body = chain.body(of: .keyExchangeV2), body.count > 4 else { return nil }
        return (DHGroup(rawValue: UInt16(body[0]) << 8 | UInt16(body[1])), Array(body[4...]))
    }

    private static func notifies(_ chain: PayloadChain) -> [UInt16] {
        chain.all(.notify).map { payload in
            let body = Array(chain.slice(payload.body))
            return body.count >= 4 ? UInt16(body[2]) << 8 | UInt16(body[3]) : 0
        }
    }

    private func begin(_ message: ISAKMPMessage, _ event: IKEMessage, _ sender: Role) {
        let header = message.header
        let isResume = header.exchange.rawValue == 38
        guard sender == .responder else {
            requests[header.initiatorSPI] = message
            return
        }
        guard let request = requests[header.initiatorSPI], let nr = message.chain.body(of: .nonceV2),
            let ni = request.chain.body(of: .nonceV2), sas[header.initiatorSPI] == nil, header.responderSPI != 0
        else { return }
        var facts = IKEv2Facts(
            isResume ? .resumption : .initial, initiatorSPI: header.initiatorSPI, responderSPI: header.responderSPI,
            initiatorAddress: event.destination.address, responderAddress: event.source.address)
        facts.suite = suite(header.initiatorSPI)
        facts.initiatorNonce = ni
        facts.responderNonce = nr
        facts.initiatorFirst = request.bytes
        facts.responderFirst = message.bytes
        if let i = Self.keyExchange(request.chain), let r = Self.keyExchange(message.chain) {
            facts.keyExchanges = [KeyExchangeStep(group: r.group, initiatorValue: i.value, responderValue: r.value)]
        }
        facts.usesPPK = [request, message].allSatisfy { Self.notifies($0.chain).contains(16435) }
        guard row(header.initiatorSPI) != nil, let opener = ring.opener(for: facts) else { return }
        sas[header.initiatorSPI] = SA(facts, opener)
    }

    private func read(_ opened: IKEv2Opened, _ sa: SA, frame: Int) {
        if let outcome = sa.opener.read(opened) { result.outcomes.append((frame, opened.sender, outcome)) }
        let header = opened.header
        let isResponse = header.flags.contains(.response)
        let asker: Role = isResponse ? opened.sender.other : opened.sender
        let key = "\(asker) \(header.messageID)"
        if !isResponse { sa.asked[key] = opened.chain }
        guard isResponse, let request = sa.asked[key] else { return }
        switch header.exchange.rawValue {
        case 43:
            guard let i = Self.keyExchange(request), let r = Self.keyExchange(opened.chain) else { return }
            sa.facts.keyExchanges.append(
                KeyExchangeStep(group: r.group, initiatorValue: i.value, responderValue: r.value))
            sa.opener.learn(sa.facts)
        case 35:
            // With EAP the offer comes in the first request.
            let offer = sa.asked.values.first { $0.contains(.securityAssociationV2) } ?? request
            child(offer, opened.chain, by: .initiator, sa)
        case 36: createChild(request, opened.chain, by: asker, sa)
        case 44: followUp(request, opened.chain, sa)
        default: break
        }
    }

    /// Protocol and SPI of the first proposal.
    private static func proposal(_ chain: PayloadChain) -> (protocolID: UInt8, spi: [UInt8])? {
        guard let body = chain.body(of: .securityAssociationV2), body.count > 8 else { return nil }
        return (body[5], Array(body[8..<min(body.count, 8 + Int(body[6]))]))
    }

    private static func number(_ bytes: [UInt8]) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }

    private func createChild(_ request: PayloadChain, _ answer: PayloadChain, by asker: Role, _ sa: SA) {
        guard let asked = Self.proposal(request), let given = Self.proposal(answer) else { return }
        guard asked.protocolID == 1 else { return child(request, answer, by: asker, sa) }
        let ends = (sa.facts.initiatorAddress, sa.facts.responderAddress)
        var facts = IKEv2Facts(
            .rekeying, initiatorSPI: Self.number(asked.spi), responderSPI: Self.number(given.spi),
            initiatorAddress: asker == .initiator ? ends.0 : ends.1,
            responderAddress: asker == .initiator ? ends.1 : ends.0)
        facts.suite = suite(facts.initiatorSPI)
        facts.initiatorNonce = request.body(of: .nonceV2)
        facts.responderNonce = answer.body(of: .nonceV2)
        if let i = Self.keyExchange(request), let r = Self.keyExchange(answer) {
            facts.keyExchanges = [KeyExchangeStep(group: r.group, initiatorValue: i.value, responderValue: r.value)]
        }
        guard facts.suite != nil else { return }
        let next = SA(facts, sa.opener.successor(facts))
        sas[facts.initiatorSPI] = next
        sa.lastSuccessor = next
        sa.lastChild = nil
    }

    private func followUp(_ request: PayloadChain, _ answer: PayloadChain, _ sa: SA) {
        guard let i = Self.keyExchange(request), let r = Self.keyExchange(answer) else { return }
        let step = KeyExchangeStep(group: r.group, initiatorValue: i.value, responderValue: r.value)
        if var negotiation = sa.lastChild {
            negotiation.additionalExchanges.append(step)
            sa.lastChild = negotiation
            take(sa.opener.childKeys(of: negotiation))
        } else if let next = sa.lastSuccessor {
            next.facts.keyExchanges.append(step)
            next.opener.learn(next.facts)
        }
    }

    private func child(_ request: PayloadChain, _ answer: PayloadChain, by asker: Role, _ sa: SA) {
        guard let asked = Self.proposal(request), let given = Self.proposal(answer), given.spi.count == 4 else {
            return
        }
        let spis = (UInt32(Self.number(asked.spi)), UInt32(Self.number(given.spi)))
        guard let row = keys.sas?.first(where: { [spis.0, spis.1].contains(UInt32($0.spi, radix: 16) ?? 0) }),
            let suite = Self.suite(row)
        else { return }
        var negotiation = ChildNegotiation(messageID: 0, initiatedBy: asker)
        negotiation.initiatorNonce = request.body(of: .nonceV2)
        negotiation.responderNonce = answer.body(of: .nonceV2)
        var agreed = suite
        if let i = Self.keyExchange(request), let r = Self.keyExchange(answer) {
            negotiation.initiatorKE = i.value
            negotiation.responderKE = r.value
            agreed.group = r.group
        }
        negotiation.agree(on: [
            ChildNegotiation.Agreement(suite: agreed, spiToInitiator: spis.0, spiToResponder: spis.1)
        ])
        sa.lastChild = negotiation
        sa.lastSuccessor = nil
        // Additional exchanges follow in IKE_FOLLOWUP_KE.
        if row.addke_shared?.isEmpty ?? true || sa.facts.suite == nil || negotiation.initiatorKE == nil {
            take(sa.opener.childKeys(of: negotiation))
        }
    }

    private func take(_ keys: ChildKeys) {
        result.childStatuses.append(keys.status)
        for (spi, opener) in keys.openers { result.openers[spi] = opener }
        for (spi, verifier) in keys.verifiers { result.verifiers[spi] = verifier }
    }

    /// What the lab's row of a child says was agreed on.
    private static func suite(_ row: IKEv2LabKeys.SA) -> ChildSuite? {
        var suite = ChildSuite(row.proto == "AH" ? .ah : .esp)
        let length = (row.enc_key ?? "").count / 2
        switch row.enc_alg {
        case "AES_CBC", "CAMELLIA_CBC": suite.keyLength = UInt16(length * 8)
        case "AES_CTR": suite.keyLength = UInt16((length - 4) * 8)
        case let name? where name.contains("GCM") || name.contains("GMAC"): suite.keyLength = UInt16((length - 4) * 8)
        case let name? where name.contains("CCM"): suite.keyLength = UInt16((length - 3) * 8)
        default: break
        }
        let more: [String: Cipher] = [
            "NULL_AES_GMAC": .nullWithGMAC, "NULL_AUTH_AES_GMAC": .nullWithGMAC, "AES_GCM_16_IIV": .aesGCM16ImplicitIV,
            "ENCR_AES_GCM_16_IIV": .aesGCM16ImplicitIV,
        ]
        if row.proto != "AH" {
            guard let name = row.enc_alg, let cipher = IKEv2LabKeys.IKE.ciphers[name] ?? more[name] else { return nil }
            suite.cipher = cipher
        }
        suite.integrity = row.auth_alg.flatMap { IKEv2LabKeys.IKE.integrities[$0] }
        suite.hasESN = row.esn ?? false
        return suite
    }
}
