import AnalysisSupport
import ScopeCrypto
import ScopeFormatters
import ScopeModel
import ScopeWire
import TestSupport
import Testing

@Suite("Conditions show the sessions that they name, whole, and no other")
struct ConditionTests {
    /// Captures of the lab played at the same time, one frame of each in turn.
    struct Crowd {
        var frames: [Analysis.MadeFrame] = []
        var keys: [KeyFile] = []
        /// By scenario, the numbers that its frames have when they are played.
        var numbers: [String: Set<Int>] = [:]

        /// Nil, with a visible line, where the lab is absent.
        init?(_ names: [String]) throws {
            var captures: [(name: String, frames: [Analysis.MadeFrame])] = []
            for name in names {
                let lab = LabScenario(name)
                guard let path = lab.path("capture.pcap"), let keys = try lab.keys("psk,dh-private-initiator") else {
                    return nil
                }
                captures.append((name, try Analysis.frames(path)))
                self.keys.append(keys)
            }
            for turn in 0..<(captures.map(\.frames.count).max() ?? 0) {
                for capture in captures where turn < capture.frames.count {
                    frames.append(capture.frames[turn])
                    numbers[capture.name, default: []].insert(frames.count)
                }
            }
        }

        func run(_ conditions: [String], limits: Limits = Limits()) throws -> Analysis {
            let all = try conditions.map { try Condition(parsing: $0) }
            return Analysis.playing(frames, keys: keys, conditions: Conditions(all), limits: limits, debug: .init())
        }
    }

    static let two = ["04a-aggressive-psk", "06a-xauth-psk-modecfg"]

    @Test(
        "a name, a user, a group or a conn-id brings its session alone, from its first message on",
        arguments: [
            ("peer hostname branch.lab.example", "04a-aggressive-psk"),
            ("peer hostname HQ.lab.example", "04a-aggressive-psk"),
            ("peer username alice", "06a-xauth-psk-modecfg"), ("peer group vpngroup", "06a-xauth-psk-modecfg"),
            ("connid 1001", "04a-aggressive-psk"), ("connid 1002 engine-id 1", "06a-xauth-psk-modecfg"),
        ])
    func session(condition: String, scenario: String) throws {
        guard let crowd = try Crowd(Self.two) else { return }
        let own = try #require(crowd.numbers[scenario])
        let all = try crowd.run([])
        let run = try crowd.run([condition])
        #expect(run.messages.map(\.frames) == all.messages.map(\.frames).filter { own.isSuperset(of: $0) })
        #expect(run.messages.first?.step == .v1(.aggressive(1)))
        #expect(run.espPackets.count == (scenario == "04a-aggressive-psk" ? 19 : 18) && run.accounts.count == 2)
        let ordinals = run.events.map(\.ordinal)
        #expect(ordinals == ordinals.sorted() && Set(ordinals).count == ordinals.count)
        let expected = all.events.filter { event in event.scope.ikeSA == run.events.first?.scope.ikeSA }
        #expect(ordinals == expected.map(\.ordinal))
    }

    @Test("several conditions add up; one that fits nobody shows nothing")
    func several() throws {
        guard let crowd = try Crowd(Self.two) else { return }
        let all = try crowd.run([])
        let both = try crowd.run(["peer hostname branch.lab.example", "peer username alice"])
        #expect(Set(both.events.map(\.ordinal)) == Set(all.events.filter { $0.scope.ikeSA != nil }.map(\.ordinal)))
        for condition in [
            "peer hostname branch", "peer username Alice", "peer group alice", "connid 1003", "spi 0x12345678",
            "local ipv4 192.0.2.11",
        ] {
            #expect(try crowd.run([condition]).events.isEmpty, "\(condition)")
        }
    }

    @Test(
        "a transcript under a condition that matches late is the whole transcript",
        arguments: [
            ("15a-natt", "peer hostname branch.lab.example"), ("06a-xauth-psk-modecfg", "peer username alice"),
            ("70-vpnc-xauth", "peer group vpngroup"), ("55-raw-rekey", "local ipv4 198.51.100.33"),
        ])
    func wholeTranscript(scenario: String, condition: String) throws {
        let lab = LabScenario(scenario)
        let parts = scenario == "70-vpnc-xauth" ? "psk,dh-private-responder" : "psk,dh-private-initiator"
        guard let path = lab.path("capture.pcap"), let keys = try lab.keys(parts) else { return }
        let all = try Analysis.of(path, keys: [keys], debug: .init())
        let run = try Analysis.of(
            path, keys: [keys], conditions: Conditions([try Condition(parsing: condition)]), debug: .init())
        // Keepalives belong to no IKE SA.
        let kept = all.events.filter { if case .natKeepalive = $0.kind { condition.hasPrefix("local") } else { true } }
        #expect(run.events.map(\.ordinal) == kept.map(\.ordinal))
        #expect(run.text.split(separator: "\n").count > 50)
        if kept.count == all.events.count { #expect(run.text == all.text) }
    }

    @Test("an SPI selects both directions of its SA and the IKE SA that speaks of it, not the other SAs")
    func spi() throws {
        guard let crowd = try Crowd(["56-raw-two-children"]) else { return }
        // From the capture, as tshark lists it: the first child has these SPIs, and the second child two others.
        for spi in ["0xc5cba375", "\(0xc582_6adf)"] {
            let run = try crowd.run(["spi \(spi)"])
            #expect(run.espPackets.map(\.spi).reduce(into: Set()) { $0.insert($1) } == [0xc5cb_a375, 0xc582_6adf])
            #expect(
                run.events.filter { if case .esp = $0.kind { true } else { false } }.map(\.frame)
                    == [12, 13, 14, 15, 16, 17, 27, 28])
            #expect(run.messages.flatMap(\.frames) == Array(3...11) + [18, 19, 20, 29, 30, 31])
            #expect(Set(run.accounts.map(\.spi)) == [0xc5cb_a375, 0xc582_6adf])
        }
    }

    @Test("an SPI is found without any keys, in its own direction")
    func sealedSPI() throws {
        guard let crowd = try Crowd(["56-raw-two-children"]) else { return }
        let run = Analysis.playing(crowd.frames, conditions: Conditions([.spi(0xc2da_846f)]))
        #expect(run.espPackets.map(\.sequence) == [1, 2, 3] && run.messages.isEmpty)
    }

    @Test("a conn-id tells the IKE SAs of a rekey apart")
    func rekeyed() throws {
        guard let crowd = try Crowd(["55-raw-rekey"]) else { return }
        #expect(try crowd.run(["connid 1002"]).messages.flatMap(\.frames) == Array(34...39) + Array(48...51))
        #expect(
            try crowd.run(["connid 1001"]).messages.flatMap(\.frames)
                == Array(3...11) + [18, 19, 20, 27, 28, 29, 52])
    }

    /// tshark: ESP of the first pair in frames 5 to 10, of the one that replaced it in 17 to 20, 23 and 24; one IKE SA.
    @Test("an SPI of IKEv2 selects its pair and the IKE SA that speaks of it", arguments: ["0x1dcf5b7c", "0x2fc12dfe"])
    func ikev2SPI(spi: String) throws {
        let base = Shared.root + "/captures/ikev2/ios-shape"
        let run = try Analysis.of(
            base + ".pcap", keys: [try KeyFile.load(base + ".keys.json")],
            conditions: Conditions([try Condition(parsing: "spi \(spi)")]))
        #expect(
            run.events.filter { if case .esp = $0.kind { true } else { false } }.map(\.frame)
                == [17, 18, 19, 20, 23, 24])
        #expect(run.messages.flatMap(\.frames) == [1, 2, 3, 4] + Array(11...16) + [21, 22, 25, 26])
    }

    @Test("the SPI of a pair that the successor of an IKE SA made selects the successor")
    func ikev2Successor() throws {
        guard let keys = try LabScenario("35a-v2-rekey").keys("all") else { return }
        let path = Shared.root + "/captures/rekey/ikev2.pcap"
        let all = try Analysis.of(path, keys: [keys])
        // Of the pair that the new IKE SA made.
        let run = try Analysis.of(path, keys: [keys], conditions: Conditions([.spi(0x25f3_809d)]))
        #expect(run.messages.flatMap(\.frames) == [51, 52, 53, 54, 59, 60])
        let local = try Analysis.of(
            path, keys: [keys], conditions: Conditions([try Condition(parsing: "local ipv4 192.0.2.10")]))
        #expect(local.messages.count == all.messages.count)
    }

    @Test("what belongs to no IKE SA is hidden, unless unmatched asks for it")
    func unmatched() throws {
        guard let crowd = try Crowd(["56-raw-two-children"]) else { return }
        func run(_ text: String) throws -> Analysis {
            Analysis.playing(crowd.frames, conditions: Conditions([try Condition(parsing: text)]))
        }
        // Without keys nothing ties the packets to the IKE SA.
        #expect(try run("unmatched ipsec").espPackets.count == 14)
        #expect(try run("unmatched").espPackets.count == 14)
        #expect(try run("unmatched isakmp").events.isEmpty)
        #expect(try run("connid 1001").espPackets.isEmpty)
        #expect(try run("unmatched").messages.isEmpty)
    }

    @Test("held events have a bound, of each IKE SA and of all, and what went is said")
    func bounds() throws {
        guard let crowd = try Crowd(Self.two) else { return }
        func outcome(_ limits: Limits) throws -> (lost: [Int], first: Step?) {
            let run = try crowd.run(["peer username alice"], limits: limits)
            let lost = run.events.compactMap { event -> Int? in
                if case .evicted("held events", let count) = event.kind { count } else { nil }
            }
            #expect(lost.isEmpty || run.text.contains("held events"))
            return (lost, run.messages.first?.step)
        }
        // The user is known with the second message of the transaction.
        let all = try crowd.run([]).events.filter { $0.scope.ikeSA == 2 }
        let told = try #require(
            all.firstIndex { event in
                if case .ikeMessage(let message) = event.kind { message.step == .v1(.transaction(2)) } else { false }
            })
        #expect(try outcome(Limits()).lost.isEmpty)
        var limits = Limits()
        limits.heldEventsPerSA = 2
        let perSA = try outcome(limits)
        #expect(perSA.lost == [told - 2] && perSA.first != .v1(.aggressive(1)))
        limits = Limits()
        limits.heldEvents = 3
        #expect(try outcome(limits).lost.count == 1)
        limits = Limits()
        limits.heldBytes = 500
        #expect(try outcome(limits).lost.count == 1)
    }

    @Test("what only a router's configuration tells is refused, and so is what is no condition")
    func refusals() throws {
        for text in [
            "fvrf blue", "ivrf blue", "isakmp profile hq", "ikev2 profile hq", "flowid 3 engine-id 1", "gdoi-group g",
            "unmatched engine",
        ] {
            let error = try #require(throws: Condition.SyntaxError.self) { try Condition(parsing: text) }
            #expect(error.description.contains("configuration") && error.description.contains(text))
        }
        for text in [
            "", "peer", "peer ipv4", "peer ipv4 2001:db8::1", "peer ipv6 10.0.0.1", "peer subnet 10.0.0.0",
            "peer subnet 10.0.0.0 255.0.255.0", "peer hostname", "peer ipv4 10.0.0.1 10.0.0.2", "spi", "spi x",
            "spi 0x100000000", "spi -1", "spi +1", "connid", "connid 1 engine-id", "local ipv4 ::1", "unmatched x",
            "unmatched isakmp ipsec", "reset", "isakmp", "ikev2", "peer username a b",
        ] {
            #expect(throws: Condition.SyntaxError.self, "\(text)") { try Condition(parsing: text) }
        }
    }

    @Test("what asks for IKEv2 without an SA has a line of its own")
    func ikev2Unmatched() throws {
        #expect(
            "\(Conditions([try Condition(parsing: "unmatched ikev2")]))" == """
                Crypto conditional debug currently is turned ON
                IKE debug context unmatched flag:OFF
                IKEv2 debug context unmatched flag:ON
                IPsec debug context unmatched flag:OFF
                Crypto Engine debug context unmatched flag:OFF
                """)
    }

    @Test("they describe themselves as show crypto debug-condition does")
    func description() throws {
        #expect(
            "\(Conditions())" == """
                Crypto conditional debug currently is turned OFF
                IKE debug context unmatched flag:OFF
                IPsec debug context unmatched flag:OFF
                Crypto Engine debug context unmatched flag:OFF
                """)
        let texts = [
            "unmatched", "peer ipv4 10.1.1.1", "peer ipv4 10.1.1.2", "peer ipv4 10.1.1.3", "connid 2000 engine-id 1",
        ]
        #expect(
            "\(Conditions(try texts.map { try Condition(parsing: $0) }))" == """
                Crypto conditional debug currently is turned ON
                IKE debug context unmatched flag:ON
                IPsec debug context unmatched flag:ON
                Crypto Engine debug context unmatched flag:ON

                IKE peer IP address filters:
                10.1.1.1   10.1.1.2   10.1.1.3

                Connection-id filters:[connid:engine_id]2000:1,
                """)
    }
}
