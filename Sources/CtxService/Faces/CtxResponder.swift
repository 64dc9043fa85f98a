internal import Operative
internal import PythonFormat

/// Answers requests: JSON text in, JSON text out. Whatever is asked, there is an answer.
struct CtxResponder: Sendable {
    let context: OperationContext
    let answers: CtxAnswers
    /// Whom the script runs as; nil when that is the agent's own user.
    let account: Account?

    func answer(to request: [UInt8]) async -> [UInt8] {
        do {
            let (words, directory) = try Self.read(request)
            let files = ScriptFiles(directory: directory, account: account)
            let model = CtxModel(context: context, answers: answers, files: files)
            let root = model.root
            return try await Self.encoded(try await CtxResolver(root: root).resolve(words))
        } catch {
            return Self.encoded(CtxFault(error))
        }
    }

    private static func read(_ request: [UInt8]) throws(CtxFault) -> (words: [PropertyValue], directory: String?) {
        let value: PropertyValue
        do throws(JSONError) {
            value = try PropertyValue(json: request)
        } catch {
            throw CtxFault("JSONDecodeError", module: "json.decoder", "\(error.reason): byte \(error.offset)")
        }
        guard let words = value["args"] else { throw CtxFault("KeyError", "'args'") }
        guard case .array(let words) = words else {
            throw .type("args must be a list, not \(words.kindDescription)")
        }
        return (words, value["directory"]?.stringValue)
    }

    private static func encoded(_ item: CtxItem) async throws -> [UInt8] {
        switch item {
        case .value(let value): return result(value)
        case .mapping(let mapping): return result(.object(try await mapping.read()))
        case .object(let object):
            if let whole = object.whole { return result(whole) }
            throw CtxFault.type(
                "Object of type \(object.type) is not JSON serializable: ask for one of \(object.attributes.keys.sorted().joined(separator: ", "))"
            )
        case .function(let function):
            throw CtxFault.type("Object of type method is not JSON serializable: \(function.name)")
        case .stop(let message):
            var writer = PythonJSON()
            writer.raw("{\"type\": \"stop_operation\", \"payload\": ")
            writer.value(["message": .string(message)])
            writer.raw("}")
            return writer.bytes
        }
    }

    private static func result(_ value: PropertyValue) -> [UInt8] {
        var writer = PythonJSON()
        writer.raw("{\"type\": \"result\", \"payload\": ")
        writer.value(value)
        writer.raw("}")
        return writer.bytes
    }

    /// The answer that tells of an error.
    static func encoded(_ fault: CtxFault) -> [UInt8] {
        var writer = PythonJSON()
        writer.raw("{\"type\": \"error\", \"payload\": {\"type\": ")
        writer.string(fault.type)
        writer.raw(", \"message\": ")
        writer.string(fault.message)
        writer.raw(", \"traceback\": ")
        writer.string(fault.traceback)
        writer.raw("}}")
        return writer.bytes
    }
}
