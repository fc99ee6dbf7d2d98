import ScopeConfig
import ScopeModel
import ScopeWire

/// The configurations of the two peers, as far as they were given.
struct Devices: Sendable {
    private var configs: [(address: IPAddress, config: IOSConfig, because: DeviceMatch)] = []

    init() {}

    /// Finds out which of `all` belong to these two.
    init(_ all: [IOSConfig], _ initiator: IPAddress, _ responder: IPAddress) {
        for config in all {
            guard let found = config.device(of: initiator, or: responder) else { continue }
            configs.append((found.address, config, found.because))
        }
    }

    var isEmpty: Bool { configs.isEmpty }

    /// The configuration of the device at `address`; one that has the address before one that only calls the other.
    subscript(address: IPAddress) -> IOSConfig? {
        let own = configs.filter { $0.address == address }
        return (own.first { $0.because != .peer } ?? own.first)?.config
    }

    /// Whether it is taken to be that of `address` only because the other one is its peer.
    func isGuess(_ address: IPAddress) -> Bool {
        let own = configs.filter { $0.address == address }
        return !own.isEmpty && own.allSatisfy { $0.because == .peer }
    }
}

extension IOSConfig {
    /// `R1 (r1.cfg line 12)`, or without a line.
    func place(_ line: Int? = nil) -> String {
        let spot = line.flatMap { $0 > 0 ? " line \($0)" : nil } ?? ""
        return hostname.map { "\($0) (\(path)\(spot))" } ?? path + spot
    }
}
