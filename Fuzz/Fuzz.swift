// What libFuzzer calls. One program for all decoders: `FUZZ_DECODER` names the one that is fed, and the first start
// puts its seeds into `FUZZ_SEEDS`, a folder.
import Decoders
import Glibc

private let decoder: Decoder = {
    guard let name = getenv("FUZZ_DECODER").map({ String(cString: $0) }), let decoder = Decoder(rawValue: name) else {
        fatalError("FUZZ_DECODER is one of: " + Decoder.allCases.map(\.rawValue).joined(separator: " "))
    }
    if let folder = getenv("FUZZ_SEEDS").map({ String(cString: $0) }) {
        for (number, seed) in decoder.seeds.enumerated() { write(seed, to: "\(folder)/seed-\(number)") }
    }
    return decoder
}()

private func write(_ bytes: [UInt8], to path: String) {
    guard let file = fopen(path, "w") else { fatalError("cannot write \(path)") }
    fwrite(bytes, 1, bytes.count, file)
    fclose(file)
}

@_cdecl("LLVMFuzzerInitialize")
public func begin(_ count: UnsafeMutableRawPointer, _ arguments: UnsafeMutableRawPointer) -> CInt {
    _ = decoder
    return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
public func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    decoder.read(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}
