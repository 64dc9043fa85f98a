internal import Operative

/// What the command line knows of the program that it belongs to.
struct ProgramIdentity: Sendable {
    var name: String
    var version: String?
    var plugins: [any Plugin]

    @TaskLocal static var current = ProgramIdentity(name: "operative", version: nil, plugins: [])
}
