import Foundation

/// A capture of the generator, and the files of keys beside it.
struct MadeCapture {
    let path: String
    /// What it holds, as its maker says.
    let truth: Truth

    struct Truth {
        var packets: Int
        var ike: Int
        var esp: Int
        var negotiations: Int
    }

    /// The file of the truth is large, and memory that this program once had counts as that of the programs it starts: the
    /// language of the generator reads it.
    init(_ path: String, folder: URL) throws {
        self.path = path
        let file = URL(filePath: path).deletingPathExtension().appendingPathExtension("keys.json").path
        guard FileManager.default.fileExists(atPath: file) else { throw RunFailure(description: "\(file) is absent") }
        let counts = "print(d['packets'], d['ike'], d['esp'], len(d['ikev1']))"
        let told = try Run.text(
            ["python3", "-c", "import json,sys; d=json.load(open(sys.argv[1])); \(counts)", file], in: folder)
        let numbers = told.split { $0 == " " || $0 == "\n" }.compactMap { Int($0) }
        guard numbers.count == 4 else { throw RunFailure(description: "\(file) tells no counts") }
        truth = Truth(packets: numbers[0], ike: numbers[1], esp: numbers[2], negotiations: numbers[3])
    }

    /// A capture of `ikev2.py`, which makes four messages for each negotiation.
    init(ikev2 path: String, negotiations: Int) {
        self.path = path
        let messages = 4 * negotiations
        truth = Truth(packets: messages, ike: messages, esp: 0, negotiations: negotiations)
    }

    private var stem: String { String(path.dropLast(".pcap".count)) }

    /// PSKs and DH exponents.
    var keys: String { stem + ".ikescope.json" }
    var skeyids: String { stem + ".ikescope-skeyid.json" }
    /// Of IKEv2: the PSK and a row of SK_* for each negotiation.
    var rows: String { stem + ".keys.json" }
    var tcpdumpSecrets: String { stem + ".tcpdump.secrets" }

    var megabytes: Double {
        let size = (try? FileManager.default.attributesOfItem(atPath: path)[.size]) as? Int
        return Double(size ?? 0) / 1e6
    }

    /// Wireshark's tables as options, so that no profile of the user is touched.
    func wiresharkOptions() throws -> [String] {
        var words: [String] = []
        for table in ["ikev1_decryption_table", "esp_sa"] {
            let rows = try String(contentsOfFile: "\(stem).wireshark/\(table)", encoding: .utf8)
            for row in rows.split(separator: "\n") { words += ["-o", "uat:\(table):\(row)"] }
        }
        return words
    }
}

/// Makes captures with the lab's generator, or finds those that it made before.
struct CaptureMaker {
    let genpcap: String
    /// `ikev2.py`.
    let generator: String
    let folder: URL

    /// With genpcap's default sizes.
    private static let bytesPerPacket = 745
    private static let tunnels = 4

    func esp(megabytes: Int) throws -> MadeCapture {
        let perSA = max(1, megabytes * 1_000_000 / (Self.bytesPerPacket * Self.tunnels * 2))
        return try make(
            "esp-\(megabytes)", ["--peers", "\(Self.tunnels)", "--esp-per-sa", "\(perSA)"])
    }

    func negotiations(_ count: Int) throws -> MadeCapture {
        try make(
            "ike-\(count)",
            ["--peers", "\(max(1, count / 4))", "--negotiations", "\(count)", "--esp-per-sa", "0", "--dh-pool", "1000"]
                + ["--skeyid-keys"])
    }

    /// Of IKEv2: the repository's own generator makes them.
    func ikev2(_ count: Int) throws -> MadeCapture {
        let path = folder.appending(path: "ikev2-\(count).pcap").path
        let made = MadeCapture(ikev2: path, negotiations: count)
        if FileManager.default.fileExists(atPath: path) { return made }
        say("making ikev2-\(count).pcap …")
        _ = try Run.of(["python3", "-B", generator, path, "\(count)"])
        return made
    }

    private func make(_ name: String, _ options: [String]) throws -> MadeCapture {
        let path = folder.appending(path: name + ".pcap").path
        if let made = try? MadeCapture(path, folder: folder) { return made }
        say("making \(name).pcap …")
        _ = try Run.of(["python3", genpcap, "--out", path] + options)
        for file in try FileManager.default.contentsOfDirectory(atPath: folder.path) where file.hasPrefix(name) {
            guard file.hasSuffix(".json") || file.hasSuffix(".secrets") else { continue }
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o600], ofItemAtPath: folder.appending(path: file).path)
        }
        return try MadeCapture(path, folder: folder)
    }
}
