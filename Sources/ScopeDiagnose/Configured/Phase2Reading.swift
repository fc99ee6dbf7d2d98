import ScopeConfig
import ScopeDissect
import ScopeModel
import ScopeWire

/// The obstacles of one entry in words: the first is the cause, the others come along.
struct Phase2Reading {
    struct Cause {
        var id: FindingID
        var summary: String
        var advice: [Finding.Advice]
    }

    /// Nil where what is known does not decide.
    private(set) var cause: Cause?
    private(set) var evidence: [String] = []

    private let request: Phase2Request
    private let config: IOSConfig
    private let entry: Phase2Check.Entry

    init(_ entry: Phase2Check.Entry, _ request: Phase2Request, _ config: IOSConfig) {
        self.request = request
        self.config = config
        self.entry = entry
        for obstacle in entry.obstacles { take(obstacle) }
    }

    private var device: IPAddress { request.local }
    private var peer: IPAddress { request.peer }

    private mutating func take(_ obstacle: Phase2Check.Obstacle) {
        switch obstacle {
        case .peer: break
        case .incomplete(let what): unfit("it is incomplete: \(what)", "complete the entry: \(what)")
        case .isShutDown: unfit("the interface is shut down", "bring the interface up", ["no shutdown"])
        case .otherKeying(let kind): unfit("it is for \(kind)", "add an entry that uses \(request.version.name)")
        case .accessListMissing(let name):
            unfit("there is no access list \(name)", "write the access list", list(name))
        case .profileMissing(let name):
            unfit("there is no \(profileWord) profile \(name)", "write the profile, or take it out")
        case .profile(let name, let identity): profile(name, identity)
        case .proxies(let name, let verdict): proxies(name, verdict)
        case .transformSetMissing(let name):
            settle(
                transformID, "\(device) names transform set \(name), which it does not have",
                "write the transform set, or correct its name", ["crypto ipsec transform-set \(name)" + offeredSet])
            evidence.append("there is no transform set \(name)")
        case .transforms(let differences): transforms(differences)
        case .pfs(let configured, let offered): pfs(configured, offered)
        }
    }

    private mutating func settle(_ id: FindingID, _ summary: String, _ text: String, _ ios: [String]) {
        guard cause == nil else { return }
        cause = Cause(id: id, summary: summary, advice: [Finding.Advice(text, on: device, ios: ios)])
    }

    private var isNewer: Bool { request.version == .v2 }
    private var profileWord: StaticString { isNewer ? "IKEv2" : "ISAKMP" }
    private var transformID: FindingID { isNewer ? .v2ChildNoProposal : .p2TransformMismatch }

    /// An entry that IOS passes over.
    private mutating func unfit(_ why: String, _ text: String, _ ios: [String] = []) {
        settle(.noMapForPeer, "\(device) has no working crypto map entry or tunnel for \(peer): \(why)", text, ios)
        evidence.append(why)
    }

    private mutating func profile(_ name: String, _ identity: Identity) {
        let said = Words.identity(identity)
        settle(
            .noMapForPeer,
            "\(device) accepts what \(peer) asks for only from peers of \(profileWord) profile \(name), which it is not",
            "make the profile match the identity",
            isNewer
                ? ["crypto ikev2 profile \(name)"] + (IKEv2Text.match(identity).map { [" " + $0] } ?? [])
                : ["crypto isakmp profile \(name)"] + ConfiguredIdentity.match(identity))
        let words =
            isNewer
            ? config.ikev2.profile(name)?.matches.map { "match identity remote \(IKEv2Text.identity($0))" }
            : config.profile(name)?.matches.map(IOSText.match)
        let matches = words?.prefix(4).joined(separator: ", ") ?? ""
        evidence.append("profile \(name) has \(matches.isEmpty ? "no match" : matches); the peer says it is \(said)")
    }

    // MARK: Traffic

    private mutating func proxies(_ name: String?, _ verdict: FlowVerdict) {
        let asked = request.flow.entry.map { IOSText.entry($0) } ?? "what no access list can express"
        let place = name.map { "access list \($0)" } ?? "the tunnel"
        switch verdict {
        case .unknown:
            evidence.append("\(place) has entries that are not understood, so its meaning is not known")
            return
        case .denied(let entry):
            evidence.append("\(place) denies it (\(config.path) line \(entry.line)): \(IOSText.entry(entry))")
        case .none(let nearest?) where nearest.line > 0:
            evidence.append(
                "\(place) would need \(asked); its nearest entry (\(config.path) line \(nearest.line)): "
                    + IOSText.entry(nearest))
        case .none(let nearest?):
            evidence.append("\(place) is for \(IOSText.entry(nearest)), but the request is for \(asked)")
        case .none(nil), .exact, .within: evidence.append("\(place) would need \(asked), but has no entry like it")
        }
        let (mine, theirs) = (Words.identity(request.flow.remote), Words.identity(request.flow.local))
        settle(
            isNewer ? .tsUnacceptable : .proxyIDMismatch,
            "\(device) has no access list for traffic between \(mine) and \(theirs), which \(peer) asks for",
            "make the crypto access lists mirror images of each other", name.map(list) ?? [])
    }

    private func list(_ name: String) -> [String] {
        ["ip access-list extended \(name)"] + (request.flow.entry.map { [" " + IOSText.entry($0)] } ?? [])
    }

    // MARK: Transforms

    private mutating func transforms(_ differences: [TransformSetDifference]) {
        let first = differences.first?.what.joined(separator: "; ") ?? ""
        evidence += differences.prefix(6).map(\.text)
        settle(
            transformID, "\(device) accepts no transform set of \(peer): \(first)",
            "name a transform set like the other side's", transformLines(beside: differences.map(\.set)))
    }

    /// The words of the first proposal, with a blank before.
    private var offeredSet: String {
        guard let number = request.offers.first?.number else { return "" }
        var suites: [ChildSuite] = []
        for suite in request.offers.prefix(while: { $0.number == number }).compactMap(\.child)
        where !suites.contains(where: { $0.protocolID == suite.protocolID }) {
            suites.append(suite)
        }
        let words = suites.map { IOSText.transform($0) }
        return words.isEmpty ? "" : " " + words.joined(separator: " ")
    }

    /// Sets that are named already stay, behind the new one: IOS replaces the whole list.
    private func transformLines(beside sets: [String]) -> [String] {
        let used = Set(config.transformSets.map(\.name))
        let name = (1...1000).lazy.map { "SET\($0)" }.first { !used.contains($0) } ?? "SET"
        let isTransport = request.offers.first?.child?.encapsulation?.isTransport ?? false
        return ["crypto ipsec transform-set \(name)\(offeredSet)", " mode \(isTransport ? "transport" : "tunnel")"]
            + placeLines + [" set transform-set \(([name] + sets.prefix(5)).joined(separator: " "))"]
    }

    /// The line that leads to this entry.
    private var placeLines: [String] {
        switch entry.place {
        case .map(let name, let number, _): ["crypto map \(name) \(number) ipsec-isakmp"]
        case .dynamicMap(let name, let number, _, _): ["crypto dynamic-map \(name) \(number)"]
        case .tunnel(_, let profile): ["crypto ipsec profile \(profile)"]
        }
    }

    private mutating func pfs(_ configured: PFS, _ offered: DHGroup?) {
        let asked = offered.map { "offers group \($0.rawValue)" } ?? "offers none"
        let wanted =
            switch configured {
            case .group(let group): "group \(group.rawValue)"
            case .unnamed, .none: "group 1"
            }
        evidence.append("PFS: \(IOSText.pfs(configured)) there, and \(peer) \(asked)")
        settle(
            .pfsMismatch, "\(device) wants PFS with \(wanted), and \(peer) \(asked)",
            "set the same PFS on both sides",
            placeLines + [offered.map { " set pfs group\($0.rawValue)" } ?? " no set pfs"])
        if cause?.id == .pfsMismatch, case .group(let group) = configured {
            let own = Finding.Advice("or ask for it here", on: request.peer, ios: ["set pfs group\(group.rawValue)"])
            cause?.advice.append(own)
        }
    }
}
