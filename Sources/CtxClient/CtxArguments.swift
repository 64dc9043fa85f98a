/// The command line of `ctx`, read as Python's argparse reads it: options may be shortened, joined and placed before or behind the
/// words, not between them; a word with a blank in it is never an option.
package struct CtxArguments: Sendable, Hashable {
    /// How long to wait for the answer, in seconds.
    package var timeout = 30
    /// The URL of the HTTP face; nil when not given.
    package var socketURL: String?
    /// What the words begin with that are JSON.
    package var jsonPrefix = "@"
    /// Whether the answer is to be printed as JSON.
    package var printsJSON = false
    /// What is asked.
    package var words: [String] = []

    /// What else a command line can come to.
    package enum Failure: Error, Hashable {
        /// The user wants to be told how to write one.
        case helpWanted
        /// What is wrong with it.
        case wrong(String)
    }

    package static let usage =
        "usage: ctx [-h] [-t TIMEOUT] [--socket-url SOCKET_URL] [--json-arg-prefix JSON_ARG_PREFIX] [-j] [args ...]"

    package static let help = """
        \(usage)

        Asks the operation that this script runs for: ctx node properties port
        Changes it:                                   ctx instance runtime-properties pid @5

        options:
          -h, --help            show this text
          -t, --timeout SECONDS
                                how long to wait for the answer (30)
          --socket-url URL      where the operation's ctx is; else the environment says it
          --json-arg-prefix PREFIX
                                arguments that begin so are JSON (@)
          -j, --json-output     print the answer as JSON

        """

    private enum Option: String, CaseIterable {
        case help = "--help"
        case timeout = "--timeout"
        case socketURL = "--socket-url"
        case jsonPrefix = "--json-arg-prefix"
        case jsonOutput = "--json-output"

        var letter: Character? {
            switch self {
            case .help: "h"
            case .timeout: "t"
            case .jsonOutput: "j"
            case .socketURL, .jsonPrefix: nil
            }
        }

        var takesValue: Bool { self == .timeout || self == .socketURL || self == .jsonPrefix }
        var name: String { letter.map { "-\($0)/\(rawValue)" } ?? rawValue }
        static func lettered(_ letter: Character) -> Option? { allCases.first { $0.letter == letter } }
    }

    /// What a word on the command line is.
    private enum Word {
        case plain(String)
        /// An option, and what is joined to it.
        case option(Option, joined: String?)
        /// `-jt5`: letters that take no value, followed by more.
        case letters(String)
        case unknown(String)
    }

    private var unrecognized: [String] = []

    package init() {}

    /// Reads a command line.
    ///
    /// - Parameter line: without the program's name.
    package init(_ line: [String]) throws(Failure) {
        let words = try Self.classified(line)
        var index = words.startIndex
        var hasWords = false
        while index < words.endIndex {
            switch words[index] {
            case .plain:
                let end = words[index...].firstIndex { if case .plain = $0 { false } else { true } } ?? words.endIndex
                let run = words[index..<end].map { word in
                    if case .plain(let text) = word { text } else { "" }
                }
                if hasWords { unrecognized += run } else { self.words = run }
                hasWords = true
                index = end
            case .unknown(let text):
                unrecognized.append(text)
                index += 1
            case .option(let option, let joined):
                index += 1
                try take(option, joined: joined, words, &index)
            case .letters(let text):
                index += 1
                try take(letters: text, words, &index)
            }
        }
        guard unrecognized.isEmpty else {
            throw .wrong(
                "unrecognized arguments: \(unrecognized.joined(separator: " ")) (options go before or behind the words, not between them)"
            )
        }
    }

    private mutating func take(letters text: String, _ words: [Word], _ index: inout Int) throws(Failure) {
        var rest = Substring(text)
        while let letter = rest.popFirst() {
            guard let option = Option.lettered(letter) else {
                throw .wrong("ignored explicit argument '\(letter)\(rest)'")
            }
            if option.takesValue {
                return try take(option, joined: rest.isEmpty ? nil : String(rest), words, &index)
            }
            try take(option, joined: nil, words, &index)
        }
    }

    private mutating func take(
        _ option: Option, joined: String?, _ words: [Word], _ index: inout Int
    ) throws(Failure) {
        guard option.takesValue else {
            if let joined { throw .wrong("argument \(option.name): ignored explicit argument '\(joined)'") }
            if option == .help { throw .helpWanted }
            printsJSON = true
            return
        }
        let value: String
        if let joined {
            value = joined
        } else if index < words.endIndex, case .plain(let text) = words[index] {
            value = text
            index += 1
        } else {
            throw .wrong("argument \(option.name): expected one argument")
        }
        switch option {
        case .socketURL: socketURL = value
        case .jsonPrefix: jsonPrefix = value
        default:
            guard let seconds = Self.integer(value) else {
                throw .wrong("argument \(option.name): invalid int value: '\(value)'")
            }
            timeout = seconds
        }
    }

    /// Whole numbers as Python's `int` reads those that fit.
    private static func integer(_ text: String) -> Int? {
        let trimmed = text.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed()
        let parts = String(trimmed).split(separator: "_", omittingEmptySubsequences: false)
        guard parts.dropFirst().allSatisfy({ $0.first?.isNumber == true }),
            parts.dropLast().allSatisfy({ $0.last?.isNumber == true })
        else { return nil }
        return Int(parts.joined())
    }

    // MARK: What a word is

    private static func classified(_ line: [String]) throws(Failure) -> [Word] {
        var words: [Word] = []
        var onlyPlain = false
        for text in line {
            if onlyPlain {
                words.append(.plain(text))
            } else if text == "--" {
                onlyPlain = true
            } else {
                words.append(try classified(text))
            }
        }
        return words
    }

    private static func classified(_ text: String) throws(Failure) -> Word {
        guard text.first == "-", text != "-" else { return .plain(text) }
        if let option = exact(text) { return .option(option, joined: nil) }
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        if parts.count == 2, let option = exact(parts[0]) { return .option(option, joined: parts[1]) }
        if let found = try abbreviated(text, parts) { return found }
        if isNegativeNumber(text) || text.contains(" ") { return .plain(text) }
        return .unknown(text)
    }

    private static func exact(_ text: String) -> Option? {
        if let option = Option(rawValue: text) { return option }
        return text.count == 2 ? text.last.flatMap(Option.lettered) : nil
    }

    private static func abbreviated(_ text: String, _ parts: [String]) throws(Failure) -> Word? {
        if text.hasPrefix("--") {
            let found = Option.allCases.filter { $0.rawValue.hasPrefix(parts[0]) }
            guard found.count < 2 else {
                throw .wrong(
                    "ambiguous option: \(text) could match \(found.map(\.rawValue).joined(separator: ", "))")
            }
            return found.first.map { .option($0, joined: parts.count == 2 ? parts[1] : nil) }
        }
        let letters = text.dropFirst()
        guard let first = letters.first, let option = Option.lettered(first) else { return nil }
        return option.takesValue ? .option(option, joined: String(letters.dropFirst())) : .letters(String(letters))
    }

    private static func isNegativeNumber(_ text: String) -> Bool {
        let parts = text.dropFirst().split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }) else {
            return false
        }
        return parts.last?.isEmpty == false
    }
}
