import IKEScope
import ScopeCrypto
import ScopeModel
import ScopeTrack
import ScopeWire

extension Contract {
    /// Any frames, at any times, with any kind of keys, make an output of every kind that is in order.
    ///
    /// Text shows as it is read, JSON parses, the decrypted capture is one and has the packets that are said to be in it,
    /// and none of them is larger than its frames call for. Two threads write the same bytes as one. Conditions show no
    /// more events than there are. Exported keys are read again. Events whose messages have no bytes, as those that are
    /// read from what a device prints, make outputs that are in order too.
    ///
    /// Time and memory are bounded by the fuzzer.
    ///
    ///     | `Variation` 1 | the frames of a `Conversation` |
    public static let program = Contract(name: "FuzzProgram") { bytes in
        var input = Input(bytes)
        let variation = Variation(input.byte())
        let whole = try run(input, variation)
        if variation.readsNoBytes { _ = try run(input, variation, isBare: true) }
        switch variation.secondRun {
        case .none: break
        case .twoThreads: try compare(whole, try run(input, variation, jobs: 2), of: "two threads")
        case .conditions, .both:
            let jobs = variation.secondRun == .both ? 2 : 1
            let some = try run(input, variation, conditions: variation.conditions, jobs: jobs)
            // What was held is said to be gone, at most once for each event.
            try require(some.events <= 2 * whole.events, "\(some.events) events of \(whole.events) under conditions")
        }
    }

    private struct Run {
        var events: Int
        var outputs: [String: Int]
    }

    private static func run(
        _ input: Input, _ variation: Variation, conditions: Conditions = Conditions(), jobs: Int = 1,
        isBare: Bool = false
    ) throws -> Run {
        let outputs = Outputs(variation)
        let nothing: [UInt8] = []
        let receive: Tracker.Receiver = { event, bytes, plaintext in
            if isBare, event.isOfIKEMessage {
                outputs.write(event.bare, nothing.span.bytes, nothing.span.bytes)
            } else {
                outputs.write(event, bytes, plaintext)
            }
        }
        let export = variation.keys == .candidates ? KeyExport() : nil
        let follower: any Follower
        if variation.keys == .plain, conditions.all.isEmpty {
            follower = Tracker(
                unsealer: PlainUnsealer(), limits: .small, jobs: jobs, watchesClear: true, receive: receive)
        } else {
            follower = Analyzer(
                keys: try keys(variation), candidates: try candidates(variation), conditions: conditions,
                limits: .small, export: export, jobs: jobs, watchesClear: true, receive: receive)
        }
        var conversation = Conversation(input)
        while let step = conversation.next() {
            if case .frame(let frame) = step.item { outputs.start(at: frame.time) }
            follower.follow(step.item, step.bytes.span.bytes, comment: step.comment)
            // With threads the events come later: there, as in the program, nothing is said to have passed.
            if case .quiet(let time) = step.item, variation.secondRun != .twoThreads { outputs.pass(to: time) }
        }
        follower.finish()
        let written = try outputs.finish()
        try outputs.checkLength(frames: conversation.frames, bytes: conversation.length)
        // A frame says a handful of things; the end says something of each SA and account, of which a frame makes few,
        // and of each key that fitted nothing.
        let most = 64 * (conversation.frames + 1) + 256
        try require(outputs.events <= most, "\(outputs.events) events from \(conversation.frames) frames")
        if let export { try check(export) }
        return Run(events: outputs.events, outputs: written)
    }

    private static func compare(_ one: Run, _ other: Run, of what: String) throws(Violation) {
        try require(one.events == other.events, "\(what): \(other.events) events, and \(one.events) without")
        for (name, digest) in one.outputs {
            try require(other.outputs[name] == digest, "\(what): another output of \(name)")
        }
    }

    // MARK: Keys

    private static func keys(_ variation: Variation) throws -> [KeyFile] {
        switch variation.keys {
        case nil, .plain: []
        case .lab, .candidates: [try LabKeys.file.get()]
        case .sessions: [try SessionKeys.file.get()]
        }
    }

    private static func candidates(_ variation: Variation) throws -> CandidateSearch? {
        variation.keys == .candidates ? CandidateSearch(try Words.list.get(), jobs: 1) : nil
    }

    /// Every form of an export is in order, and the program's own is read again.
    private static func check(_ export: KeyExport) throws {
        let json = export.json().withBytes { Array($0) }
        try json.withUnsafeBytes { try JSONText.checkDocument($0) }
        let again = try KeyFile(bytes: json, path: "export")
        try require(again.refused.isEmpty, "the export is not read again: \(again.refused.first?.why ?? "")")
        try export.xfrmState().text.withBytes { try PlainText.check($0) }
        for table in export.wiresharkTables().tables { try table.text.withBytes { try PlainText.check($0) } }
    }
}

/// What follows a capture: with the keys of files, or with what stands for them.
private protocol Follower: AnyObject {
    func follow(_ item: CaptureItem, _ bytes: RawSpan, comment: String?)
    func finish()
}

extension Analyzer: Follower {}
extension Tracker: Follower {}
