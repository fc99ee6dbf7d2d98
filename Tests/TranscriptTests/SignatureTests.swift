import AnalysisSupport
import Foundation
import ScopeCrypto
import ScopeDissect
import ScopeFormatters
import ScopeModel
import ScopeWire
import TestSupport
import Testing

/// An Aggressive Mode with signatures, all in the clear, of a key that the openssl program makes and signs with.
///
/// Python's hmac is what the HASH comes from, so that nothing of the code under test makes its own expectation.
struct SignedExchange {
    /// One message a line in hex, then g^xy; `sys.argv`: method, hash, key (`rsa`, `dsa`, `P-256` …), what to do besides.
    static let recipe = """
        import hashlib, hmac, os, subprocess, sys, tempfile
        method, hash_name, kind, twist = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]
        os.chdir(tempfile.mkdtemp())
        def run(*a, **k): return subprocess.run(a, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, **k).stdout
        def make(name, san):
            if kind == "rsa": run("openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", name + ".key")
            elif kind == "dsa":
                run("openssl", "genpkey", "-genparam", "-algorithm", "DSA", "-pkeyopt", "dsa_paramgen_bits:1024", "-pkeyopt",
                    "dsa_paramgen_q_bits:160", "-out", name + ".par")
                run("openssl", "genpkey", "-paramfile", name + ".par", "-out", name + ".key")
            else: run("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:" + kind, "-out", name + ".key")
            run("openssl", "req", "-x509", "-new", "-key", name + ".key", "-subj", "/CN=" + name, "-days", "100", "-addext",
                "subjectAltName=DNS:" + san, "-outform", "DER", "-out", name + ".der")
            return open(name + ".der", "rb").read()
        own, other = make("own", "r.example.com"), make("other", "x.example.com")
        prf = lambda h, k, d: hmac.new(k, d, h).digest()
        u16 = lambda n: n.to_bytes(2, "big")
        short = lambda t, v: u16(t | 0x8000) + u16(v)
        hashes = {"md5": 1, "sha1": 2, "sha256": 4, "sha384": 5, "sha512": 6}
        policy = short(1, 7) + short(14, 256) + short(2, hashes[hash_name]) + short(3, method) + short(4, 2)
        transform = bytes([0, 0]) + u16(8 + len(policy)) + bytes([1, 1, 0, 0]) + policy
        proposal = bytes([0, 0]) + u16(8 + len(transform)) + bytes([1, 1, 0, 1]) + transform
        sa = bytes([0, 0, 0, 1, 0, 0, 0, 1]) + proposal
        ki, kr, gxy = os.urandom(128), os.urandom(128), os.urandom(128)
        ni, nr = os.urandom(16), os.urandom(16)
        ci, cr = os.urandom(8), os.urandom(8)
        idi, idr = bytes([2, 0, 0, 0]) + b"i.example.com", bytes([2, 0, 0, 0]) + b"r.example.com"
        skeyid = prf(hash_name, ni + nr, gxy)
        tied = {2: "sha1", 9: "sha256", 10: "sha384", 11: "sha512"}.get(method, hash_name)
        def sign(digest):
            open("h", "wb").write(digest)
            if kind == "rsa": return run("openssl", "pkeyutl", "-sign", "-inkey", "own.key", "-in", "h")
            der = run("openssl", "pkeyutl", "-sign", "-inkey", "own.key", "-in", "h")
            at = 3 if der[1] == 0x81 else 2
            parts = []
            while at < len(der):
                parts.append(int.from_bytes(der[at + 2:at + 2 + der[at + 1]], "big")); at += 2 + der[at + 1]
            size = {"dsa": 20, "P-256": 32, "P-384": 48, "P-521": 66}[kind]
            return b"".join(p.to_bytes(size, "big") for p in parts)
        hash_r = prf(tied, skeyid, kr + ki + cr + ci + sa + idr)
        hash_i = prf(tied, skeyid, ki + kr + ci + cr + sa + idi)
        if twist == "rehashed": hash_r = hashlib.new(tied, hash_r).digest()
        sig_r, sig_i = sign(hash_r), sign(hash_i)
        if twist == "tampered": sig_r = sig_r[:-1] + bytes([sig_r[-1] ^ 1])
        def message(cookies, payloads):
            body = b""
            for i, (t, b) in enumerate(payloads):
                body += bytes([payloads[i + 1][0] if i + 1 < len(payloads) else 0, 0]) + u16(len(b) + 4) + b
            return cookies + bytes([payloads[0][0], 0x10, 4, 0, 0, 0, 0, 0]) + (28 + len(body)).to_bytes(4, "big") + body
        cert = lambda der: (6, b"\\x04" + der)
        shown = [cert(other), cert(own)] if twist == "several" else [cert(other)] if twist == "foreign" else [cert(own)]
        early = twist == "early"
        print(message(ci + bytes(8), [(1, sa), (4, ki), (10, ni), (5, idi)] + ([cert(own)] if early else [])).hex())
        print(message(ci + cr, [(1, sa), (4, kr), (10, nr), (5, idr)] + shown + [(9, sig_r)]).hex())
        print(message(ci + cr, ([] if early else [cert(own)]) + [(9, sig_i)]).hex())
        print(gxy.hex())
        print(ci.hex())
        """

    let keys: KeyFile
    let frames: [Analysis.MadeFrame]
    let run: Analysis
    let text: String

    init?(_ method: Int, _ hash: String, _ kind: String, _ twist: String = "none") throws {
        let (status, output) = try ChildProcess.run(
            ["python3", "-c", Self.recipe, "\(method)", hash, kind, twist], errors: .discarded)
        let lines = String(decoding: output, as: UTF8.self).split(separator: "\n").map(String.init)
        guard status == 0, lines.count == 5 else {
            print(
                "SKIPPED: signatures of \(kind): python3 or the openssl program is not there, or does not make such keys"
            )
            return nil
        }
        let file = """
            {"schema":"ikescope.keys/1","dh":[{"initiator_spi":"\(lines[4])","shared":"\(lines[3])"}]}
            """
        keys = try KeyFile(bytes: Array(file.utf8), path: "signed.keys.json")
        frames = lines.prefix(3).enumerated().map { index, line in
            let message = [UInt8](hex: line)
            var packet = Packets.ipv4(17, Packets.udp(500, 500, message))
            if index == 1 { packet.replaceSubrange(12..<20, with: Packets.destination4 + Packets.source4) }
            let bytes = Packets.ethernet(0x0800, packet)
            let now = Int64(Date().timeIntervalSince1970) + 60 + Int64(index)
            return Analysis.MadeFrame(
                Frame(
                    number: index + 1, time: Instant(nanoseconds: now * 1_000_000_000), linkType: .ethernet,
                    capturedLength: bytes.count, originalLength: bytes.count), bytes)
        }
        run = Analysis.playing(frames, keys: [keys], debug: .init())
        text = run.text
    }
}

@Suite("Signatures are checked with the certificate whose key fits") struct SignatureTests {
    @Test(
        "RSA, DSS, and the three curves, whatever hash was agreed on",
        arguments: [
            (3, "sha1", "rsa"), (3, "sha256", "rsa"), (2, "sha1", "dsa"), (2, "md5", "dsa"), (9, "sha256", "P-256"),
            (9, "sha1", "P-256"), (10, "sha384", "P-384"), (11, "sha1", "P-521"), (11, "sha512", "P-521"),
        ])
    func methods(method: Int, hash: String, kind: String) throws {
        guard let exchange = try SignedExchange(method, hash, kind) else { return }
        let messages = exchange.run.messages
        #expect(
            messages.map(\.proof) == [
                .notChecked, .verified(.signature(.responder)), .verified(.signature(.initiator)),
            ])
        #expect(messages.map(\.step) == [.v1(.aggressive(1)), .v1(.aggressive(2)), .v1(.aggressive(3))])
        let report = try #require(messages[1].certificates)
        #expect(report.certificates.map(\.isSigner) == [true] && report.identity == .alternativeName)
        // The initiator is i.example.com, and shows the certificate of the responder.
        #expect(messages[2].certificates?.identity == .absent)
        #expect(exchange.text.contains("proved by SIG_R with the key of its certificate"))
        #expect(
            exchange.text.contains(
                "the identity is not in the certificate of \"CN=own\": a peer that follows RFC 4945 refuses it"))
    }

    @Test("a HASH that was hashed once more, as FIPS 186 reads", arguments: [(2, "dsa"), (9, "P-256")])
    func rehashed(method: Int, kind: String) throws {
        guard let exchange = try SignedExchange(method, "sha1", kind, "rehashed") else { return }
        #expect(exchange.run.messages[1].proof == .verified(.signature(.responder)))
    }

    @Test("a changed signature, and a certificate of another key, prove nothing", arguments: ["tampered", "foreign"])
    func wrong(twist: String) throws {
        for (method, kind) in [(3, "rsa"), (9, "P-256"), (2, "dsa")] {
            guard let exchange = try SignedExchange(method, "sha1", kind, twist) else { return }
            #expect(
                exchange.run.messages.map(\.proof) == [.notChecked, .notChecked, .verified(.signature(.initiator))])
            #expect(exchange.run.messages[1].certificates?.certificates.contains { $0.isSigner } == false)
            #expect(exchange.text.contains(", with a signature that no known key proves"))
        }
    }

    @Test("of several certificates the one that signed speaks for the sender")
    func several() throws {
        guard let exchange = try SignedExchange(9, "sha256", "P-256", "several") else { return }
        let report = try #require(exchange.run.messages[1].certificates)
        #expect(exchange.run.messages[1].proof == .verified(.signature(.responder)) && report.subject == 1)
        #expect(report.certificates.map(\.isSigner) == [false, true] && report.identity == .alternativeName)
    }

    @Test("a certificate that came earlier in the exchange serves as well")
    func early() throws {
        guard let exchange = try SignedExchange(9, "sha256", "P-256", "early") else { return }
        #expect(exchange.run.messages[2].proof == .verified(.signature(.initiator)))
        let report = try #require(exchange.run.messages[2].certificates)
        #expect(report.payloads.isEmpty && report.certificates.map(\.isSigner) == [true])
    }

    @Test("a message in the clear that is sent again is as proved as the first one")
    func repeated() throws {
        guard let exchange = try SignedExchange(9, "sha256", "P-256") else { return }
        var frames = exchange.frames
        var again = frames[1]
        again.frame.time = Instant(nanoseconds: again.frame.time.nanoseconds + 500_000_000)
        frames.insert(again, at: 2)
        let messages = Analysis.playing(frames, keys: [exchange.keys]).messages
        #expect(messages.map(\.repetition)[2] == .retransmission(of: 2, count: 1))
        #expect(messages.map(\.proof)[1...2].allSatisfy { $0 == .verified(.signature(.responder)) })
        #expect(messages[2].certificates?.certificates.map(\.isSigner) == [true])
    }
}
