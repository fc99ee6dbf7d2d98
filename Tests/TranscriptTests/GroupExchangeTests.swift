import AnalysisSupport
import Foundation
import ScopeCrypto
import ScopeDissect
import ScopeFormatters
import ScopeModel
import ScopeWire
import TestSupport
import Testing

/// A Main Mode with a pre-shared key and what comes under its keys, encrypted by the openssl program with keys that
/// Python's hmac derives (RFC 2409 section 5 and appendix B).
struct MadeNegotiation {
    static let recipe = """
        import hashlib, hmac, os, subprocess, sys
        prf = lambda k, d: hmac.new(k, d, "sha1").digest()
        u16 = lambda n: n.to_bytes(2, "big")
        short = lambda t, v: u16(t | 0x8000) + u16(v)
        long = lambda t, v: u16(t) + u16(len(v)) + v
        def chain(payloads):
            body = b""
            for i, (t, b) in enumerate(payloads):
                body += bytes([payloads[i + 1][0] if i + 1 < len(payloads) else 0, 0]) + u16(len(b) + 4) + b
            return body
        def header(cookies, first, exchange, flags, mid, size):
            return cookies + bytes([first, 0x10, exchange, flags]) + mid + (28 + size).to_bytes(4, "big")
        def clear(cookies, exchange, payloads, mid=bytes(4)):
            body = chain(payloads)
            return header(cookies, payloads[0][0], exchange, 0, mid, len(body)) + body
        def association(doi, *attributes):
            t = b"".join(attributes)
            t = bytes([0, 0]) + u16(8 + len(t)) + bytes([1, 1, 0, 0]) + t
            return doi.to_bytes(4, "big") + (1).to_bytes(4, "big") + bytes([0, 0]) + u16(8 + len(t)) + bytes([1, 1, 0, 1]) + t
        gdoi = sys.argv[1] == "gdoi"
        sa = association(2 if gdoi else 1, short(1, 7), short(14, 128), short(2, 2), short(3, 1), short(4, 2))
        ki, kr, gxy = os.urandom(128), os.urandom(128), os.urandom(128)
        ni, nr, ci, cr = os.urandom(16), os.urandom(16), os.urandom(8), os.urandom(8)
        skeyid = prf(b"secret", ni + nr)
        d = prf(skeyid, gxy + ci + cr + b"\\0")
        a = prf(skeyid, d + gxy + ci + cr + b"\\1")
        e = prf(skeyid, a + gxy + ci + cr + b"\\2")
        cookies, last = ci + cr, {}
        start = hashlib.sha1(ki + kr).digest()[:16]
        def sealed(exchange, payloads, mid=bytes(4)):
            global phase1
            body = chain(payloads)
            body += bytes(-len(body) % 16)
            if mid == bytes(4): iv = last.get(mid, start)
            else: iv = last.get(mid) or hashlib.sha1(last[bytes(4)] + mid).digest()[:16]
            run = subprocess.run(["openssl", "enc", "-aes-128-cbc", "-nopad", "-K", e[:16].hex(), "-iv", iv.hex()], input=body,
                stdout=subprocess.PIPE, check=True)
            last[mid] = run.stdout[-16:]
            return header(cookies, payloads[0][0], exchange, 1, mid, len(run.stdout)) + run.stdout
        idi, idr = bytes([1, 0, 0, 0, 192, 0, 2, 1]), bytes([1, 0, 0, 0, 198, 51, 100, 2])
        out = [clear(ci + bytes(8), 2, [(1, sa)]), clear(cookies, 2, [(1, sa)]), clear(cookies, 2, [(4, ki), (10, ni)]),
            clear(cookies, 2, [(4, kr), (10, nr)]),
            sealed(2, [(5, idi), (8, prf(skeyid, ki + kr + ci + cr + sa + idi))]),
            sealed(2, [(5, idr), (8, prf(skeyid, kr + ki + cr + ci + sa + idr))])]
        mid = bytes([0x11, 0x22, 0x33, 0x44])
        def hashed(before, rest): return [(8, prf(a, mid + before + chain(rest)))] + rest
        if gdoi:
            n1, n2 = os.urandom(16), os.urandom(16)
            group = bytes([11, 0, 0, 0]) + b"1234"
            policy = bytes([0, 0, 0, 2, 0, 0, 0, 0, 0, 15, 0, 0]) + chain([(15, os.urandom(40)), (16, os.urandom(30))])
            keys = bytes([0, 2, 0, 0]) + b"TOPSECRETGROUPKEYS"
            out += [sealed(32, hashed(b"", [(10, n1), (5, group)]), mid), sealed(32, hashed(n1, [(10, n2), (1, policy)]), mid),
                sealed(32, hashed(n1 + n2, []), mid),
                sealed(32, hashed(n1 + n2, [(18, bytes([0, 0, 0, 9])), (17, keys)]), mid)]
            push = os.urandom(64)
            out.append(header(os.urandom(16), 8, 33, 1, bytes(4), 64) + push)
        else:
            new = association(1, short(4, 32768), short(5, 1), long(6, b"\\xff" * 128), long(7, bytes([2])))
            out += [sealed(33, hashed(b"", [(1, new)]), mid), sealed(33, hashed(b"", [(1, new)]), mid)]
        print("\\n".join(m.hex() for m in out + [ci, gxy]))
        """

    let run: Analysis
    let frames: [Analysis.MadeFrame]
    let keys: KeyFile

    init?(_ kind: String, port: Int) throws {
        let (status, output) = try ChildProcess.run(["python3", "-c", Self.recipe, kind], errors: .discarded)
        var lines = String(decoding: output, as: UTF8.self).split(separator: "\n").map(String.init)
        guard status == 0, let shared = lines.popLast(), let cookie = lines.popLast() else {
            print("SKIPPED: a made negotiation: python3 or the openssl program is not there")
            return nil
        }
        let file = """
            {"schema":"ikescope.keys/1","psk":[{"peer":"*","key":"secret"}],
             "dh":[{"initiator_spi":"\(cookie)","shared":"\(shared)"}]}
            """
        keys = try KeyFile(bytes: Array(file.utf8), path: "made.keys.json")
        frames = Self.frames(lines.map { [UInt8](hex: $0) }, port: port)
        run = Analysis.playing(frames, keys: [keys], debug: .init())
    }

    /// The two sides in turn; a message without an answer before it is the initiator's.
    static func frames(_ messages: [[UInt8]], port: Int) -> [Analysis.MadeFrame] {
        messages.enumerated().map { index, message in
            var packet = Packets.ipv4(17, Packets.udp(port, port, message))
            if index % 2 == 1 { packet.replaceSubrange(12..<20, with: Packets.destination4 + Packets.source4) }
            let bytes = Packets.ethernet(0x0800, packet)
            return Analysis.MadeFrame(
                Frame(
                    number: index + 1, time: Instant(nanoseconds: 1_800_000_000_000_000_000 + Int64(index) * 1_000_000),
                    linkType: .ethernet, capturedLength: bytes.count, originalLength: bytes.count), bytes)
        }
    }

    /// What a formatter makes of the frames.
    func listing(_ formatter: any EventFormatter) -> String {
        let run = Analysis(keys: [keys], formatter: formatter)
        for made in frames { run.follow(.frame(made.frame), made.bytes.span.bytes) }
        run.finish()
        return run.text
    }
}

@Suite("New Group Mode and GDOI are placed and named") struct GroupExchangeTests {
    @Test("GROUPKEY-PULL with its four messages under phase 1, GROUPKEY-PUSH under a key of its own")
    func gdoi() throws {
        guard let made = try MadeNegotiation("gdoi", port: 848) else { return }
        let messages = made.run.messages
        let pull: [Step] = [.v1(.groupKeyPull(1)), .v1(.groupKeyPull(2)), .v1(.groupKeyPull(3)), .v1(.groupKeyPull(4))]
        #expect(messages.map(\.step) == (1...6).map { .v1(.mainMode($0)) } + pull + [.v1(.groupKeyPush)])
        #expect(Set(messages.dropLast().compactMap(\.sa?.id)) == [1] && messages.last?.sa == nil)
        #expect(messages[0].sa?.isGDOI == true && messages[0].sa?.offer?.proposals.count == 1)
        #expect(
            messages.dropFirst(4).map(\.proof) == [
                .verified(.hashI), .verified(.hashR), .verified(.hash(1)), .verified(.hash(2)),
                .verified(.hash(3)), .verified(.hash(4)), .notChecked,
            ])
        #expect(messages[9].readable?.payloads.map(\.name) == ["HASH", "SEQ", "KD"])
        for line in [
            "GROUPKEY-PULL 1 of 4", "asks to join the group key id \"1234\"",
            "sends the policy of the group: 1 key encryption key (KEK), 1 traffic key (TEK)",
            "accepts the policy of the group and asks for its keys", "sends 2 packets of keys",
            "the sequence number of the group's rekeying is 9", "· GROUPKEY-PUSH ·",
        ] { #expect(made.run.text.contains(line)) }
        var options = PacketOptions()
        (options.fields, options.bytes) = (true, true)
        let tree = made.listing(PacketLineFormatter(options))
        let json = made.listing(PacketJSONFormatter())
        #expect(json.contains("\"exchange\":\"groupkey-pull\"") && json.contains("\"exchange\":\"groupkey-push\""))
        #expect(json.contains("\"key_packets\":2") && json.contains("\"name\":\"SAK\""))
        let secret = "TOPSECRETGROUPKEYS"
        let hex = secret.utf8.map { String($0, radix: 16) }.joined()
        #expect(
            !json.contains(hex) && !tree.contains(hex) && !tree.contains(secret) && tree.contains("secret: (hidden)"))
    }

    @Test("New Group Mode, with the group that is proposed")
    func newGroup() throws {
        guard let made = try MadeNegotiation("ngm", port: 500) else { return }
        let last = made.run.messages.suffix(2)
        #expect(last.map(\.step) == [.v1(.newGroup(1)), .v1(.newGroup(2))])
        #expect(last.map(\.proof) == [.verified(.hash(1)), .verified(.hash(2))])
        #expect(last.allSatisfy { $0.sa?.id == 1 })
        #expect(
            made.run.text.contains(
                "the initiator proposes a DH group that it defines itself: number 32768, type MODP(1), prime of 1024 bits, "
                    + "Group-Generator-One 0x02"))
        #expect(made.run.text.contains("the responder accepts the new DH group: number 32768"))
    }
}

@Suite("Public-key encryption is shown as what it is") struct PublicKeyEncryptionTests {
    /// Payload types, and bodies that only the private keys open.
    private func message(_ cookies: String, _ payloads: [(UInt8, [UInt8])], exchange: UInt8 = 2) -> [UInt8] {
        var body: [UInt8] = []
        for (index, payload) in payloads.enumerated() {
            let next = index + 1 < payloads.count ? payloads[index + 1].0 : 0
            body += [next, 0] + Packets.u16(payload.1.count + 4) + payload.1
        }
        let head = [UInt8](hex: cookies) + [payloads[0].0, 0x10, exchange, 0, 0, 0, 0, 0]
        return head + Packets.u32(28 + body.count) + body
    }

    private static func sa(_ method: UInt8) -> [UInt8] {
        [UInt8](hex: "00000001000000010000002401010001 0000001c01010000 80010007800e0080 80020002 8003")
            + [0, method] + [UInt8](hex: "80040002")
    }

    /// Begins like an identity of a type that has a fixed form, which it is none of.
    private static let cipher: [UInt8] = [4] + (0..<127).map { UInt8($0 ^ 0x55) }
    private static let first = "1111111111111111 0000000000000000"
    private static let both = "1111111111111111 2222222222222222"

    private func mainMode(_ method: UInt8, _ third: [(UInt8, [UInt8])]) -> Analysis {
        let messages = [
            message(Self.first, [(1, Self.sa(method))]), message(Self.both, [(1, Self.sa(method))]),
            message(Self.both, third), message(Self.both, third.filter { $0.0 != 8 }.map { ($0.0, $0.1.reversed()) }),
        ]
        return Analysis.playing(MadeNegotiation.frames(messages, port: 500), debug: .init())
    }

    private func seals(_ message: IKEMessage) -> [BodySeal?] {
        message.message.chain.payloads.map { if case .sealed(let seal) = $0.content { seal } else { nil } }
    }

    @Test("RSA encryption (RFC 2409 section 5.2)")
    func plain() throws {
        let run = mainMode(4, [(8, Array(0..<20)), (4, Self.cipher), (5, Self.cipher), (10, Self.cipher)])
        #expect(
            run.messages.map(\.step) == [.v1(.mainMode(1)), .v1(.mainMode(2)), .v1(.mainMode(3)), .v1(.mainMode(4))])
        #expect(run.messages.map(\.sender) == [.initiator, .responder, .initiator, .responder])
        #expect(seals(run.messages[2]) == [nil, nil, .publicKey, .publicKey])
        #expect(seals(run.messages[3]) == [nil, .publicKey, .publicKey])
        #expect(run.messages.allSatisfy { $0.message.chain.payloads.allSatisfy { $0.problem == nil } })
        #expect(run.messages[3].sa?.initiatorIdentity == nil && run.messages[3].sa?.connectionID == 1001)
        #expect(
            run.text.contains(
                "the initiator encrypts ID (128 bytes), NONCE (128 bytes) with the public key of the responder: "
                    + "only its private key opens that"))
        #expect(run.text.contains("sends its DH public value of group 2 (128 bytes)"))
        #expect(!run.text.contains("nonce of 128 bytes"))
    }

    @Test("revised RSA encryption (section 5.3)")
    func revised() throws {
        let run = mainMode(5, [(10, Self.cipher), (4, Self.cipher), (5, Self.cipher), (6, Self.cipher)])
        #expect(
            run.messages.map(\.step) == [.v1(.mainMode(1)), .v1(.mainMode(2)), .v1(.mainMode(3)), .v1(.mainMode(4))])
        #expect(seals(run.messages[3]) == [.publicKey, .nonceKey, .nonceKey, .nonceKey])
        #expect(run.messages.allSatisfy { $0.certificates == nil })
        #expect(
            run.text.contains(
                "the responder encrypts KE (128 bytes), ID (128 bytes), CERT (128 bytes) with a key that follows from "
                    + "the nonce, which only the initiator can open"))
        #expect(!run.text.contains("DH public value"))
    }

    @Test("signatures leave the same payloads as they are")
    func signatures() throws {
        let run = mainMode(3, [(4, Self.cipher), (10, Array(0..<16))])
        #expect(seals(run.messages[2]) == [nil, nil])
        #expect(run.text.contains("and a nonce of 16 bytes"))
    }
}
