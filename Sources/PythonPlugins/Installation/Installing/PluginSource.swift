internal import Operative

/// Where a plugin comes from that no manager has.
enum PluginSource: Hashable {
    /// An archive on the network, for pip to download.
    case url(String)
    /// An archive among the blueprint's files, by its path there.
    case resource(String)

    /// - Throws: ``NonRecoverableError`` when nothing can be made of the text.
    init(_ text: String, _ scope: InstallationScope) throws {
        guard let schemeEnd = text.firstRange(of: "://") else {
            guard scope.blueprint != nil else {
                throw NonRecoverableError(
                    "blueprint_id must be specified when plugin source does not contain a schema")
            }
            self = .resource("plugins/\(text).zip")
            return
        }
        let scheme = text[..<schemeEnd.lowerBound]
        guard scheme == "http" || scheme == "https" else {
            throw NonRecoverableError("Invalid schema: \(scheme)")
        }
        self = .url(text)
    }
}
