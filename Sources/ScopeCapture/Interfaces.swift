import CPcap
import Glibc
import ScopeWire

/// An interface of this system that can be captured on.
public struct NetworkInterface: Hashable, Sendable {
    public var name: String
    public var description: String?
    public var addresses: [IPAddress]
    public var isUp: Bool
    public var isRunning: Bool
    public var isLoopback: Bool
}

/// The interfaces of this system.
public enum Interfaces {
    /// All that libpcap finds, in its order (the likeliest first); without privileges there may be none.
    public static func list() throws(CaptureError) -> [NetworkInterface] {
        var buffer = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
        var first: UnsafeMutablePointer<pcap_if_t>?
        guard pcap_findalldevs(&first, &buffer) == 0 else {
            throw .interfaceFailed("interfaces", reason: text(buffer))
        }
        defer { pcap_freealldevs(first) }
        var found: [NetworkInterface] = []
        var entry = first
        while let device = entry?.pointee {
            let flags = device.flags
            found.append(
                NetworkInterface(
                    name: String(cString: device.name), description: device.description.map { String(cString: $0) },
                    addresses: addresses(device.addresses), isUp: flags & UInt32(PCAP_IF_UP) != 0,
                    isRunning: flags & UInt32(PCAP_IF_RUNNING) != 0,
                    isLoopback: flags & UInt32(PCAP_IF_LOOPBACK) != 0))
            entry = device.next
        }
        return found
    }

    private static func addresses(_ first: UnsafeMutablePointer<pcap_addr>?) -> [IPAddress] {
        var found: [IPAddress] = []
        var entry = first
        while let link = entry?.pointee {
            if let address = link.addr.flatMap(address) { found.append(address) }
            entry = link.next
        }
        return found
    }

    private static func address(_ socket: UnsafeMutablePointer<sockaddr>) -> IPAddress? {
        let bytes = UnsafeRawPointer(socket)
        switch Int32(socket.pointee.sa_family) {
        case AF_INET:
            // struct sockaddr_in: family, port, address.
            return IPAddress(v4: UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self)))
        case AF_INET6:
            // struct sockaddr_in6: family, port, flow label, address.
            return IPAddress(
                v6high: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)),
                low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self)))
        default: return nil
        }
    }
}
