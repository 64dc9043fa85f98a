import Testing

@testable import Journal

@Suite("Index of keys")
struct KeyIndexTests {
    @Test("A filter forgets no key, also when it was written and read again, and knows strange ones for strange")
    func filter() throws {
        var filter = KeyFilter()
        var generator = SystemRandomNumberGenerator()
        let keys = (0..<KeyFilter.capacity).map { _ in Int64.random(in: .min ... .max, using: &generator) }
        for key in keys { filter.insert(key) }
        let read = try #require(KeyFilter(bytes: filter.bytes, count: filter.count))
        #expect(keys.allSatisfy(read.mayContain))
        #expect(read.count == keys.count)
        let errors = (0..<10_000).count { _ in read.mayContain(Int64.random(in: .min ... .max, using: &generator)) }
        #expect(errors < 100)
        #expect(KeyFilter(bytes: [1, 2, 3], count: 1) == nil)
    }

    @Test("Keys with the same hash are told apart by whoever reads their rows: all of them are named")
    func collisions() {
        let index = KeyIndex()
        let entries = [1, 2, 3].map { KeyIndex.Entry(key: 7, row: $0) }
        for entry in entries { index.insert(entry) }
        #expect(index.recentCount == 3)
        #expect(index.candidates(for: 7).rows.sorted() == [1, 2, 3])
        index.remove([entries[2], entries[0]])
        #expect(index.candidates(for: 7).rows == [2])
        index.remove([entries[1]])
        #expect(index.candidates(for: 7).isEmpty)
        #expect(index.recentCount == 0)
    }

    @Test("While keys are on their way into the table they stay known, and so do those that come meanwhile")
    func folding() {
        let index = KeyIndex()
        index.insert(KeyIndex.Entry(key: 1, row: 1))
        let entries = index.beginFolding()
        #expect(entries.map(\.row) == [1])
        index.insert(KeyIndex.Entry(key: 2, row: 2))
        #expect(index.candidates(for: 1).rows == [1])
        #expect(index.candidates(for: 2).rows == [2])
        var segment = KeySegment(firstRow: 1, lastRow: 1, filter: KeyFilter())
        segment.filter.insert(1)
        index.endFolding(segment)
        #expect(index.candidates(for: 1).mayBeFolded)
        #expect(index.candidates(for: 2).rows == [2])
        #expect(index.candidates(for: 3).isEmpty)
        index.keepSegments([])
        #expect(index.candidates(for: 1).isEmpty)
    }
}
