import Foundation
import ScopeWire
import TestSupport
import Testing

@Suite("Hostile and malformed frames on an interface", .serialized)
struct HostileLiveTests {
    private static let commands = [
        "packets -v -x", "packets --format json", "debug --view both", "debug --ios xe --view responder",
        "debug --format json", "diagnose", "diagnose --format json", "show ipsec-sa --detail", "show isakmp-sa",
        "show session --format json", "decrypt -w /dev/null --with-ike --unverified",
    ]

    /// What the filter of an interface lets through and names there.
    private static let words = [
        "the range ends before it begins", "version: unexpected value 11", "VID, length: bad length 3",
        "KE, length: needs 43686 bytes",
    ]

    /// The frames of a file as Ethernet carries them; those without a link layer get one.
    private static func frames(_ file: HostileFiles.File) -> [[UInt8]] {
        guard let bytes = Shared.bytes(file.path) else { return [] }
        return SharedCaptures.frames(ofFile: bytes).map { frame in
            let packet: [UInt8]
            switch frame.frame.linkType {
            case .ethernet: return frame.bytes
            case .null: packet = Array(frame.bytes.dropFirst(4))
            default: packet = frame.bytes
            }
            let type: [UInt8] = packet.first.map { $0 >> 4 } == 6 ? [0x86, 0xdd] : [0x08, 0x00]
            return [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2] + type + packet
        }
    }

    @Test("end no run, and are named", arguments: [[], HostileFiles.keys])
    func live(keys: [String]) throws {
        let files = HostileFiles.all
        try NetworkNamespace.run {
            let sender = try #require(FrameSender(interface: "tap0"))
            let tools = try Self.commands.map { command in
                (command, try RunningTool(HostileFiles.words(command) + keys + ["-i", "tap1"]))
            }
            for (command, tool) in tools {
                #expect(tool.waits { $0.complaints.contains("listening on tap1") }, "\(command)")
            }
            // A frame that no interface takes is longer than its MTU: the kernel refuses it.
            let sent = files.flatMap(Self.frames).filter { sender.send($0) }.count
            #expect(sent >= files.count - 1)
            usleep(300_000)
            for (command, tool) in tools {
                #expect(tool.isRunning, "\(command) ended by itself: \(tool.complaints)")
                tool.send(SIGINT)
            }
            for (command, tool) in tools {
                let result = tool.end()
                #expect([0, 1].contains(result.status), "\(command): \(result.status) \(result.complaints)")
                guard command == "packets -v -x", files.contains(where: { $0.path.contains("malformed") }) else {
                    continue
                }
                for word in Self.words { #expect(result.output.contains(word), "\(word)") }
            }
        }
    }
}
