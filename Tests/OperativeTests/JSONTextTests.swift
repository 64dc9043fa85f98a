import TestRandomness
import Testing

@testable import Operative

@Suite("Scanning strings by words")
struct JSONTextTests {
    /// What is special, found one byte at a time.
    private func slowEnd(_ bytes: [UInt8], from start: Int) -> Int {
        bytes[start...].firstIndex { $0 == 0x22 || $0 == 0x5C || $0 < 0x20 || $0 >= 0x80 } ?? bytes.count
    }

    @Test("Each special byte is found at every place of a word, before and after others like it", arguments: 0...24)
    func everyByte(place: Int) {
        for special in UInt8.min...UInt8.max {
            var bytes = [UInt8](repeating: 0x61, count: 27)
            bytes[place] = special
            bytes[26] = 0x22
            for start in 0...place {
                #expect(JSONText.plainEnd(in: bytes.span, from: start) == slowEnd(bytes, from: start))
            }
        }
    }

    @Test("In random bytes, most of them next to the limits, the first special one is found")
    func randomBytes() {
        var generator = SeededGenerator(seed: 11)
        let candidates: [UInt8] = [0x00, 0x1F, 0x20, 0x21, 0x22, 0x23, 0x5B, 0x5C, 0x5D, 0x7F, 0x80, 0xA0, 0xFF, 0x61]
        for _ in 0..<5_000 {
            let count = Int.random(in: 0...40, using: &generator)
            let bytes = (0..<count).map { _ -> UInt8 in
                let isPlain = Int.random(in: 0..<8, using: &generator) > 0
                return isPlain ? 0x61 : candidates.randomElement(using: &generator) ?? 0x61
            }
            for start in 0...count {
                #expect(JSONText.plainEnd(in: bytes.span, from: start) == slowEnd(bytes, from: start))
            }
        }
    }
}
