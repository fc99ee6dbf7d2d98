/// How far an IKE SA has come, as far as the capture tells.
///
/// The stage is what both versions have. Beside it is the place that the version itself counts.
public struct Progress: Hashable, Sendable {
    public private(set) var stage = Stage.begun
    /// Why the SA is taken to be up; nil while it is not.
    public private(set) var ground: Ground?
    public var place: Place

    public init(_ version: IKEVersion) {
        place =
            switch version {
            case .v1: .v1(Phase1Progress())
            case .v2: .v2
            }
    }

    public enum Stage: Hashable, Comparable, Sendable {
        /// It was asked for, or a message under its SPIs was seen.
        case begun
        /// The responder has chosen.
        case answered
        /// Both public values were seen: the sides can make their keys.
        case keyed
        /// A side has sent what proves it.
        case proving
        case up
    }

    /// Why an SA is taken to be up, the weakest first.
    public enum Ground: Hashable, Comparable, Sendable {
        /// A message was seen that nobody sends before; in the clear, anybody may have sent it.
        case inferred
        /// The last message of its set-up was seen, and no key that opens it refutes it.
        case seen
        /// Keys opened the last message of its set-up, or one that follows, and its proof is right.
        case proved
    }

    /// Where the SA stands as its version counts.
    public enum Place: Hashable, Sendable {
        case v1(Phase1Progress)
        case v2
    }

    public var isUp: Bool { ground != nil }

    /// Nothing followed the first answer: an attempt, which anyone can make any number of.
    public var isHalfOpen: Bool {
        switch place {
        case .v1(let phase1): phase1.position <= 2
        case .v2: stage < .proving
        }
    }

    /// Moves on to a stage; never back.
    public mutating func reach(_ stage: Stage) { self.stage = max(self.stage, stage) }

    /// The SA is up; a better ground takes the place of a weaker one.
    public mutating func bringUp(on ground: Ground) {
        stage = .up
        self.ground = max(self.ground ?? ground, ground)
    }

    /// Phase 1 of IKEv1; at its beginning for another version.
    public var phase1: Phase1Progress {
        get { if case .v1(let phase1) = place { phase1 } else { Phase1Progress() } }
        set { place = .v1(newValue) }
    }
}

/// Where phase 1 of IKEv1 stands (RFC 2409 section 5).
public struct Phase1Progress: Hashable, Sendable {
    public var mode: Phase1Mode?
    /// The highest message seen so far: 0 before the first, 6 when Main Mode is through, 3 when Aggressive Mode is.
    public var position = 0
    /// The messages before `position` that the capture lacks.
    public var missed: [Int] = []

    public init() {}

    /// The stage that its messages alone show.
    public var stage: Progress.Stage {
        switch (mode, position) {
        case (_, ...1): .begun
        // Message 2 of Aggressive Mode has the responder's HASH or signature.
        case (.aggressive, _): .proving
        case (_, ...3): .answered
        case (_, 4): .keyed
        default: .proving
        }
    }
}

public enum Phase1Mode: Hashable, Sendable { case main, aggressive, base }
