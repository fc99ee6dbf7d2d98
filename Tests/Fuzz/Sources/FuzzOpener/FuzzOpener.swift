import CFuzzer
import FuzzContracts

private let run: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt = { start, count in
    do { try Contract.opener.check(Array(UnsafeBufferPointer(start: start, count: count))) } catch {
        fatalError("\(error)")
    }
    return 0
}

/// SwiftPM gives main this name.
@_cdecl("FuzzOpener_main")
func main(_ count: CInt, _ words: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    var (count, words) = (count, words)
    return LLVMFuzzerRunDriver(&count, &words, run)
}
