import ScopeWire

/// A log of strongSwan's charon, whose levels ike = 4 and chd = 4 print keys.
///
///     2026-11-23T08:47:05.380 15[IKE] <gw|1> SKEYID_d => 20 bytes @ 0x560ebc6a5120
///     2026-11-23T08:47:05.380 15[IKE] <gw|1>    0: 21 47 03 6A C8 8E 31 A0 B8 4D 6F 9A CD 56 59 F6  !G.j..1..Mo..VY.
///
/// Threads write between each other's lines, so a dump is followed by its thread, and its keys by the IKE SA's number;
/// a log that has neither is taken in its order.
struct CharonLog: KeyLineReader {
    static let format = KeyFileFormat.charon

    static func recognizes(_ line: Line) -> Bool {
        CharonEntry(line).thread != nil || (line.contains(" => ") && line.contains(" bytes @ 0x"))
    }

    /// The dumps that hold a key or tell whose keys they are.
    private enum Label: Hashable {
        case ike(IKEKeyKind)
        case initialIV, cookies, secret, newSA, ppk, mixing
        case child(WritableKeyPath<CharonChild, Secret?>)

        init?(_ text: Line) {
            guard let found = Self.known.first(where: { text.equals($0.0) })?.1 else { return nil }
            self = found
        }

        private static nonisolated(unsafe) let known: [(StaticString, Label)] = [
            ("SKEYID", .ike(.skeyid)), ("SKEYID_d", .ike(.skeyidD)),
            ("SKEYID_a", .ike(.skeyidA)), ("SKEYID_e", .ike(.skeyidE)),
            ("encryption key Ka", .ike(.cipherKey)), ("initial IV", .initialIV),
            ("natd_chunk", .cookies), ("SKEYSEED", .newSA), ("secret", .secret),
            ("PPK", .ppk), ("derive keys using PPK", .mixing),
            ("Sk_d secret", .ike(.skD)), ("Sk_ai secret", .ike(.skAI)),
            ("Sk_ar secret", .ike(.skAR)), ("Sk_ei secret", .ike(.skEI)),
            ("Sk_er secret", .ike(.skER)), ("Sk_pi secret", .ike(.skPI)),
            ("Sk_pr secret", .ike(.skPR)), ("initiator SA seed", .child(\.initiatorSeed)),
            ("responder SA seed", .child(\.responderSeed)), ("encryption initiator key", .child(\.initiatorEncryption)),
            ("encryption responder key", .child(\.responderEncryption)),
            ("integrity initiator key", .child(\.initiatorIntegrity)),
            ("integrity responder key", .child(\.responderIntegrity)),
        ]
    }

    private struct Dump {
        let label: Label
        var bytes: SecretBuffer
        let join: Int
        let line: Int
    }

    /// What is known of one IKE SA, by its number, else by the thread.
    private struct SA {
        /// Its newest row in the file.
        var row: Int?
        var cookies: (initiator: UInt64, responder: UInt64)?
        /// Cookies were given to a row: IKEv2 prints those of its first SA alone.
        var isPlaced = false
        var child: CharonChild?
        /// Whether this side began the exchange that is under way; nil before one was seen.
        var isInitiator: Bool?
        var usesESN = false
        /// SK_d, SK_pi and SK_pr come once more, with the PPK in them (RFC 8784).
        var isMixing = false
        /// `adding inbound ESP SA` waits for its line with the SPI.
        var announced: (isInbound: Bool, isAH: Bool)?
    }

    private var dumps: [Int: Dump] = [:]
    private var sas: [Int: SA] = [:]
    private var lastThread = 0
    private var knownSecrets = KnownSecrets()

    /// Larger dumps are messages; so many threads and SAs are followed at a time.
    private static let longestDump = 8192
    private static let mostThreads = 1024
    private static let mostSAs = 1 << 14

    init() {}

    mutating func take(_ line: Line, into file: inout KeyFile) {
        let entry = CharonEntry(line)
        let content = entry.content
        let thread = entry.thread ?? lastThread
        lastThread = thread
        if dumps[thread] != nil, take(content, of: thread, into: &file) { return }
        let join = entry.sa ?? -1 - thread
        if let arrow = content.find(" => "), content.contains(" bytes @ ") {
            begin(content, arrow, thread, join)
        } else {
            note(content, join, into: &file)
        }
    }

    mutating func finish(into file: inout KeyFile) {
        for join in sas.keys.sorted() { flush(join, into: &file) }
    }

    // MARK: Dumps

    private mutating func begin(_ content: Line, _ arrow: Int, _ thread: Int, _ join: Int) {
        dumps[thread] = nil
        guard let label = Label(content[0..<arrow].trimmed),
            let count = content.dropFirst(arrow + 4).words(limit: 1).first?.decimal, count > 0,
            count <= Self.longestDump
        else { return }
        if dumps.count >= Self.mostThreads { dumps.removeAll() }
        dumps[thread] = Dump(label: label, bytes: SecretBuffer(capacity: count), join: join, line: content.number)
    }

    /// Takes in the next line of a dump; false when it is none, which ends the dump.
    private mutating func take(_ content: Line, of thread: Int, into file: inout KeyFile) -> Bool {
        guard var dump = dumps[thread] else { return false }
        let text = content.trimmed
        guard let colon = text.find(UInt8(ascii: ":")), colon <= 5, let offset = text[0..<colon].decimal,
            offset == dump.bytes.count, text[colon + 1] == 0x20
        else {
            dumps[thread] = nil
            return false
        }
        let left = dump.bytes.capacity - offset
        guard text.dropFirst(colon + 2).takeBytes(into: &dump.bytes, most: min(16, left), gap: 1) == min(16, left)
        else {
            dumps[thread] = nil
            return false
        }
        dumps[thread] = dump.bytes.isFull ? nil : dump
        if dump.bytes.isFull { complete(dump, into: &file) }
        return true
    }

    private mutating func complete(_ dump: Dump, into file: inout KeyFile) {
        var sa = sas[dump.join] ?? SA()
        let secret = dump.bytes.secret
        switch dump.label {
        case .newSA: (sa.row, sa.isMixing) = (nil, false)
        case .mixing: sa.isMixing = true
        case .ppk:
            if knownSecrets.insert(secret) { file.ppk.append(KeyFile.PPK(id: nil, key: secret, line: dump.line)) }
        case .ike(let kind):
            if let row = sa.row,
                file.ike[row].version != kind.version || file.ike[row].keys[kind] != nil && !sa.isMixing
                    || kind == .skeyid
            {
                sa.row = nil
            }
            let row = sa.row ?? addRow(kind.version, dump.line, &sa, into: &file)
            sa.row = row
            file.ike[row].keys[kind] = secret
        case .initialIV:
            if let row = sa.row { file.ike[row].initialIV = secret.withBytes { Array($0) } }
        case .cookies:
            guard secret.count >= 22 else { break }
            let number = { (start: Int) in secret.slice(start..<(start + 8)).number }
            sa.cookies = (number(0), number(8))
            if let row = sa.row, file.ike[row].version == 1 || !sa.isPlaced || file.ike[row].initiatorSPI != nil {
                place(&sa, row, into: &file)
            }
        case .secret:
            // The PSK of IKEv2, once for each message that it signs; or what EAP agreed on.
            if knownSecrets.insert(secret) {
                file.psk.append(KeyFile.PSK(peer: .any, key: secret, line: dump.line))
            }
        case .child(let part):
            var child = sa.child ?? CharonChild(line: dump.line)
            if child[keyPath: part] != nil { child = CharonChild(line: dump.line) }
            child[keyPath: part] = secret
            sa.child = child
        }
        set(sa, dump.join)
    }

    private func addRow(_ version: Int, _ line: Int, _ sa: inout SA, into file: inout KeyFile) -> Int {
        var row = KeyFile.IKE()
        row.version = version
        row.line = line
        file.ike.append(row)
        let index = file.ike.count - 1
        if version == 1 || !sa.isPlaced { place(&sa, index, into: &file) }
        return index
    }

    private func place(_ sa: inout SA, _ row: Int, into file: inout KeyFile) {
        guard let cookies = sa.cookies, cookies.initiator != 0 else { return }
        guard file.ike[row].initiatorSPI == nil || file.ike[row].initiatorSPI == cookies.initiator else { return }
        file.ike[row].initiatorSPI = cookies.initiator
        file.ike[row].responderSPI = cookies.responder == 0 ? nil : cookies.responder
        sa.isPlaced = true
    }

    private mutating func set(_ sa: SA, _ join: Int) {
        if sas.count >= Self.mostSAs, sas[join] == nil { sas.removeAll() }
        sas[join] = sa
    }

    // MARK: What stands between the dumps

    private mutating func note(_ content: Line, _ join: Int, into file: inout KeyFile) {
        let text = content.trimmed
        if text.hasPrefix("Starting IKE charon") || text.hasPrefix("Starting charon") {
            // The daemon counts from 1 again.
            for join in sas.keys.sorted() { flush(join, into: &file) }
            sas = [:]
            dumps = [:]
            return
        }
        guard let change = CharonNotice(text) else { return }
        var sa = sas[join] ?? SA()
        switch change {
        case .exchange(let isInitiator): sa.isInitiator = isInitiator
        case .selected(let usesESN): sa.usesESN = usesESN
        case .encryption(let name):
            if sa.child?.encryptionName != nil || sa.child?.hasKeys ?? false { sa.child = nil }
            var child = sa.child ?? CharonChild(line: content.number)
            child.encryptionName = name
            sa.child = child
        case .integrity(let name):
            if sa.child?.hasKeys ?? false { sa.child = nil }
            var child = sa.child ?? CharonChild(line: content.number)
            child.integrityName = name
            sa.child = child
        case .announced(let isInbound, let isAH): sa.announced = (isInbound, isAH)
        case .spi(let spi, let destination):
            guard let announced = sa.announced else { break }
            sa.announced = nil
            guard var child = sa.child, child.hasKeys else { break }
            child.isAH = announced.isAH
            if announced.isInbound {
                child.inbound = (spi, destination)
            } else {
                child.outbound = (spi, destination)
            }
            sa.child = child
            guard child.inbound != nil, child.outbound != nil else { break }
            child.add(to: &file, isInitiator: sa.isInitiator, usesESN: sa.usesESN)
            sa.child = nil
        }
        set(sa, join)
    }

    /// A child whose second SPI never came.
    private mutating func flush(_ join: Int, into file: inout KeyFile) {
        guard let sa = sas[join], let child = sa.child, child.hasKeys else { return }
        if child.inbound == nil, child.outbound == nil {
            file.refuse(child.line, "keys of an IPsec SA whose SPIs the log does not tell")
        } else {
            child.add(to: &file, isInitiator: sa.isInitiator, usesESN: sa.usesESN)
        }
        sas[join]?.child = nil
    }
}

/// A line of the log without what the log puts before it.
struct CharonEntry {
    /// Nil where the prefix has none.
    var thread: Int?
    /// The number of the IKE SA.
    var sa: Int?
    var content: Line

    init(_ line: Line) {
        var at = 0
        // `15[IKE] <gw|1> …`, behind whatever time and host there are.
        while let bracket = line.find(UInt8(ascii: "["), from: at), bracket < 256 {
            at = bracket + 1
            guard bracket >= 1, line[bracket + 4] == UInt8(ascii: "]"),
                line[bracket + 5] == 0x20 || line[bracket + 5] == nil,
                (1...3).allSatisfy({ line[bracket + $0].map { (65...90).contains($0) } ?? false })
            else { continue }
            var start = bracket
            while start > 0, line[start - 1].map({ (48...57).contains($0) }) ?? false { start -= 1 }
            guard let thread = line[start..<bracket].decimal else { continue }
            self.thread = thread
            content = line.dropFirst(bracket + 6)
            takeSA()
            return
        }
        // The journal has thread and group apart: `… charon-systemd[812]: SKEYID => …`, dumps without any prefix.
        if let name = line.find("charon"), name < 256,
            let end = line.find("]: ", from: name) ?? line.find(": ", from: name),
            end < name + 32
        {
            content = line.dropFirst(end + (line[end] == UInt8(ascii: "]") ? 3 : 2))
        } else {
            content = line
        }
        takeSA()
    }

    private mutating func takeSA() {
        guard content[0] == UInt8(ascii: "<"), let end = content.find("> ") else { return }
        var start = end
        while start > 1, content[start - 1] != UInt8(ascii: "|") { start -= 1 }
        guard let number = content[start..<end].decimal else { return }
        sa = number
        content = content.dropFirst(end + 2)
    }
}
