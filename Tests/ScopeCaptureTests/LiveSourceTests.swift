import Foundation
import ScopeCapture
import ScopeWire
import TestSupport
import Testing

// Glibc's module leaves out what needs _GNU_SOURCE.
@_silgen_name("unshare") private func unshare(_ flags: Int32) -> Int32
private let newNetwork: Int32 = 0x4000_0000  // CLONE_NEWNET

@Suite("A live source", .serialized) struct LiveSourceTests {
    /// Runs `body` on a thread of its own, in a network namespace of its own that holds the pair `cap0`-`cap1`.
    ///
    /// The test passes with a visible line where that is not allowed.
    private func inNamespace(_ body: @escaping @Sendable () -> Void) {
        let done = DispatchSemaphore(value: 0)
        let thread = Thread {
            defer { done.signal() }
            guard unshare(newNetwork) == 0 else {
                FileHandle.standardError.write(Data("SKIPPED: a network namespace needs root\n".utf8))
                return
            }
            let setup = [
                "add cap0 type veth peer name cap1", "set cap0 up", "set cap1 up", "set lo up",
            ]
            for command in setup {
                guard let result = run("ip", ["link"] + command.split(separator: " ").map(String.init)) else { return }
                guard result.status == 0 else {
                    FileHandle.standardError.write(Data("SKIPPED: ip link \(command) failed\n".utf8))
                    return
                }
            }
            body()
        }
        thread.start()
        done.wait()
    }

    private func filtered(_ filter: String?) -> LiveSettings {
        var settings = LiveSettings()
        if let filter { settings.filter = filter }
        return settings
    }

    @Test(
        "sees what is replayed, through the default filter, byte for byte",
        arguments: ["51a-raw-esp-main", "59-v2-ipv6", "54a-ah-tunnel"])
    func replay(scenario: String) throws {
        guard let path = Shared.path("captures/lab/\(scenario)/capture.pcap") else { return }
        let expected = drain(try Captures.open(paths: [path], filter: LiveSettings.defaultFilter)).packets
        #expect(!expected.isEmpty)
        inNamespace {
            do throws(CaptureError) {
                let stop = StopFlag()
                let source = try Captures.live(interface: "cap1", stop: stop)
                let before = Int64(Date().timeIntervalSince1970 * 1e9)
                guard let sent = run("tcpreplay", ["-q", "-i", "cap0", "--pps", "2000", path]) else { return }
                #expect(sent.status == 0)
                var packets: [[UInt8]] = []
                var times: [Instant] = []
                var quiet = 0
                while let item = try source.next() {
                    switch item {
                    case .frame(let frame):
                        #expect(frame.linkType == .ethernet)
                        #expect(frame.number == packets.count + 1)
                        times.append(frame.time)
                        packets.append(source.withBytes { bytes in bytes.withUnsafeBytes { Array($0) } })
                    case .quiet:
                        quiet += 1
                        if quiet == 3 { stop.raise() }
                    case .dropped(let count): Issue.record("\(count) lost")
                    }
                }
                #expect(packets.count == expected.count)
                #expect(packets.elementsEqual(expected, by: { $0 == $1.bytes }))
                #expect(times == times.sorted())
                #expect(times.allSatisfy { abs($0.nanoseconds - before) < 60_000_000_000 })
                #expect(source.interfaces.map(\.name) == ["cap1"])
            } catch {
                Issue.record("\(error)")
            }
        }
    }

    @Test("tells how many packets the kernel lost")
    func losses() throws {
        guard let path = Shared.path("captures/lab/51a-raw-esp-main/capture.pcap") else { return }
        let whole = drain(try Captures.open(paths: [path], filter: "ip")).packets
        inNamespace {
            do throws(CaptureError) {
                let stop = StopFlag()
                let source = try Captures.live(interface: "cap1", settings: filtered("ip"), stop: stop)
                // Far more than the ring holds, and nobody reads meanwhile.
                let loops = 400_000 / whole.count
                guard run("tcpreplay", ["-q", "-K", "-i", "cap0", "--topspeed", "--loop", "\(loops)", path]) != nil
                else { return }
                var frames = 0
                var lost = 0
                while let item = try source.next() {
                    switch item {
                    case .frame: frames += 1
                    case .dropped(let count): lost += Int(count)
                    case .quiet: stop.raise()
                    }
                }
                #expect(lost > 0)
                #expect(frames + lost == loops * whole.count)
                #expect(source.interfaces[0].dropped == UInt64(lost))
            } catch {
                Issue.record("\(error)")
            }
        }
    }

    @Test("holds no more than it may while nobody reads, and what is lost then is counted where it is missing")
    func slowReader() throws {
        guard let path = Shared.path("captures/lab/51a-raw-esp-main/capture.pcap") else { return }
        let whole = drain(try Captures.open(paths: [path], filter: "ip")).packets
        let bytes = whole.reduce(0) { $0 + $1.bytes.count }
        inNamespace {
            do throws(CaptureError) {
                let stop = StopFlag()
                var settings = filtered("ip")
                settings.queueLength = 4 << 20
                settings.bufferLength = 1 << 20
                let source = try LiveSource(interface: "cap1", settings: settings, stop: stop)
                // Now its thread reads.
                while let item = try source.next() { if case .quiet = item { break } }
                let loops = 120_000 / whole.count
                guard run("tcpreplay", ["-q", "-K", "-i", "cap0", "--topspeed", "--loop", "\(loops)", path]) != nil
                else { return }
                // The flag ends it when all is read that waits.
                stop.raise()
                var frames = 0
                var first: Int?
                var lost: UInt64 = 0
                while let item = try source.next() {
                    switch item {
                    case .frame: frames += 1
                    case .dropped(let count):
                        first = first ?? frames
                        lost += count
                    case .quiet: break
                    }
                }
                let sent = UInt64(loops * whole.count)
                #expect(lost > 0 && UInt64(frames) + lost == sent)
                // As much as fits into the queue, the kernel's buffer, and the blocks on the way between them.
                #expect(frames / whole.count * bytes < 8 << 20)
                #expect(first ?? 0 > 0)
                let statistics = source.statistics
                #expect(statistics?.captured == UInt64(frames) && statistics?.received == sent)
                #expect(statistics?.droppedByKernel == lost && statistics?.unread == 0)
            } catch {
                Issue.record("\(error)")
            }
        }
    }

    @Test("ends promptly when it is told to, though nothing arrives")
    func stops() {
        inNamespace {
            do throws(CaptureError) {
                let stop = StopFlag()
                let source = try Captures.live(interface: "cap1", stop: stop)
                let thread = Thread {
                    usleep(250_000)
                    stop.raise()
                }
                let began = Date()
                thread.start()
                while let item = try source.next() {
                    guard case .quiet = item else { continue }
                }
                #expect((0.2..<0.6).contains(Date().timeIntervalSince(began)))
            } catch {
                Issue.record("\(error)")
            }
        }
    }

    @Test("refuses an interface that is not there, and a bad filter")
    func refusals() {
        inNamespace {
            func error(_ interface: String, _ filter: String?) -> CaptureError? {
                do throws(CaptureError) {
                    _ = try Captures.live(interface: interface, settings: filtered(filter))
                    return nil
                } catch {
                    return error
                }
            }
            guard case .noSuchInterface("nowhere0")? = error("nowhere0", nil) else {
                Issue.record("\(error("nowhere0", nil) as Any)")
                return
            }
            #expect(error("cap1", "udp prot 500")?.exitStatus == 64)
            #expect(error("any", nil) == nil)
        }
    }

    @Test("lists the interfaces with their addresses and state")
    func interfaces() {
        inNamespace {
            guard run("ip", ["addr", "add", "192.0.2.7/24", "dev", "cap0"])?.status == 0 else { return }
            do throws(CaptureError) {
                let found = try Interfaces.list()
                let tap = found.first { $0.name == "cap0" }
                #expect(tap?.addresses.map(\.description).contains("192.0.2.7") == true)
                #expect(tap?.isUp == true)
                #expect(tap?.isLoopback == false)
                #expect(found.first { $0.name == "lo" }?.isLoopback == true)
            } catch {
                Issue.record("\(error)")
            }
        }
    }
}
