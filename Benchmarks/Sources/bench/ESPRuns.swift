import Foundation

/// The capture of ESP: read without keys, and decrypted.
struct ESPRuns {
    let track: Track

    func run(_ capture: MadeCapture, _ bounds: inout Bounds) throws {
        let truth = capture.truth
        say("\n\(capture.megabytes.figure(0)) MB: \(truth.ike) messages of IKE, \(truth.esp) packets of ESP")
        let path = capture.path
        let tshark = ["tshark", "-n", "-r", path]
        let options =
            try capture.wiresharkOptions()
            + ["-o", "esp.enable_encryption_decode:TRUE", "-o", "esp.enable_authentication_check:TRUE"]
        // The inner packets are random: what tshark takes for GOOSE on port 102 ends in an exception that loses the ICV.
        let fields = ["--disable-protocol", "goose", "-Y", "esp", "-T", "fields", "-e", "frame.number"]
        let columns = ["-e", "esp.spi", "-e", "esp.icv_good", "-e", "ip.dst"]
        // tcpdump lets go of the rights of root before it reads the file of keys.
        let user = geteuid() == 0 ? ["-Z", "root"] : []

        let dd = track.program("dd bs=1M", ["dd", "if=\(path)", "of=/dev/null", "bs=1M"])
        let loop = track.program("libpcap loop in C", Floor.own("pcaploop", path))
        let infos = track.program("capinfos", ["capinfos", "-M", path])
        let show = track.ikescope(["show", "ipsec-sa", "--quiet", path])
        let closed = track.ikescope(["debug", "--quiet", path])
        let closedTree = track.program("tshark -Y isakmp -V", tshark + ["-Y", "isakmp", "-V"])
        let debug = track.ikescope(["debug", "--quiet", "--jobs", "1", "--keys", capture.keys, path])
        let tree = track.program("tshark -Y isakmp -V, with keys", tshark + options + ["-Y", "isakmp", "-V"])
        let decrypt = track.ikescope(
            ["decrypt", "--quiet", "--jobs", "1", "--keys", capture.keys, "-w", "/dev/null", path])
        let twice = track.ikescope(
            ["decrypt", "--quiet", "--jobs", "2", "--keys", capture.keys, "-w", "/dev/null", path])
        // As it is typed: with a thread for each processor.
        let usual = track.ikescope(["decrypt", "--quiet", "--keys", capture.keys, "-w", "/dev/null", path])
        let plain = track.program("tcpdump -n", ["tcpdump", "-n", "-r", path])
        let dumped = track.program(
            "tcpdump -E", ["tcpdump"] + user + ["-n", "-E", "file \(capture.tcpdumpSecrets)", "-r", path])
        let inner = track.program("tshark, ESP decrypted", tshark + options + fields + columns)
        let runners = [
            dd, loop, infos, show, closed, closedTree, debug, tree, decrypt, twice, usual, plain, dumped, inner,
        ]
        try track.run(runners, on: capture)
        let floor = try Floor.openssl(packets: truth.esp, track.folder)

        for (runner, own) in [(dd, show), (loop, show), (infos, show), (show, nil)] as [(Runner, Runner?)] {
            track.table.add(runner, capture, beside: own)
        }
        for (runner, own) in [(closed, nil), (closedTree, closed), (debug, nil), (tree, debug)] as [(Runner, Runner?)] {
            track.table.add(runner, capture, beside: own)
        }
        for runner in [decrypt, twice, usual] { track.table.add(runner, capture, beside: nil) }
        // The last column is what one thread does.
        for runner in [plain, dumped, inner] { track.table.add(runner, capture, beside: decrypt) }
        track.table.add("openssl speed, the same packets", seconds: floor)

        for runner in [show, closed, debug, decrypt, twice, usual] { bounds.memory(runner) }
        bounds.most("show ipsec-sa: times the time of dd", show.seconds / dd.seconds, 1.6)
        bounds.most("decrypt: times the time of openssl speed", decrypt.seconds / floor, 2)
        bounds.least("decrypt: gain of --jobs 2", decrypt.seconds / twice.seconds, 1.6)
        bounds.least("decrypt as it is typed: times as fast as tcpdump -E", dumped.seconds / usual.seconds, 5)
        bounds.least("decrypt as it is typed: times as fast as tshark", inner.seconds / usual.seconds, 40)
        bounds.least("debug: times as fast as tshark", closedTree.seconds / closed.seconds, 10)
        bounds.least("debug --keys: times as fast as tshark", tree.seconds / debug.seconds, 10)
        try compare(capture, loop: loop, debug: debug, tree: tree, inner: inner, &bounds)
    }

    /// All programs have to find the same.
    private func compare(
        _ capture: MadeCapture, loop: Runner, debug: Runner, tree: Runner, inner: Runner, _ bounds: inout Bounds
    ) throws {
        let truth = capture.truth
        let read = try String(contentsOfFile: loop.output, encoding: .utf8).split(separator: " ").first ?? ""
        bounds.equal(
            "frames",
            [
                "made": truth.packets, "libpcap": Int(read) ?? -1,
                "capinfos": try Findings.packets(capture.path, track.folder),
            ])
        bounds.equal(
            "IKE messages",
            [
                "made": truth.ike, "ikescope": Findings.messages(debug.output),
                "tshark": Lines.count(tree.output, start: "Frame "),
            ])
        // Each encrypted message of the capture has one HASH.
        bounds.equal(
            "IKE messages decrypted",
            [
                "ikescope": Lines.count(debug.output, start: "! frame ", " · decrypted: ", "HASH"),
                "tshark": Lines.count(tree.output, start: "        Payload: Hash "),
            ])
        let (opened, good) = (Findings.accounts(debug.output), Findings.tsharkVerified(inner.output))
        bounds.equal(
            "ESP packets with a verified ICV",
            [
                "made": truth.esp, "ikescope": opened.values.reduce(0, +), "tshark": good.values.reduce(0, +),
            ])
        bounds.equal("verified packets, SA by SA", ["ikescope": opened, "tshark": good])
        let written = ["1", "2"].map { track.folder.appending(path: "inner-\($0).pcapng").path }
        for (jobs, file) in zip(["1", "2"], written) {
            let decrypt = track.ikescope(
                ["decrypt", "--quiet", "--jobs", jobs, "--keys", capture.keys, "-w", file, capture.path])
            try decrypt.run()
            bounds.equal(
                "decrypted packets written by --jobs \(jobs)",
                ["made": truth.esp, "ikescope": try Findings.packets(file, track.folder)])
        }
        let same = (try? Run.of(["cmp", "-s"] + written)) != nil
        bounds.hold("--jobs 2 writes the bytes of --jobs 1", same, same ? "equal" : "they differ")
    }
}
