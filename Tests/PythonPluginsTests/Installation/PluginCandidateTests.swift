import Operative
import PythonPlugins
import Testing

@Suite("The choice among a manager's plugins")
struct PluginCandidateTests {
    private let machine = MachinePlatform(system: "Linux", architecture: "x86_64")

    private func candidate(
        _ id: String, _ version: PropertyValue, _ platform: PropertyValue, python: [PropertyValue] = []
    ) -> PluginCandidate {
        PluginCandidate(
            id: id, packageName: "p",
            fields: [
                "package_name": "p", "package_version": version, "supported_platform": platform,
                "supported_py_versions": .array(python),
            ])
    }

    private func best(_ candidates: [PluginCandidate]) -> String? {
        PluginCandidate.best(of: candidates, on: machine) { $0.pythonReleases.max() ?? PythonRelease(3, 9) }?.id
    }

    @Test("One for this machine comes before a higher version for another one")
    func platform() {
        #expect(best([candidate("a", "9", "linux_aarch64"), candidate("b", "1", "linux_x86_64")]) == "b")
        #expect(best([candidate("a", "9", nil), candidate("b", "1", "any")]) == "b")
        #expect(best([candidate("a", "9", "win_amd64"), candidate("b", "1", "manylinux1_i686")]) == "b")
        // The last resort is tried all the same.
        #expect(best([candidate("a", "1", "win_amd64")]) == "a")
        #expect(best([]) == nil)
    }

    @Test("Then the highest version, then the highest Python, then the first")
    func version() {
        #expect(best([candidate("a", "1.9", "any"), candidate("b", "1.10", "any")]) == "b")
        #expect(best([candidate("a", "1.10", "any"), candidate("b", nil, "any")]) == "a")
        let releases = [candidate("a", "1", "any", python: ["py36"]), candidate("b", "1.0", "any", python: ["py311"])]
        #expect(best(releases) == "b")
        #expect(best([candidate("a", "1", "any"), candidate("b", "1", "any")]) == "a")
    }

    @Test(
        "What wagons say of Python is understood in all its forms",
        arguments: [
            ("py311", "3.11"), ("py3.11", "3.11"), ("3.6", "3.6"), ("py27", "2.7"), ("py3", nil), ("x", nil), ("", nil),
            ("py3.x", nil),
        ])
    func tags(_ tag: String, _ release: String?) {
        #expect(PythonRelease(tag: tag)?.description == release)
    }

    @Test("A plugin is read as it is sent: arguments are split on blanks, empty texts are none")
    func specification() {
        let plugin = PluginSpecification([
            "id": "1", "name": "n", "package_name": "", "package_version": nil, "source": 7,
            "install_arguments": "  -r  requirements.txt\t--pre ",
        ])
        #expect(plugin.id == "1" && plugin.label == "n" && plugin.packageVersion == nil && plugin.source == nil)
        #expect(plugin.installArguments == ["-r", "requirements.txt", "--pre"])
    }
}
