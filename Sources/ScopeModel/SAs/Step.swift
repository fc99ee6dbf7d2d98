import ScopeDissect

/// Where a message stands in its exchange.
///
/// Each version of IKE has exchanges of its own. What all readers may ask of either is below; who reads one version alone
/// matches its step.
public enum Step: Hashable, Sendable {
    case v1(IKEv1Step)
    case v2(IKEv2Step)
    /// A message of a version that no follower follows.
    case other(ExchangeType)
}

/// Where a message of IKEv1 stands (RFC 2409 section 5).
public enum IKEv1Step: Hashable, Sendable {
    /// 1 to 6.
    case mainMode(Int)
    /// 1 to 3.
    case aggressive(Int)
    /// 1 to 4 (the fourth is CONNECTED after a commit bit).
    case quickMode(Int)
    case informational
    /// Counted from 1 within its message id.
    case transaction(Int)
    case newGroup(Int)
    /// GDOI's registration (RFC 6407 section 3): 1 to 4.
    case groupKeyPull(Int)
    /// GDOI's rekeying (RFC 6407 section 4), which a group has under a key of its own.
    case groupKeyPush
    /// An exchange whose messages are not counted: Base, Authentication Only, one that has no name, and a fragment, which
    /// does not show what it is a piece of.
    case other(ExchangeType)

    /// It belongs to phase 1, in Main Mode or in Aggressive Mode.
    public var isPhase1: Bool {
        switch self {
        case .mainMode, .aggressive: true
        case .quickMode, .informational, .transaction, .newGroup, .groupKeyPull, .groupKeyPush, .other: false
        }
    }

    /// Its place among the messages of its exchange, from 1; nil where an exchange has no places.
    public var number: Int? {
        switch self {
        case .mainMode(let number), .aggressive(let number), .quickMode(let number), .transaction(let number),
            .newGroup(let number), .groupKeyPull(let number):
            number
        case .informational, .groupKeyPush, .other: nil
        }
    }
}

/// Where a message of IKEv2 stands: a request or its response, which have the same message ID (RFC 7296 section 2.1).
public struct IKEv2Step: Hashable, Sendable {
    public var exchange: ExchangeType
    public var isResponse: Bool
    public var messageID: UInt32

    public init(_ exchange: ExchangeType, isResponse: Bool, messageID: UInt32) {
        self.exchange = exchange
        self.isResponse = isResponse
        self.messageID = messageID
    }

    /// It belongs to the exchanges that set up an IKE SA (RFC 7296 section 1.2).
    public var isInitial: Bool { exchange == .ikeSAInit || exchange == .ikeAuth }
}

/// What is asked of a step whatever its version.
extension Step {
    /// The version of its exchange; nil for one that is not followed.
    public var version: IKEVersion? {
        switch self {
        case .v1: .v1
        case .v2: .v2
        case .other: nil
        }
    }

    /// It asks for an IKE SA: there is nothing before it.
    public var isFirst: Bool {
        switch self {
        case .v1(let step): step == .mainMode(1) || step == .aggressive(1)
        case .v2(let step): step.exchange == .ikeSAInit && !step.isResponse
        case .other: false
        }
    }

    /// It belongs to the exchanges that set up an IKE SA and prove its sides to each other.
    public var isOfSetUp: Bool {
        switch self {
        case .v1(let step): step.isPhase1
        case .v2(let step): step.isInitial
        case .other: false
        }
    }

    /// An Informational exchange: notifications, deletes and questions whether the peer lives.
    public var isInformational: Bool {
        switch self {
        case .v1(let step): step == .informational
        case .v2(let step): step.exchange == .informationalV2
        case .other: false
        }
    }

    /// It configures a side or asks its user (XAUTH, Mode Config) in an exchange of its own.
    ///
    /// IKEv2 does both within IKE_AUTH, so none of its messages is of such an exchange.
    public var isConfiguration: Bool {
        if case .v1(.transaction) = self { true } else { false }
    }

    /// It belongs to an exchange that negotiates child SAs alone: Quick Mode, CREATE_CHILD_SA.
    public var isOfChild: Bool {
        switch self {
        case .v1(.quickMode): true
        case .v2(let step): step.exchange == .createChildSA
        case .v1, .other: false
        }
    }

    /// It asks for a child SA.
    public var asksForChild: Bool {
        switch self {
        case .v1(let step): step == .quickMode(1)
        case .v2(let step): step.exchange == .createChildSA && !step.isResponse
        case .other: false
        }
    }

    /// It answers a message that asks for a child SA.
    public var answersForChild: Bool {
        switch self {
        case .v1(let step): step == .quickMode(2)
        case .v2(let step): step.exchange == .createChildSA && step.isResponse
        case .other: false
        }
    }

    /// Its place among the messages of its exchange, as IKEv1 counts them, from 1.
    public var number: Int? {
        if case .v1(let step) = self { step.number } else { nil }
    }
}
