/// An interpreter and what it says about itself.
package struct InterpreterFacts: Sendable, Hashable {
    /// The program.
    package let path: String
    /// Its version.
    package let release: PythonRelease
    /// The directory it is installed in: that of the virtual environment, when it belongs to one.
    package let prefix: String
    /// Where its packages are, of those directories that exist.
    package let sitePackages: [String]
}
