import Glibc

/// What the bytes of the fuzzer are given to; the name comes from the environment variable OPERATIVE_FUZZ_TARGET.
enum FuzzTarget: String, CaseIterable {
    case taskEnvelope = "task-envelope"
    case serviceEnvelope = "service-envelope"
    case propertyValue = "property-value"
    case brokerFrames = "broker-frames"

    static let chosen: FuzzTarget = {
        if let name = getenv("OPERATIVE_FUZZ_TARGET"), let target = FuzzTarget(rawValue: String(cString: name)) {
            return target
        }
        let names = allCases.map(\.rawValue).joined(separator: ", ")
        fatalError("OPERATIVE_FUZZ_TARGET must be one of \(names)")
    }()

    /// Traps when the code under test breaks one of its promises; that is what the fuzzer looks for.
    func test(_ bytes: [UInt8]) {
        switch self {
        case .taskEnvelope: fuzzTaskEnvelope(bytes)
        case .serviceEnvelope: fuzzServiceEnvelope(bytes)
        case .propertyValue: fuzzPropertyValue(bytes)
        case .brokerFrames: fuzzBrokerFrames(bytes)
        }
    }
}

/// What libFuzzer calls with each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    FuzzTarget.chosen.test(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}
