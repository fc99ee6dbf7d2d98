import Glibc

/// Whether an interface is still there, and up.
///
/// It is found by its number, because its name may change meanwhile.
struct LinkWatch {
    enum State { case up, down, gone }

    static let gone = "the interface is gone"

    /// Nil for "any", which is no single interface.
    let index: Int32?
    /// Whether the kernel sees packets twice here, leaving and coming: libpcap hands on only those that come.
    let repeatsPackets: Bool
    private let socket: Int32

    /// - Parameter socket: in the network namespace of the interface; used for questions alone.
    init(_ name: String, socket: Int32) {
        self.socket = socket
        var request = Request(name: name)
        index = request.ask(Self.getIndex, socket) ? request.number : nil
        var question = Request(name: name)
        repeatsPackets =
            index == nil
            || question.ask(Self.getFlags, socket) && question.flags & UInt16(truncatingIfNeeded: IFF_LOOPBACK) != 0
    }

    var state: State {
        guard let index else { return .up }
        var request = Request(number: index)
        guard request.ask(Self.getName, socket) else { return errno == ENODEV || errno == ENXIO ? .gone : .up }
        guard request.ask(Self.getFlags, socket) else { return errno == ENODEV || errno == ENXIO ? .gone : .up }
        return request.flags & UInt16(truncatingIfNeeded: IFF_UP) != 0 ? .up : .down
    }

    // linux/sockios.h, whose numbers Swift does not see.
    private static let getName: UInt = 0x8910
    private static let getFlags: UInt = 0x8913
    private static let getIndex: UInt = 0x8933

    /// `struct ifreq`: a name of 16 bytes, and 24 bytes of which most questions use the first ones.
    private struct Request {
        private var bytes = [UInt8](repeating: 0, count: 40)

        init(name: String) { bytes.replaceSubrange(0..<min(15, name.utf8.count), with: name.utf8.prefix(15)) }

        init(number: Int32) {
            bytes.withUnsafeMutableBytes { $0.storeBytes(of: number, toByteOffset: 16, as: Int32.self) }
        }

        var number: Int32 { bytes.withUnsafeBytes { $0.load(fromByteOffset: 16, as: Int32.self) } }
        var flags: UInt16 { bytes.withUnsafeBytes { $0.load(fromByteOffset: 16, as: UInt16.self) } }

        mutating func ask(_ question: UInt, _ socket: Int32) -> Bool {
            bytes.withUnsafeMutableBytes { bytes in
                guard let start = bytes.baseAddress else { return false }
                return ioctl(socket, question, start) == 0
            }
        }
    }
}
