import Operative

/// What is read equals itself, hashes like itself, and is the same after writing and reading; writing settles at once.
func fuzzPropertyValue(_ bytes: [UInt8]) {
    guard let value = try? PropertyValue(json: bytes) else { return }
    precondition(value == value, "a value that does not equal itself")
    let json = value.json
    guard let again = try? PropertyValue(json: json) else { preconditionFailure("JSON of our own that is refused") }
    precondition(again == value, "a value that writing and reading changes")
    precondition(again.hashValue == value.hashValue, "equal values with different hashes")
    precondition(again.json == json, "equal values with different text")
}
