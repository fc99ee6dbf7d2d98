import ScopeDissect
import ScopeModel
import Testing

@Suite("What is asked of a step whatever its version")
struct StepTests {
    private static func v2(_ exchange: ExchangeType, _ isResponse: Bool = false) -> Step {
        .v2(IKEv2Step(exchange, isResponse: isResponse, messageID: 0))
    }

    @Test("a first message asks for an IKE SA")
    func first() {
        let firsts: [Step] = [.v1(.mainMode(1)), .v1(.aggressive(1)), Self.v2(.ikeSAInit)]
        let others: [Step] = [
            .v1(.mainMode(2)), .v1(.quickMode(1)), Self.v2(.ikeSAInit, true), Self.v2(.ikeAuth), .other(.aggressive),
        ]
        #expect(firsts.allSatisfy(\.isFirst) && !others.contains(where: \.isFirst))
        #expect(firsts.allSatisfy { $0.isOfSetUp })
    }

    /// RFC 2409 section 5: phase 1 and phase 2; RFC 7296 sections 1.2 to 1.4: initial exchanges, children, INFORMATIONAL.
    @Test("each exchange is of one kind")
    func kinds() {
        let setUp: [Step] = [.v1(.mainMode(6)), .v1(.aggressive(3)), Self.v2(.ikeAuth), Self.v2(.ikeSAInit, true)]
        let child: [Step] = [.v1(.quickMode(3)), Self.v2(.createChildSA)]
        let informational: [Step] = [.v1(.informational), Self.v2(.informationalV2, true)]
        let configuration: [Step] = [.v1(.transaction(2))]
        let none: [Step] = [.v1(.newGroup(1)), .v1(.other(.base)), .v1(.groupKeyPush), .other(.informational)]
        for step in setUp + child + informational + configuration + none {
            #expect(step.isOfSetUp == setUp.contains(step), "\(step)")
            #expect(step.isOfChild == child.contains(step), "\(step)")
            #expect(step.isInformational == informational.contains(step), "\(step)")
            #expect(step.isConfiguration == configuration.contains(step), "\(step)")
        }
    }

    @Test("a child is asked for by the first message of its exchange, and the second answers")
    func children() {
        #expect(Step.v1(.quickMode(1)).asksForChild && Self.v2(.createChildSA).asksForChild)
        #expect(Step.v1(.quickMode(2)).answersForChild && Self.v2(.createChildSA, true).answersForChild)
        #expect(!Step.v1(.quickMode(3)).asksForChild && !Step.v1(.quickMode(3)).answersForChild)
        #expect(!Self.v2(.createChildSA, true).asksForChild && !Self.v2(.ikeAuth).asksForChild)
    }
}
