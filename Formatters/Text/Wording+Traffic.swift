import ScopeDissect
import ScopeModel
import ScopeWire

/// The traffic of an SA in words.
extension Wording {
    /// `10.1.0.0/24`, `10.1.0.1 to 10.1.0.9 tcp port 80`; several with commas between them.
    static func traffic(_ selectors: [TrafficSelector], to sink: ByteSink) {
        if selectors.isEmpty { sink.literal("nothing") }
        for (index, selector) in selectors.prefix(mostSelectors).enumerated() {
            if index > 0 { sink.literal(", ") }
            traffic(selector, to: sink)
        }
        if selectors.count > mostSelectors { sink.write(" and ", .number(selectors.count - mostSelectors), " more") }
    }

    private static let mostSelectors = 16

    private static func traffic(_ selector: TrafficSelector, to sink: ByteSink) {
        if let (low, high) = selector.range {
            sink.address(low)
            if let prefix = network(low, high) {
                if prefix.length < low.bitCount { sink.write("/", .number(prefix.length)) }
            } else {
                sink.write(" to ", .address(high))
            }
        } else {
            sink.literal("what is not told by addresses")
        }
        guard selector.protocolID != 0 else { return }
        sink.literal(" ")
        InnerLine.write(protocol: IPProtocol(rawValue: selector.protocolID), to: sink)
        let ports = selector.ports
        if ports.lowerBound == ports.upperBound {
            sink.write(" port ", .number(ports.lowerBound))
        } else if ports != 0...(.max) {
            sink.write(" ports ", .number(ports.lowerBound), " to ", .number(ports.upperBound))
        }
    }

    /// The network that has these addresses and no others.
    private static func network(_ low: IPAddress, _ high: IPAddress) -> IPPrefix? {
        let (top, bottom) = (low.high ^ high.high, low.low ^ high.low)
        let free = top == 0 ? 64 - bottom.leadingZeroBitCount : 128 - top.leadingZeroBitCount
        guard let prefix = IPPrefix(low, length: low.bitCount - free), prefix.address == low,
            IPPrefix(high, length: prefix.length) == prefix, top == 0 || bottom == .max,
            (top == 0 ? bottom : top) & ((top == 0 ? bottom : top) &+ 1) == 0
        else { return nil }
        return prefix
    }
}
