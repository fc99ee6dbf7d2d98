import ScopeModel
import ScopeWire

/// Which product a peer is, and what shows it.
struct Recognition {
    let product: Product
    /// What shows it, in words that stand behind its name.
    let sign: String

    /// By vendor IDs, which say it; else by how long it waits before it sends its first message again, which suggests it.
    ///
    /// Nil where nothing shows it, where the signs of two products contradict each other, and for Cisco's, whose words stand
    /// in every advice.
    init?(_ role: Role, of attempt: Attempt) {
        let named = Self.byFamily.filter { attempt.vendors[role]?.contains($0.family) ?? false }
        if let product = named.first?.product, named.count == 1 {
            self.init(product: product, sign: "as its vendor ID says")
            return
        }
        guard named.isEmpty, !(attempt.vendors[role]?.contains("cisco") ?? false),
            let first = attempt.messages.first, first.sender == role, first.step.isFirst,
            let product = Self.product(repeating: Int(first.repeats), over: first.lastTime.since(first.time))
        else { return nil }
        self.init(product: product, sign: "as the times of its repeats suggest")
    }

    private init(product: Product, sign: String) {
        self.product = product
        self.sign = sign
    }

    /// The vendor IDs of others that a product may send as well (DPD, NAT-T, XAUTH, Cisco Unity) name nobody.
    private static let byFamily: [(family: String, product: Product)] = [
        ("strongswan", .strongSwan), ("libreswan", .libreswan), ("openswan", .libreswan), ("racoon", .racoon),
        ("apple", .apple), ("fortinet", .fortiGate), ("windows", .windows), ("juniper", .junos),
        ("checkpoint", .checkPoint), ("openbsd", .openIKED), ("sonicwall", .sonicWall),
    ]

    /// Seconds from the first sending to each repeat.
    private static let rhythms: [(seconds: [Double], product: Product)] = [
        ([4, 11.2, 24.2, 47.5, 89.5], .strongSwan),
        ([0.5, 1.5, 3.5, 7.5, 15.5, 31.5], .libreswan),
        ([1, 3, 7, 15, 31, 63], .windows),
    ]

    /// The product that would have sent its message again so many times in `span` nanoseconds; of fewer than three repeats
    /// too many would.
    static func product(repeating times: Int, over span: Int64) -> Product? {
        guard times >= 3 else { return nil }
        let seconds = Double(span) / 1e9
        let fitting = rhythms.filter { rhythm in
            rhythm.seconds.indices.contains(times - 1)
                && abs(rhythm.seconds[times - 1] - seconds) < 0.03 * rhythm.seconds[times - 1]
        }
        return fitting.count == 1 ? fitting.first?.product : nil
    }
}

/// Says how what is to be done is done in the words of the products at hand.
enum ProductAdvice {
    /// The finding, with an advice more for each peer that is to change something and whose product is known.
    static func added(to finding: Finding, of attempt: Attempt) -> Finding {
        guard finding.severity >= .warning, let setting = Setting(of: finding.id) else { return finding }
        var finding = finding
        let named = Set(finding.advice.compactMap(\.peer))
        for role in [Role.initiator, .responder] {
            let (peer, other) = (attempt.address(role), attempt.address(role.other))
            guard named.isEmpty || named.contains(peer), let known = Recognition(role, of: attempt),
                let lines = known.product.lines(for: setting, peer: "\(other)")
            else { continue }
            let advice = Finding.Advice(
                "\(known.product.name), \(known.sign): \(known.product.place)", on: peer, ios: lines)
            if let same = finding.advice.firstIndex(where: { $0.text == advice.text && $0.ios == lines }) {
                finding.advice[same].peer = nil
            } else {
                finding.advice.append(advice)
            }
        }
        return finding
    }
}
