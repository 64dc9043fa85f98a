import Operative
import Testing

@testable import CtxService

@Suite("The memory of requests")
struct RequestMemoryTests {
    @Test(
        "Nobody takes more than there is, nor all of them more than there is for all; what is given back can be taken again"
    )
    func limits() throws {
        let all = RequestMemory(limit: 1_000_000, of: "all operations")
        let one = RequestMemory(limit: 600_000, of: "one operation", within: all)
        let other = RequestMemory(limit: 600_000, of: "one operation", within: all)
        var rooms = [try RequestRoom.take(500_000, maximum: 500_000, in: one)]
        #expect(throws: RequestRoom.Refusal.tooLarge("a request may have 500000 bytes, and this one has 500001")) {
            try RequestRoom.take(500_001, maximum: 500_000, in: other)
        }
        #expect(
            throws: RequestRoom.Refusal.full(
                "the request takes 200000 bytes of the agent's memory, and what is asked for one operation at one time may take 600000: try again when others have been answered"
            )
        ) { try RequestRoom.take(200_000, maximum: 500_000, in: one) }
        rooms.append(try RequestRoom.take(400_000, maximum: 500_000, in: other))
        let full = #expect(throws: RequestRoom.Refusal.self) {
            try RequestRoom.take(150_000, maximum: 500_000, in: other)
        }
        #expect(full?.message.contains("for all operations at one time may take 1000000") == true)
        #expect(one.size == 500_000 && other.size == 400_000 && all.size == 900_000)
        // What is small is not counted, and never refused.
        #expect(try RequestRoom.take(RequestMemory.small, maximum: 500_000, in: one) == nil)
        rooms = []
        #expect(one.size == 0 && other.size == 0 && all.size == 0)
        let large = #expect(throws: RequestRoom.Refusal.self) { try RequestRoom.take(700_000, for: "it", in: one) }
        #expect(large?.message.hasSuffix("may take 600000: it is too large") == true)
    }

    @Test(
        "What a request takes when it is read is not guessed too low, nor are commas in texts taken for elements",
        arguments: [
            (#"{"a":{}},"#, 1), ("[],", 1), ("[[[[1]]]],", 1), ("1,", 1), (#""x","#, 1), ("null,", 1),
            (#""0123456789abcdef0123","#, 1),
        ])
    func weight(_ part: String, _: Int) throws {
        let text = "[" + String(repeating: part, count: 20_000) + "1]"
        let json = Array(text.utf8)
        // A lower bound of what the values take: their own places, their texts, and what each list and object needs besides.
        let value = try PropertyValue(json: json)
        #expect(RequestWeight.of(json) >= Self.least(value))
        #expect(RequestWeight.of(json) < 60 * json.count)
    }

    @Test("A text weighs what it has in bytes, whatever is in it")
    func texts() {
        let text = PropertyValue.string(String(repeating: #"a,[{"\"#, count: 10_000)).json
        #expect(RequestWeight.of(text) == text.count + 32)
    }

    private static func least(_ value: PropertyValue) -> Int {
        let own = MemoryLayout<PropertyValue>.stride
        switch value {
        case .string(let text): return own + (text.utf8.count > 15 ? text.utf8.count + 32 : 0)
        case .array(let elements): return own + (elements.isEmpty ? 0 : 32) + elements.map(least).reduce(0, +)
        case .object(let members):
            return own + (members.isEmpty ? 0 : 96) + members.map { 16 + least($0.value) }.reduce(0, +)
        default: return own
        }
    }
}
