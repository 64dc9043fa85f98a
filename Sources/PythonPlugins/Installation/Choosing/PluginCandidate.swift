internal import ManagerClient
package import Operative

/// A plugin that a manager has.
package struct PluginCandidate: Sendable, Hashable {
    /// The manager's id of it.
    package let id: String
    /// The name of its package.
    package let packageName: String
    /// Its version; nil when the manager does not say.
    package let packageVersion: String?
    /// What machines it is for; nil when the manager does not say.
    package let supportedPlatform: String?
    /// The versions of Python that it is for; empty when the manager does not say.
    package let pythonReleases: [PythonRelease]
    /// What people want to know of it, in one line.
    package let summary: String

    /// A plugin by what the manager says about it.
    ///
    /// - Parameter packageName: what was asked for, for a manager that does not repeat it.
    package init(id: String, packageName: String, fields: [String: PropertyValue]) {
        func text(_ key: String) -> String? { fields[key]?.stringValue.flatMap { $0.isEmpty ? nil : $0 } }
        self.id = id
        self.packageName = text("package_name") ?? packageName
        packageVersion = text("package_version")
        supportedPlatform = text("supported_platform")
        pythonReleases = (fields["supported_py_versions"]?.arrayValue ?? []).compactMap {
            $0.stringValue.flatMap { PythonRelease(tag: $0) }
        }
        let told = ["package_name", "package_version", "supported_platform", "distribution", "distribution_release"]
        summary = told.compactMap { key in text(key).map { "\(key): \($0)" } }.joined(separator: ", ")
    }

    /// The best of those that a manager offers: one for this machine, of the highest version, for the highest Python that there is. The
    /// first of equals; nil of none.
    ///
    /// - Parameters:
    ///   - platform: this machine.
    ///   - release: the Python that a plugin would be run with.
    package static func best(
        of candidates: [PluginCandidate], on platform: MachinePlatform, release: (PluginCandidate) -> PythonRelease
    ) -> PluginCandidate? {
        var best: PluginCandidate?
        for candidate in candidates {
            guard let other = best else {
                best = candidate
                continue
            }
            if other.isWorse(than: candidate, platform, release) { best = candidate }
        }
        return best
    }

    private func isWorse(
        than other: PluginCandidate, _ platform: MachinePlatform, _ release: (PluginCandidate) -> PythonRelease
    ) -> Bool {
        let fits = (platform.supports(supportedPlatform), platform.supports(other.supportedPlatform))
        if fits.0 != fits.1 { return fits.1 }
        let versions = [self, other].map { PythonVersionNumber($0.packageVersion ?? "") }
        if versions[0] != versions[1] { return versions[0] < versions[1] }
        return release(self) < release(other)
    }
}
