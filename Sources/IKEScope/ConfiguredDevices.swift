import ScopeConfig
import ScopeDissect
import ScopeModel
import ScopeWire

/// The devices whose configurations were given.
public struct ConfiguredDevices: DeviceKnowledge {
    private let configs: [IOSConfig]

    public init(_ configs: [IOSConfig]) { self.configs = configs }

    private func config(of device: IPAddress) -> IOSConfig? {
        configs.first { $0.interface(owning: device) != nil }
    }

    public func policyChecks(of device: IPAddress, offered: [Offer]) -> [PolicyCheck] {
        guard let check = config(of: device)?.checkPhase1(offered) else { return [] }
        let end = check.pairings.firstIndex { $0.differences.isEmpty } ?? check.pairings.endIndex - 1
        return check.pairings.prefix(end + 1).map { pairing in
            PolicyCheck(
                choice: pairing.choice, priority: pairing.policy.number,
                difference: pairing.differences.first)
        }
    }

    public func hasKey(_ device: IPAddress, for peer: IPAddress) -> Bool? {
        config(of: device).map { !$0.checkKey(for: peer, local: device).found.isEmpty }
    }

    public func request(of device: IPAddress, for peer: IPAddress) -> IPsecRequest? {
        config(of: device)?.request(from: device, to: peer)
    }

    public func interface(of device: IPAddress) -> String? { config(of: device)?.interface(owning: device)?.name }
}
