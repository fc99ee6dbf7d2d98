import ScopeDissect
import ScopeModel

/// Which IV a message has, and why that may not be known (RFC 2409 appendix B).
extension IKEv1Opener {
    func ivs(_ message: ISAKMPMessage, _ step: IKEv1Step, _ suite: Phase1Suite) -> IVs {
        switch step {
        case .mainMode(let number):
            return IVs(chain.ofPhase1(number, isFirstEncrypted: number <= 5))
        case .aggressive(let number):
            return IVs(chain.ofPhase1(number, isFirstEncrypted: true))
        case .quickMode, .transaction, .newGroup, .groupKeyPull, .groupKeyPush, .other:
            return chain.ofExchange(message.header.messageID, suite.hash, block: suite.cipher.blockLength)
        // CONNECTED after a commit bit has the Quick Mode's id (RFC 2408 section 3.1), and no RFC names its IV.
        case .informational:
            return chain.ofExchange(
                message.header.messageID, suite.hash, block: suite.cipher.blockLength, apart: true)
        }
    }

    func advance(_ message: ISAKMPMessage, _ step: IKEv1Step, block: Int) {
        let last = CipherBlock(message.bytes[message.ciphertext].suffix(block))
        switch step {
        case .mainMode(let number), .aggressive(let number): chain.advancePhase1(number, last: last)
        case .quickMode, .informational, .transaction, .newGroup, .groupKeyPull, .groupKeyPush, .other:
            chain.advance(message.header.messageID, last: last)
        }
    }

    /// The message does not begin its exchange, and the one before it was not seen.
    func isIVDoubtful(_ step: IKEv1Step, _ messageID: UInt32) -> Bool {
        switch step {
        case .quickMode(let number), .transaction(let number), .groupKeyPull(let number):
            number > 1 && !chain.continues(messageID)
        case .mainMode, .aggressive, .informational, .newGroup, .groupKeyPush, .other: false
        }
    }

    func lostIV(_ step: IKEv1Step) -> String {
        switch step {
        case .mainMode(let number) where number > 5:
            "Main Mode message \(number - 1) is not in the capture, and the IV is its last block"
        case .mainMode, .aggressive:
            "a KE payload is not in the capture, and the IV of phase 1 is a hash over both"
        case .quickMode(let number) where number > 1, .transaction(let number) where number > 1,
            .groupKeyPull(let number) where number > 1:
            "the message before it in its exchange is not in the capture, and the IV is its last block"
        case .quickMode, .transaction, .informational, .newGroup, .groupKeyPull, .groupKeyPush, .other:
            "the last message of phase 1 is not in the capture, and the IV follows from its last block"
        }
    }
}
