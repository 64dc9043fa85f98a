internal import Glibc

/// Finds the executable `ctx`.
package enum CtxExecutable {
    /// Looks in `libexec`, beside the agent's own executable, and in `../lib/operative` from there.
    ///
    /// - Parameter libexec: the directory from the settings; nil when none is set. When it is set, nowhere else is looked.
    /// - Throws: ``CtxServiceError`` that names the places.
    package static func locate(libexec: String?) throws(CtxServiceError) -> String {
        let places = libexec.map { [$0] } ?? ownPlaces()
        for place in places where unsafe access("\(place)/ctx", X_OK) == 0 { return "\(place)/ctx" }
        throw CtxServiceError(
            "the executable 'ctx', which scripts need, is not in \(places.joined(separator: " or "))")
    }

    private static func ownPlaces() -> [String] {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = unsafe readlink("/proc/self/exe", &buffer, buffer.count)
        guard count > 0 else { return [] }
        let program = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let folder = program.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        return [folder, "\(folder)/../lib/operative"]
    }
}
