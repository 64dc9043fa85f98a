internal import Operative

/// The members of an object in an answer, with errors that name what is missing.
struct RecordFields {
    let members: [String: PropertyValue]
    private let request: String
    private let path: String

    init(_ value: PropertyValue, _ request: String, path: String = "") throws(ManagerError) {
        guard let members = value.objectValue else {
            let place = path.isEmpty ? "the answer" : "'\(path)'"
            throw ManagerError(
                .invalidResponse, message: "\(place) is \(value.kindDescription), not an object", request: request)
        }
        self.members = members
        self.request = request
        self.path = path
    }

    func string(_ name: String) throws(ManagerError) -> String {
        guard let text = members[name]?.stringValue else { throw wrong(name, "a string") }
        return text
    }

    func optionalString(_ name: String) throws(ManagerError) -> String? {
        guard let value = members[name], !value.isNull else { return nil }
        guard let text = value.stringValue else { throw wrong(name, "a string") }
        return text
    }

    func integer(_ name: String) throws(ManagerError) -> Int {
        guard let number = members[name]?.intValue else { throw wrong(name, "an integer") }
        return number
    }

    func optionalInteger(_ name: String) throws(ManagerError) -> Int? {
        guard let value = members[name], !value.isNull else { return nil }
        guard let number = value.intValue else { throw wrong(name, "an integer") }
        return number
    }

    /// An object; empty when it is absent or null.
    func object(_ name: String) throws(ManagerError) -> [String: PropertyValue] {
        guard let value = members[name], !value.isNull else { return [:] }
        guard let object = value.objectValue else { throw wrong(name, "an object") }
        return object
    }

    /// A list of strings; empty when it is absent or null.
    func strings(_ name: String) throws(ManagerError) -> [String] {
        var texts: [String] = []
        for value in try array(name) {
            guard let text = value.stringValue else { throw wrong(name, "a list of strings") }
            texts.append(text)
        }
        return texts
    }

    /// A list of objects; empty when it is absent or null.
    func records(_ name: String) throws(ManagerError) -> [RecordFields] {
        var records: [RecordFields] = []
        for value in try array(name) {
            records.append(try RecordFields(value, request, path: path.isEmpty ? name : "\(path).\(name)"))
        }
        return records
    }

    private func array(_ name: String) throws(ManagerError) -> [PropertyValue] {
        guard let value = members[name], !value.isNull else { return [] }
        guard let elements = value.arrayValue else { throw wrong(name, "a list") }
        return elements
    }

    private func wrong(_ name: String, _ expected: String) -> ManagerError {
        let found = members[name].map { $0.kindDescription } ?? "missing"
        let field = path.isEmpty ? name : "\(path).\(name)"
        return ManagerError(
            .invalidResponse, message: "'\(field)' in the answer is \(found), not \(expected)", request: request)
    }
}
