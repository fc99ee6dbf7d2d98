import Foundation
import Glibc

// Glibc's module leaves out what needs _GNU_SOURCE, and the packet sockets.
@_silgen_name("unshare") private func unshare(_ flags: Int32) -> Int32
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
