import Foundation
import Glibc

// Glibc's module leaves out what needs _GNU_SOURCE, and the packet sockets.
@_silgen_name("unshare") private func unshare(_ flags: Int32) -> Int32
@_silgen_name("gettid") private func gettid() -> Int32
private let newNetwork: Int32 = 0x4000_0000  // CLONE_NEWNET
private let packetFamily: Int32 = 17  // AF_PACKET
private let rawSocket: Int32 = 3  // SOCK_RAW

/// A network of its own with the pair of interfaces `tap0`-`tap1`; it goes with the thread that made it.
enum NetworkNamespace {
    /// Runs `body` on a thread inside; where that is not allowed, a visible line says so.
    static func run(addresses: [String] = [], _ body: @escaping @Sendable () throws -> Void) throws {
        let outcome = Outcome()
        Thread {
            defer { outcome.done.signal() }
            guard unshare(newNetwork) == 0 else { return skip("a network namespace needs root") }
            let setup =
                ["link add tap0 type veth peer name tap1", "link set lo up"]
                // Without link-local addresses the kernel has nothing to say of its own.
                + ["tap0", "tap1"].flatMap { ["link set \($0) addrgenmode none", "link set \($0) up"] }
                + addresses.map { "addr add \($0) dev tap1" }
            do {
                for command in setup {
                    let result = try Tool.run(command.split(separator: " ").map(String.init), tool: "/usr/sbin/ip")
                    guard result.status == 0 else { return skip("ip \(command): \(result.complaints)") }
                }
                try body()
            } catch {
                outcome.error = error
            }
        }.start()
        outcome.done.wait()
        if let error = outcome.error { throw error }
    }

    /// Moves `interface` into a network of its own, and returns what sends on it there; called inside of `run`.
    static func senderElsewhere(_ interface: String) throws -> FrameSender? {
        let place = Place()
        Thread {
            defer { place.isReady.signal() }
            guard unshare(newNetwork) == 0 else { return }
            place.path = "/proc/\(getpid())/task/\(gettid())/ns/net"
            place.isReady.signal()
            place.isMoved.wait()
            for command in ["link set \(interface) addrgenmode none", "link set \(interface) up"] {
                let words = command.split(separator: " ").map(String.init)
                guard (try? Tool.run(words, tool: "/usr/sbin/ip").status) == 0 else { return }
            }
            // The network lasts as long as its socket.
            place.sender = FrameSender(interface: interface)
        }.start()
        place.isReady.wait()
        guard let path = place.path else { return nil }
        let moved = try Tool.run(["link", "set", interface, "netns", path], tool: "/usr/sbin/ip")
        if moved.status != 0 { skip("ip link set netns: \(moved.complaints)") }
        place.isMoved.signal()
        place.isReady.wait()
        return place.sender
    }

    private final class Place: @unchecked Sendable {
        let isReady = DispatchSemaphore(value: 0)
        let isMoved = DispatchSemaphore(value: 0)
        var path: String?
        var sender: FrameSender?
    }

    private final class Outcome: @unchecked Sendable {
        let done = DispatchSemaphore(value: 0)
        var error: (any Error)?
    }
}

/// Puts whole frames on an interface.
final class FrameSender {
    private let descriptor: Int32
    /// A `struct sockaddr_ll`: family, protocol, interface, and room for an address that is not needed.
    private let address: [UInt8]

    init?(interface: String) {
        let index = if_nametoindex(interface)
        descriptor = socket(packetFamily, rawSocket, 0)
        guard index != 0, descriptor >= 0 else { return nil }
        address =
            withUnsafeBytes(of: UInt16(packetFamily)) { Array($0) } + [0, 0]
            + withUnsafeBytes(of: Int32(index)) { Array($0) } + [UInt8](repeating: 0, count: 12)
    }

    deinit { close(descriptor) }

    /// True when the frame went out whole.
    func send(_ frame: [UInt8]) -> Bool {
        let sent = address.withUnsafeBytes { address in
            sendto(
                descriptor, frame, frame.count, 0, address.baseAddress?.assumingMemoryBound(to: sockaddr.self),
                socklen_t(address.count))
        }
        return sent == frame.count
    }
}
