/// The parts of an `http` URL.
package struct HTTPAddress: Sendable, Hashable {
    package let host: String
    package let port: String
    package let path: String
    /// Host and port as they were written.
    package let authority: String

    package init(_ url: String) throws(SystemError) {
        guard url.hasPrefix("http://") else {
            throw SystemError("Unsupported protocol: the URL of ctx must begin with http://")
        }
        guard !url.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) else {
            throw SystemError("the URL of ctx contains a blank or a control character")
        }
        let rest = url.dropFirst("http://".count)
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let authority = rest[..<slash]
        self.authority = String(authority)
        path = slash == rest.endIndex ? "/" : String(rest[slash...])
        let colon = authority.lastIndex(of: ":").flatMap { authority[$0...].contains("]") ? nil : $0 }
        port = colon.map { String(authority[authority.index(after: $0)...]) } ?? "80"
        var name = colon.map { authority[..<$0] } ?? authority[...]
        if name.hasPrefix("["), name.hasSuffix("]") { name = name.dropFirst().dropLast() }
        host = String(name)
        guard !host.isEmpty, UInt16(port) != nil else { throw SystemError("the URL of ctx names no host and port") }
    }
}
