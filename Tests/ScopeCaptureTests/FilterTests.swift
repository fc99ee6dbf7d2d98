import ScopeCapture
import ScopeWire
import TestSupport
import Testing

@Suite("A filter") struct FilterTests {
    private let scratch = Scratch()
    private static let filters = [
        "udp port 500", "udp port 500 or udp port 4500", "esp or ah", "not udp", "greater 200", "ip6",
        "src net 10.0.0.0/8", "vlan and udp", "ip[6:2] & 0x1fff != 0", LiveSettings.defaultFilter,
    ]

    @Test(
        "lets through as many frames as it does in tcpdump",
        arguments: SharedCaptures.all.enumerated().filter { $0.0 % 4 == 0 }.map(\.1))
    func agreesWithTcpdump(name: String) throws {
        guard let path = Shared.path(name) else { return }
        for filter in Self.filters {
            guard let result = run("tcpdump", ["-n", "--count", "-r", path, filter]) else { return }
            let actual: Int?
            do throws(CaptureError) {
                actual = drain(try Captures.open(paths: [path], filter: filter)).frames.count
            } catch {
                guard case .badFilter = error else { throw error }
                actual = nil
            }
            // tcpdump too refuses some filters for some link types.
            let expected = result.status == 0 ? result.output.split(separator: " ").first.flatMap { Int($0) } : nil
            #expect(actual == expected, "\(filter)")
        }
    }

    @Test("leaves the frames their numbers")
    func numbers() throws {
        guard let path = Shared.path("captures/lab/02a-main-psk-aes256/capture.pcap") else { return }
        let all = drain(try Captures.open(paths: [path])).frames
        let some = drain(try Captures.open(paths: [path], filter: "udp port 4500")).frames
        #expect(!some.isEmpty && some.count < all.count)
        #expect(some.allSatisfy { frame in all[frame.number - 1] == frame })
    }

    @Test("is compiled for each link type of a file that mixes them")
    func mixedLinkTypes() throws {
        let paths = ["raw-esp.pcap", "raw-esp-sll.pcap", "raw-esp-rawip.pcap"].compactMap {
            Shared.path("captures/lab/02a-main-psk-aes256/" + $0)
        }
        var sum = 0
        for path in paths { sum += drain(try Captures.open(paths: [path], filter: "esp")).frames.count }
        let merged = drain(try Captures.open(paths: paths, filter: "esp"))
        #expect(merged.frames.count == sum)
        #expect(Set(merged.frames.map(\.linkType)) == (paths.isEmpty ? [] : [.ethernet, .linuxSLL, .raw]))
    }

    @Test("that makes no sense is refused at once, with libpcap's reason")
    func bad() throws {
        var file = PcapngBuilder()
        file.section()
        let path = scratch.file("nothing.pcapng", file.bytes)
        do throws(CaptureError) {
            _ = try Captures.open(paths: [path], filter: "udp prot 500")
            Issue.record("accepted")
        } catch {
            #expect(error.exitStatus == 64)
            #expect(error.description.contains("udp prot 500"))
            #expect(error.description.contains("syntax error"))
        }
    }
}
