/// An error that has no better name, as the manager's side knows it.
struct RuntimeError: Error, Hashable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
