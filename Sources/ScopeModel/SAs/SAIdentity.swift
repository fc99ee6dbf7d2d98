import ScopeDissect

/// Which SA is meant, by what the wire shows of it.
///
/// A number that a run counts is not the same in another run, or in one part of a capture. These values are, so SAs are
/// compared by them and numbered where they are printed.
public enum SAIdentity: Hashable, Sendable {
    case ike(IKESAIdentity)
    case child(ChildSAIdentity)
}

/// An IKE SA: its initiator's SPI, and where it was seen first.
///
/// The responder's SPI is not part of it, because the first message does not have one yet. A second answer to the same
/// first message makes another SA, which was seen first in another frame.
public struct IKESAIdentity: Hashable, Sendable {
    public var initiatorSPI: UInt64
    public var firstFrame: Int

    public init(initiatorSPI: UInt64, firstFrame: Int) {
        self.initiatorSPI = initiatorSPI
        self.firstFrame = firstFrame
    }
}

/// A pair of IPsec SAs, or one SA that only its packets show: its SPIs, and the frame that showed it first.
public struct ChildSAIdentity: Hashable, Sendable {
    public var protocolID: SecurityProtocol
    /// On packets that go to the side that began the negotiation; nil where it is not known.
    public var spiToInitiator: UInt32?
    public var spiToResponder: UInt32?
    public var firstFrame: Int

    public init(protocolID: SecurityProtocol, spiToInitiator: UInt32?, spiToResponder: UInt32?, firstFrame: Int) {
        self.protocolID = protocolID
        self.spiToInitiator = spiToInitiator
        self.spiToResponder = spiToResponder
        self.firstFrame = firstFrame
    }
}

extension IKESA {
    public var identity: IKESAIdentity { IKESAIdentity(initiatorSPI: self.initiatorSPI, firstFrame: self.firstFrame) }
}

extension Crossing {
    /// The identity of the IKE SA that is crossed.
    public var identity: IKESAIdentity { IKESAIdentity(initiatorSPI: initiatorSPI, firstFrame: frame) }
}

extension ChildSA {
    /// - Parameter frame: the frame of the message that settled the pair, which is that of its event.
    public func identity(settledIn frame: Int) -> ChildSAIdentity {
        ChildSAIdentity(
            protocolID: protocolID, spiToInitiator: spiToInitiator, spiToResponder: spiToResponder, firstFrame: frame)
    }
}
