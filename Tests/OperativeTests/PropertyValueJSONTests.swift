import Operative
import TestRandomness
import Testing

@Suite("Property values as JSON")
struct PropertyValueJSONTests {
    @Test(
        "reads every kind of value",
        arguments: [
            ("null", nil), ("true", true), ("false", false), ("0", 0), ("-0", 0), ("-17", -17),
            ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
            ("9223372036854775808", .double(9_223_372_036_854_775_808)), ("1.5e3", 1500.0), ("1E-2", 0.01),
            ("1e400", .double(.infinity)), ("Infinity", .double(.infinity)), ("-Infinity", .double(-.infinity)),
            (#""""#, ""), (#""a\"\\\/\b\f\n\r\t""#, "a\"\\/\u{8}\u{c}\n\r\t"), (#""\u00e9\ud83d\ude00""#, "é😀"),
            (#""\ud800x""#, "\u{FFFD}x"), (#""\ud800\u0041""#, "\u{FFFD}A"), ("\"é😀\"", "é😀"),
            ("[]", []), (" [ 1 , [ ] ] ", [1, []]), ("{}", [:]), (#"{"a":1,"a":2}"#, ["a": 2]),
            (#"{"\u0061": {"b": null}}"#, ["a": ["b": nil]]),
        ] as [(String, PropertyValue)])
    func reads(text: String, expected: PropertyValue) throws {
        #expect(try PropertyValue(json: Array(text.utf8)) == expected)
    }

    @Test("NaN is read and written")
    func notANumber() throws {
        let value = try PropertyValue(json: Array("[NaN]".utf8))
        #expect(value[0]?.doubleValue?.isNaN == true)
        #expect(value.jsonString == "[NaN]")
    }

    @Test("A value that holds NaN equals itself and what is read from its JSON, and is found in a set")
    func notANumberEquality() throws {
        let text = Array(#"{"a":[NaN]}"#.utf8)
        let value = try PropertyValue(json: text)
        let again = try PropertyValue(json: value.json)
        #expect(value == again)
        #expect(Set([value]).contains(again))
        #expect(PropertyValue.double(.nan) == .double(-.nan))
        #expect(PropertyValue.double(.nan).hashValue == PropertyValue.double(-.nan).hashValue)
        #expect(PropertyValue.double(.nan) != .double(0))
        #expect(PropertyValue.integer(1) != .double(1))
    }

    @Test(
        "refuses malformed text, naming the byte",
        arguments: [
            ("", 0), ("  ", 2), ("{", 1), ("[1", 2), ("[1,]", 3), ("[,1]", 1), ("{\"a\"}", 4), ("{\"a\":}", 5),
            ("{\"a\":1,}", 7), ("{1:2}", 1),
            ("nul", 0), ("nullx", 4), ("01", 1), ("-", 0), ("+1", 0), ("1.", 2), (".5", 0), ("1e", 2), ("\"abc", 0),
            ("\"\\x\"", 1),
            ("\"\\u12g4\"", 5), ("\"\\u12", 1), ("\"a\nb\"", 2), ("1 2", 2), ("{}}", 2), ("'a'", 0), ("[1 2]", 3),
        ])
    func refuses(text: String, offset: Int) {
        let error = #expect(throws: JSONError.self) { try PropertyValue(json: Array(text.utf8)) }
        #expect(error?.offset == offset, "\(text): \(error?.description ?? "")")
    }

    @Test(
        "refuses bytes that are not UTF-8",
        arguments: [
            [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF0, 0x80, 0x80, 0x80],
            [0xF4, 0x90, 0x80, 0x80],
            [0xF5, 0x80, 0x80, 0x80], [0xC3], [0xE2, 0x82], [0xF0, 0x9F, 0x98], [0xFF], [0xE2, 0x28, 0xA1],
        ] as [[UInt8]])
    func refusesBadUTF8(bytes: [UInt8]) {
        #expect(throws: JSONError(offset: 1, reason: "not UTF-8")) { try PropertyValue(json: [0x22] + bytes + [0x22]) }
    }

    @Test("512 levels are read, 513 are refused, a million do not exhaust the stack")
    func depth() throws {
        func nested(_ levels: Int) -> [UInt8] {
            Array(repeating: 0x5B, count: levels) + Array(repeating: 0x5D, count: levels)
        }
        let deepest = try PropertyValue(json: nested(512))
        #expect(deepest.json == nested(512))
        #expect(throws: JSONError.self) { try PropertyValue(json: nested(513)) }
        #expect(throws: JSONError.self) { try PropertyValue(json: nested(1_000_000)) }
    }

    @Test("offsets in a slice count from the start of the slice")
    func slice() throws {
        let bytes = Array("xx[1]yy".utf8)
        #expect(try PropertyValue(json: bytes[2..<5]) == [1])
        let error = #expect(throws: JSONError.self) { try PropertyValue(json: bytes[2..<6]) }
        #expect(error?.offset == 3)
    }

    @Test("writes compact text with sorted keys and without needless escapes")
    func writes() {
        let value: PropertyValue = ["b": [1, 2.5, -3, nil], "a": "q\"\\/\u{1}\u{1f}\né", "c": ["x": true], "d": 1e300]
        #expect(value.jsonString == #"{"a":"q\"\\/\u0001\u001f\né","b":[1,2.5,-3,null],"c":{"x":true},"d":1e+300}"#)
        #expect(PropertyValue.integer(.min).jsonString == "-9223372036854775808")
    }

    @Test("what is written is read back unchanged", arguments: 0..<40)
    func roundTrip(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<50 {
            let value = PropertyValue.random(depth: 4, using: &generator)
            #expect(try PropertyValue(json: value.json) == value)
        }
    }

    @Test("no mutation of JSON text traps, and skipping agrees with reading", arguments: 0..<40)
    func mutations(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<100 {
            var bytes = PropertyValue.random(depth: 4, using: &generator).json
            bytes.mutate(using: &generator)
            let read = Result { try PropertyValue(json: bytes) }
            let skipped = Result { () throws -> Void in
                var scanner = JSONScanner()
                try scanner.skipValue(bytes.span)
                try scanner.expectEnd(bytes.span)
            }
            switch (read, skipped) {
            case (.success, .success): break
            case (.failure(let left), .failure(let right)): #expect(left as? JSONError == right as? JSONError)
            default: Issue.record("reading and skipping disagree about \(bytes)")
            }
        }
    }
}

extension PropertyValue {
    static func random(depth: Int, using generator: inout SeededGenerator) -> PropertyValue {
        switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &generator) {
        case 0: .null
        case 1: .bool(.random(using: &generator))
        case 2: .integer(Int(truncatingIfNeeded: generator.next()) >> Int.random(in: 0..<64, using: &generator))
        case 3: .double(.random(in: -1e6...1e6, using: &generator))
        case 4: .double(.random(in: -1e-300...1e-300, using: &generator))
        case 5: .string(.random(using: &generator))
        case 6:
            .array(
                (0..<Int.random(in: 0..<5, using: &generator)).map { _ in random(depth: depth - 1, using: &generator) })
        default:
            .object(
                Dictionary(
                    (0..<Int.random(in: 0..<5, using: &generator)).map { _ in
                        (String.random(using: &generator), random(depth: depth - 1, using: &generator))
                    }
                ) { first, _ in first })
        }
    }
}

extension String {
    static func random(using generator: inout SeededGenerator) -> String {
        let alphabet: [Character] = [
            "a", "Z", "0", " ", "\"", "\\", "/", "\n", "\t", "\u{0}", "\u{1f}", "\u{7f}", "é", "€", "😀", "\u{10FFFF}",
        ]
        return String(
            (0..<Int.random(in: 0..<12, using: &generator)).map { _ in alphabet.randomElement(using: &generator) ?? "x"
            })
    }
}

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
            default: removeSubrange(index...)
            }
        }
    }
}
