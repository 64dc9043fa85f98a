import Foundation
import Operative
import Testing

@Suite("Property values and the author's own types")
struct PropertyValueCodingTests {
    struct Listen: Codable, Equatable {
        var host: String
        var ports: [UInt16]
        var weight: Double?
        var mode: Mode
        var extra: [String: PropertyValue]
    }
    enum Mode: String, Codable { case plain, tls }

    let listen = Listen(host: "h", ports: [80, 443], weight: 0.5, mode: .tls, extra: ["k": [1, nil]])
    let value: PropertyValue = [
        "host": "h", "ports": [80, 443], "weight": 0.5, "mode": "tls", "extra": ["k": [1, nil]],
    ]

    @Test("encodes a type")
    func encodes() throws {
        #expect(try PropertyValue(encoding: listen) == value)
    }

    @Test("decodes a type")
    func decodes() throws {
        #expect(try value.decode(as: Listen.self) == listen)
    }

    @Test("encodes scalars, optionals and property values")
    func encodesScalars() throws {
        #expect(try PropertyValue(encoding: 5) == 5)
        #expect(try PropertyValue(encoding: UInt8(5)) == 5)
        #expect(try PropertyValue(encoding: Float(0.1)) == 0.1)
        #expect(try PropertyValue(encoding: String?.none) == .null)
        #expect(try PropertyValue(encoding: value) == value)
        #expect(try PropertyValue(encoding: ["a": value]) == ["a": value])
        #expect(try PropertyValue(encoding: [Int]()) == [])
        #expect(throws: EncodingError.self) { try PropertyValue(encoding: UInt.max) }
    }

    @Test("a whole number is accepted for a floating-point number and the reverse, nothing else")
    func conversions() throws {
        #expect(try PropertyValue.integer(3).decode(as: Double.self) == 3)
        #expect(try PropertyValue.double(3).decode(as: Int.self) == 3)
        #expect(throws: DecodingError.self) { try PropertyValue.double(3.5).decode(as: Int.self) }
        #expect(throws: DecodingError.self) { try PropertyValue.string("3").decode(as: Int.self) }
        #expect(throws: DecodingError.self) { try PropertyValue.integer(1).decode(as: Bool.self) }
    }

    @Test(
        "decoding errors name the path, what was expected and what was found",
        arguments: [
            (["ports": [80, "x"]], "ports[1]", "expected an integer, found a string"),
            (["ports": [80, 70000]], "ports[1]", "expected an integer from 0 to 65535, found 70000"),
            (["ports": "80"], "ports", "expected an array, found a string"),
            (["ports": nil], "ports", "expected an array, found null"),
            (["extra": ["a"]], "extra", "expected an object, found an array"),
            (["host": ["a": 1]], "host", "expected a string, found an object"),
        ] as [(PropertyValue, String, String)])
    func errors(change: PropertyValue, path: String, problem: String) throws {
        let members = try #require(value.objectValue).merging(try #require(change.objectValue)) { $1 }
        let error = #expect(throws: DecodingError.self) { try PropertyValue.object(members).decode(as: Listen.self) }
        #expect(error?.details.path == path)
        #expect(error?.details.problem == problem)
    }

    @Test("a missing member is named with what was expected")
    func missing() throws {
        let error = #expect(throws: DecodingError.self) { try PropertyValue.object([:]).decode(as: Listen.self) }
        #expect(error?.details.path == "host")
        #expect(error?.details.problem == "expected a string, found nothing")
    }

    @Test("works with Foundation's coders too")
    func foundation() throws {
        let data = try JSONEncoder().encode(value)
        #expect(try JSONDecoder().decode(PropertyValue.self, from: data) == value)
    }

    @Test("containers written to after they were handed out keep what is written", arguments: [true, false])
    func lateWrites(nested: Bool) throws {
        struct Odd: Encodable {
            enum Keys: String, CodingKey { case list, object }
            let nested: Bool
            func encode(to encoder: any Encoder) throws {
                var container = encoder.container(keyedBy: Keys.self)
                var list = container.nestedUnkeyedContainer(forKey: .list)
                var object = container.nestedContainer(keyedBy: Keys.self, forKey: .object)
                try list.encode(1)
                try object.encode(nested, forKey: .list)
                try list.encode(2)
            }
        }
        #expect(
            try PropertyValue(encoding: Odd(nested: nested)) == ["list": [1, 2], "object": ["list": .bool(nested)]])
    }

    @Test(
        "paths reach into objects and arrays",
        arguments: [
            ("", true), ("host", true), ("ports[1]", true), ("extra.k[0]", true), ("extra.k[2]", false),
            ("ports[-1]", false),
            ("ports[x]", false), ("ports[0", false), ("host.x", false), (".host", false), ("extra..k", false),
            ("nothing", false),
        ])
    func paths(path: String, exists: Bool) {
        #expect((value.value(at: path) != nil) == exists)
    }

    @Test("accessors answer only for their own kind")
    func accessors() {
        #expect(value["host"]?.stringValue == "h")
        #expect(value["host"]?.intValue == nil)
        #expect(value["ports"]?[1]?.intValue == 443)
        #expect(value["ports"]?[2] == nil)
        #expect(value["extra"]?["k"]?[1]?.isNull == true)
        #expect(PropertyValue.double(2.5).intValue == nil)
        #expect(PropertyValue.integer(2).doubleValue == 2)
    }
}
