/// Why a process could not be started or followed. The description is one line that names the remedy.
package struct ProcessFailure: Error, CustomStringConvertible, Sendable, Hashable {
    package let description: String

    package init(_ description: String) { self.description = description }
}
