internal import Glibc

/// Where `operation-launcher` is.
package enum OperationLauncher {
    /// The path of a program that comes with the agent.
    ///
    /// - Parameters:
    ///   - name: such as `ctx`.
    ///   - libexec: the directory that the setting `libexec` names; nil to look beside the agent's own program and in `../lib/operative` from there.
    /// - Throws: ``ProcessFailure`` when it is in none of these places.
    package static func find(_ name: String = "operation-launcher", libexec: String? = nil) throws -> String {
        var places: [String] = []
        if let libexec {
            places = [libexec]
        } else if let own = ownDirectory {
            places = [own, "\(own)/../lib/operative", "\(own)/../libexec/operative"]
        }
        for place in places {
            let path = "\(place)/\(name)"
            if unsafe access(path, X_OK) == 0 { return path }
        }
        throw ProcessFailure(
            "The program \(name), which comes with the agent, is missing: it was looked for in"
                + " \(places.joined(separator: ", ")). Install it there, or set libexec to its directory.")
    }

    private static let ownDirectory: String? = {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let length = unsafe readlink("/proc/self/exe", &buffer, buffer.count - 1)
        guard length > 0 else { return nil }
        let path = String(decoding: buffer.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return path.lastIndex(of: "/").map { String(path[..<$0]) }
    }()
}
