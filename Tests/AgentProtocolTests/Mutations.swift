import TestRandomness

extension [UInt8] {
    mutating func mutate(using generator: inout SeededGenerator) {
        let interesting: [UInt8] = Array(#"{}[],:"\u0eE+-.nNtI "#.utf8) + [0x00, 0x80, 0xC3, 0xE2, 0xF0, 0xFF]
        for _ in 0..<Int.random(in: 1...3, using: &generator) where !isEmpty {
            let index = Int.random(in: 0..<count, using: &generator)
            let byte = interesting.randomElement(using: &generator) ?? 0
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: self[index] = byte
            case 1: remove(at: index)
            case 2: insert(byte, at: index)
            default: swapAt(index, Int.random(in: 0..<count, using: &generator))
            }
        }
    }
}
