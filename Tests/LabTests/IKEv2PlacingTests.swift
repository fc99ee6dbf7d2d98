import AnalysisSupport
import ScopeDissect
import ScopeModel
import TestSupport
import Testing

@Suite("Messages of IKEv2 find their exchanges without keys")
struct IKEv2PlacingTests {
    /// What RFC 7296 section 2.1 says of a request and its answer.
    private struct Place: Hashable {
        var spi: UInt64
        var messageID: UInt32
        /// The original initiator's side began it.
        var isInitiators: Bool
        var exchange: ExchangeType

        init(_ header: ISAKMPHeader) {
            spi = header.initiatorSPI
            messageID = header.messageID
            isInitiators = header.flags.contains(.initiator) != header.flags.contains(.response)
            exchange = header.exchange
        }
    }

    @Test("an answer names the last request before it with its message ID", arguments: IKEv2Scenario.all)
    func answers(scenario: IKEv2Scenario) throws {
        guard let path = scenario.path("capture.pcap") else { return }
        var requests: [Place: Int] = [:]
        for message in try Analysis.of(path).messages {
            guard case .v2(let step) = message.step, message.sa != nil, case .first = message.repetition else {
                continue
            }
            let reading = try #require(message.v2, "frame \(message.frames)")
            let place = Place(message.message.header)
            if step.isResponse {
                #expect(reading.request == requests[place], "frame \(message.frames)")
            } else {
                #expect(reading.request == nil)
                requests[place] = message.frames.first
            }
        }
    }

    @Test(
        "COOKIE, INVALID_KE_PAYLOAD and the request that follows belong to one IKE SA",
        arguments: [("150a-v2-cookie", 2), ("149a-v2-invalid-ke", 2), ("211a-v2-cookie-loop", 1)])
    func retries(name: String, least: Int) throws {
        guard let path = IKEv2Scenario.named(name)?.path("capture.pcap") else { return }
        let messages = try Analysis.of(path).messages.filter { $0.step.isFirst && $0.repetition == .first }
        var attempts: [UInt64: [Int]] = [:]
        var ids: [UInt64: Set<Int>] = [:]
        for message in messages {
            guard case .initial(let attempt)? = message.v2?.purpose else {
                Issue.record("frame \(message.frames): \(String(describing: message.v2?.purpose))")
                continue
            }
            attempts[message.message.header.initiatorSPI, default: []].append(attempt)
            ids[message.message.header.initiatorSPI, default: []].insert(message.sa?.id ?? 0)
        }
        #expect(attempts.values.contains { $0.count >= least })
        for (spi, list) in attempts {
            #expect(list == Array(1...list.count), "\(spi)")
            #expect(ids[spi]?.count == 1, "\(spi)")
        }
    }

    @Test("addresses that no NAT has changed equal the hashes of the messages that carry them")
    func addresses() throws {
        // Raw ESP, no NAT: the daemons hash the addresses that they use.
        guard let path = IKEv2Scenario.named("106a-v2-ecp256")?.path("capture.pcap") else { return }
        let first = try Analysis.of(path).messages.prefix(2)
        #expect(first.map(\.natDiscovery) == [[.source, .destination], [.source, .destination]])
    }
}
