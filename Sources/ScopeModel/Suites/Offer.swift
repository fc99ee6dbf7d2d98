import ScopeDissect

/// One choice that was offered, or the one that was taken.
public struct Offer: Hashable, Sendable {
    /// What it chooses: IKEv1 offers one algorithm of each kind.
    public enum Choice: Hashable, Sendable {
        case ike(IKESuite)
        case child(ChildSuite)
    }

    /// Of its proposal: those with one number belong together.
    public var number: UInt8
    /// Of its transform in the proposal, in IKEv1.
    public var transform: UInt8
    public var protocolID: SecurityProtocol
    /// Nil where there is none, or it has not 1 to 4 bytes.
    public var spi: UInt32?
    public var choice: Choice

    public init(
        number: UInt8, transform: UInt8 = 0, protocolID: SecurityProtocol, spi: UInt32? = nil, choice: Choice
    ) {
        self.number = number
        self.transform = transform
        self.protocolID = protocolID
        self.spi = spi
        self.choice = choice
    }

    /// What was chosen for an IKE SA.
    public init(choosing suite: IKESuite) { self.init(number: 0, protocolID: .isakmp, choice: .ike(suite)) }

    public var ike: IKESuite? { if case .ike(let suite) = choice { suite } else { nil } }
    public var child: ChildSuite? { if case .child(let suite) = choice { suite } else { nil } }

    /// In what no value of one is one of the other's; everything where one is for IKE and the other for a child.
    public func differences(from other: Offer) -> [SuiteKind] {
        switch (choice, other.choice) {
        case (.ike(let mine), .ike(let theirs)): mine.differences(from: theirs)
        case (.child(let mine), .child(let theirs)): mine.differences(from: theirs)
        case (.ike, .child), (.child, .ike): SuiteKind.allCases.filter(\.decides)
        }
    }
}
