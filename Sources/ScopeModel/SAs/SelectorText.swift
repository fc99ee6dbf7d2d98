import ScopeDissect
import ScopeWire

/// Traffic selectors as engineers write them: `10.1.0.0/24`, `10.1.0.1 - 10.1.0.9`, `any`, with protocol and ports behind.
public enum SelectorText {
    /// Some of a long list; as hostile as the peer that sent it.
    public static func text(_ selectors: [TrafficSelector]) -> String {
        if selectors.isEmpty { return "nothing" }
        return selectors.prefix(4).map(text).joined(separator: ", ")
            + (selectors.count > 4 ? " and \(selectors.count - 4) more" : "")
    }

    public static func text(_ selector: TrafficSelector) -> String {
        let service = selector.protocolID == 0 ? "" : " protocol \(selector.protocolID)" + ports(selector.ports)
        return addresses(selector.addresses) + service
    }

    private static func ports(_ ports: ClosedRange<UInt16>) -> String {
        if ports == 0...(.max) { return "" }
        return ports.count == 1 ? " port \(ports.lowerBound)" : " ports \(ports.lowerBound)-\(ports.upperBound)"
    }

    private static func addresses(_ addresses: TrafficSelector.Addresses) -> String {
        switch addresses {
        case .named(let identity): return IdentityText.text(identity)
        case .range(let low, let high) where low == high: return "\(low)"
        case .range(let low, let high):
            guard let length = prefix(low, high) else { return "\(low) - \(high)" }
            return "\(low)/\(length)"
        }
    }

    /// The length of the prefix that a range is; nil of any other range.
    public static func prefix(_ low: IPAddress, _ high: IPAddress) -> Int? {
        let bits = low.isV6 ? 128 : 32
        let (top, bottom) = (low.high ^ high.high, low.low ^ high.low)
        guard low.isV6 == high.isV6 else { return nil }
        // The bits that differ are the last ones, all of them, and zero in the first address.
        if top == 0 {
            guard bottom & (bottom &+ 1) == 0, low.low & bottom == 0 else { return nil }
            return bits - (64 - bottom.leadingZeroBitCount)
        }
        guard low.isV6, bottom == .max, low.low == 0, top & (top &+ 1) == 0, low.high & top == 0 else { return nil }
        return bits - 64 - (64 - top.leadingZeroBitCount)
    }
}
