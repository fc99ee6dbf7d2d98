import Foundation
import TestSupport

/// Captures that were made to break a decoder, or did: those that ship, and the others where they are at hand.
enum HostileFiles {
    struct File: Sendable {
        var name: String
        var path: String
    }

    /// Each name once.
    static let all: [File] = {
        var files: [File] = []
        let shared = ["captures/hostile", "captures/malformed"].compactMap(Shared.path)
        for folder in [Shared.root + "/captures/hostile"] + shared {
            for name in Shared.names(inFolder: folder) where name.contains(".pcap") {
                guard !files.contains(where: { $0.name == name }) else { continue }
                files.append(File(name: name, path: folder + "/" + name))
            }
        }
        return files
    }()

    /// Every command with every view and format that it has, without its input.
    static let commands: [String] = {
        let views = ["", "--view initiator", "--view responder", "--view both", "--view 192.0.2.1"]
        var debug = views.flatMap { ["debug \($0)", "debug \($0) --ios xe"] }
        debug += ["debug --only isakmp", "debug --only ipsec --view both", "debug --no-annotations --show-secrets"]
        debug += ["debug --format json", "debug --format json --show-secrets"]
        debug += ["debug --condition unmatched", "debug --condition connid_1001", "debug --peer 192.0.2.1"]
        debug += ["debug --config CONFIG", "debug --jobs 2 --view both"]
        let packets = ["packets", "packets -v", "packets -x", "packets -v -x --show-secrets", "packets --format json"]
        let show = ["isakmp-sa", "ikev2-sa", "ikev2-session", "ipsec-sa", "session"].flatMap { what in
            ["", "--detail", "--view responder", "--view 198.51.100.1 --at +0.002", "--format json"].map {
                "show \(what) \($0)"
            }
        }
        let diagnose = ["diagnose", "diagnose --format json", "diagnose --config CONFIG", "diagnose --jobs 2"]
        let decrypt = ["", "--with-ike --unverified", "--with-ike --show-secrets --jobs 2"].map {
            "decrypt -w /dev/null \($0)"
        }
        return debug + packets + show + diagnose + decrypt
    }()

    /// The words of a command; a blank inside one is written as an underscore.
    static func words(_ command: String) -> [String] {
        command.split(separator: " ").map {
            $0 == "CONFIG"
                ? Shared.root + "/captures/failures/phase1-proposal.right.cfg" : String($0).replacing("_", with: " ")
        }
    }

    /// Keys of every kind, none of which fits.
    static let keys = [
        "--keys", Shared.root + "/captures/main-mode/raw-esp.keys.json", "--keys",
        Shared.root + "/Tests/Fuzz/sessions.keys.json", "--psk-list", Shared.root + "/README.md",
    ]

    /// What names the flaw of each file, as `packets` or `diagnose` print it.
    static let flaws: [String: (command: String, words: String)] = [
        "drops-overflow.pcapng": ("packets", "lost 18446744073709551615 packets"),
        "drops-overflow-isb.pcapng": ("packets", "lost 18446744073709551615 packets"),
        "null-sum-overflow.pcap": ("diagnose", "null-encryption"),
        "selector-range-reversed-v4.pcap": ("packets -v", "the range ends before it begins"),
        "selector-range-reversed-v4-ethernet.pcap": ("packets -v", "the range ends before it begins"),
        "selector-range-reversed-v6.pcap": ("diagnose", "id-range-reversed"),
        // An answer to nothing.
        "lsw-vid-second-resp.pcap": ("diagnose", "an answer to a question that is not in the capture"),
        "sv-dup-proposals.pcap": ("packets", "Life-Duration: comes before what gives it a meaning"),
        "td-delete-segfault.pcap": ("packets", "version: unexpected value 11"),
        "td-id-segfault.pcap": ("packets", "malformed: SA: is missing"),
        // Nothing in it is what it was before it was changed at random.
        "td-rfc3948-oobr.pcap": ("diagnose", "cut by the capture: not judged"),
        "td-v1-attr-oobr.pcap": ("packets", "everything from byte 53 on of the IP packet"),
        "td-various-oobr.pcap": ("packets", "everything from byte 41 on of the IP packet"),
        "td-ikev2-id-short.pcap": ("packets", "IDi, reserved: needs 3 bytes, 0 left"),
        "td-ikev2-sk-segfault.pcapng": ("packets", "KE, length: needs 43686 bytes"),
        "td-ip-demux.pcap": ("packets", "AH spi=0x30303030"),
        "zk-v1-bad-length.pcap": ("packets", "VID, length: bad length 3"),
    ]
}
