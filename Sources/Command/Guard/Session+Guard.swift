import ScopeCapture
import ScopeCrypto
import ScopeModel
import ScopeWire

extension Session {
    /// The run begins, in a process that may die of a fault: all is open, and nothing was read yet.
    func beginGuarded() {
        let hasKeys = configuration.hasKeys || !keys.isEmpty
        if !FaultGuard.hasBegun {
            // What it loads it loads while it may.
            if hasKeys { KeyFile.prepareCiphers() }
            Sandbox.enter(isWanted: configuration.isSandboxed, writingInto: configuration.folder)
        }
        let remedy: FaultGuard.Remedy =
            FaultGuard.isRepeatable
            ? .repetition : source.resumptions > 0 ? .continuation(times: source.resumptions) : .none
        FaultGuard.rescue = { [output, sink] in output.rescue(sink) }
        if FaultGuard.begin(remedy, isParallel: jobs > 1), hasKeys { KeyFile.lockSecrets() }
        if FaultGuard.deaths > 0, !FaultGuard.isRepeatable {
            source.resume(time: FaultGuard.deaths, after: Int(clamping: page.place.isEnd ? 0 : page.place.frame))
        }
        page.place = FramePlace(file: firstFile, frame: 0)
    }

    /// Notes that `item` is worked on from now on; false when it is a frame that is to be left out.
    @inline(__always)
    func isTaken(_ item: CaptureItem, _ source: any CaptureSource, _ firstFile: Int) -> Bool {
        guard case .frame(let frame) = item else { return true }
        let origin = source.origin(of: frame)
        let place = FramePlace(file: firstFile + origin.file, frame: origin.number)
        page.place = place
        if FaultGuard.deaths > 0, !takes(place) { return false }
        TestTraps.trap(place)
        return true
    }

    private func takes(_ place: FramePlace) -> Bool {
        guard FaultGuard.leftOut.contains(place) else { return true }
        // Threads may have written some of what the frame led to before it was known that it is at fault.
        if place == FaultGuard.leftOut.last { output.leavesOut(pending: sink.count) }
        return false
    }

    /// Whether nothing can, or is to, be read behind the frame that was read last.
    @inline(__always) var isAtLast: Bool {
        if FaultGuard.deaths > 0, FaultGuard.last == page.place || FaultGuard.trial.map({ frames >= $0 }) ?? false {
            return true
        }
        TestTraps.trap(behind: page.place)
        return false
    }

    /// All frames were read: what follows is said of the whole.
    func noteEnd() {
        page.lastPlace = page.place
        page.frames = UInt64(clamping: frames)
        page.place = .end(of: firstFile)
        TestTraps.trap(page.place)
    }
}
