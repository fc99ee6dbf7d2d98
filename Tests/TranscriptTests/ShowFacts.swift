import AnalysisSupport
import Foundation
import IKEScope
import ScopeCrypto
import ScopeFormatters
import TestSupport

/// A lab scenario as the two daemons and tshark tell it.
struct ShowFacts {
    struct Child {
        var inbound: String
        var outbound: String
        var time: String
        /// Bytes that the daemon counted inside, in and out, when it closed the pair.
        var octets: (into: Int, out: Int)?
    }

    let capture: String
    let keys: [KeyFile]
    /// As the left end, which is the initiator, saw them.
    var children: [Child] = []
    var left = ""
    var right = ""
    /// The SPIs that each end named in a DELETE.
    var deletedByLeft: Set<String> = []
    var deletedByRight: Set<String> = []
    var ikeDeletes: [String] = []

    /// Nil, with a visible line, where the lab is absent.
    init?(_ name: String) throws {
        let scenario = LabScenario(name)
        guard let capture = scenario.path("capture.pcap"), let leftLog = scenario.path("left.log"),
            let rightLog = scenario.path("right.log"), let keys = try scenario.keys("all")
        else { return nil }
        self.capture = capture
        self.keys = [keys]
        let text = try String(contentsOfFile: leftLog, encoding: .utf8)
        let other = try String(contentsOfFile: rightLog, encoding: .utf8)
        for line in text.split(separator: "\n") {
            if let found = line.firstMatch(of: /IKE_SA .* established between ([0-9.]+)\[.*\.\.\.([0-9.]+)\[/) {
                (left, right) = (String(found.1), String(found.2))
            }
            if let found = line.firstMatch(of: /^(\S+) .*CHILD_SA .* established with SPIs (\w{8})_i (\w{8})_o/) {
                children.append(
                    Child(inbound: "0x\(found.2)", outbound: "0x\(found.3)", time: String(found.1)))
            }
            let closing = /closing CHILD_SA .* SPIs (\w{8})_i \((\d+) bytes\) \w{8}_o \((\d+) bytes\)/
            if let found = line.firstMatch(of: closing) {
                let index = children.firstIndex { $0.inbound == "0x\(found.1)" }
                if let index { children[index].octets = (Int(found.2) ?? -1, Int(found.3) ?? -1) }
            }
            if line.contains("sending DELETE for IKE_SA") { ikeDeletes.append(left) }
        }
        for line in other.split(separator: "\n") where line.contains("sending DELETE for IKE_SA") {
            ikeDeletes.append(right)
        }
        deletedByLeft = Self.deletes(text)
        deletedByRight = Self.deletes(other)
    }

    private static func deletes(_ log: String) -> Set<String> {
        Set(log.matches(of: /sending DELETE for ESP CHILD_SA with SPI (\w{8})/).map { "0x\($0.1)" })
    }

    func run(_ content: ShowFormatter.Content, _ change: (inout ShowFormatter.Options) -> Void = { _ in }) throws
        -> String
    {
        var options = ShowFormatter.Options()
        options.zone = .utc
        change(&options)
        return try Analysis.of(capture, keys: keys, formatter: Supplied(ShowFormatter(content, options))).text
    }

    func json(_ content: ShowFormatter.Content, _ change: (inout ShowFormatter.Options) -> Void = { _ in }) throws
        -> [[String: Any]]
    {
        var options = ShowFormatter.Options()
        options.zone = .utc
        change(&options)
        let text = try Analysis.of(
            capture, keys: keys, formatter: Supplied(ShowFormatter(content, options, isJSON: true))
        ).text
        return try text.split(separator: "\n").map { line in
            try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
        }
    }

    /// One field of each packet that has it, as tshark prints it; nil where tshark is absent.
    func tshark(_ field: String) throws -> [String]? {
        let text = try Self.output(["tshark", "-n", "-r", capture, "-T", "fields", "-e", field])
        return text.map { $0.split(separator: "\n").map(String.init) }
    }

    /// What a program prints; nil, with a visible line, when it fails or is absent.
    static func output(_ arguments: [String]) throws -> String? {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            FileHandle.standardError.write(Data("SKIPPED: \(arguments[0]) fails or is absent\n".utf8))
            return nil
        }
        return String(decoding: data, as: UTF8.self)
    }
}
