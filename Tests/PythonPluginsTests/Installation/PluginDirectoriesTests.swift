import Operative
import PythonPlugins
import Testing

@Suite("Directories of plugins")
struct PluginDirectoriesTests {
    private let root: TemporaryDirectory
    private let directories: PluginDirectories

    init() throws {
        root = try TemporaryDirectory()
        directories = PluginDirectories(base: root.path)
    }

    private func find(_ version: String? = nil, deployment: String? = "d", tenant: String? = "t") throws -> String? {
        try directories.find("p", version: version, tenant: tenant, deployment: deployment)
            .map { String($0.path.dropFirst(root.path.count + 1)) }
    }

    @Test("Without a version the highest counts, in the order of Python's rules, and only what is installed to the end")
    func highest() throws {
        for version in ["1.9", "1.10", "1.10rc1", "odd name"] { try root.addPlugin("plugins/t/p/\(version)") }
        #expect(try find() == "plugins/t/p/1.10")
        #expect(try find("1.9") == "plugins/t/p/1.9")
        #expect(try find("2.0") == nil)
        try root.addPlugin("plugins/t/p/3.0/not the marker's place")
        #expect(try find() == "plugins/t/p/1.10")
        #expect(try find("3.0") == nil)
    }

    @Test("The tenant's plugin comes before the deployment's, and both are looked for where Python agents put them")
    func placesOfAgents() throws {
        #expect(try find() == nil)
        try root.addPlugin("source_plugins/t/d/p/0.0.0")
        #expect(try find() == "source_plugins/t/d/p/0.0.0")
        #expect(try find(deployment: "other") == nil)
        #expect(try find(deployment: nil) == nil)
        try root.addPlugin("plugins/t/p/0.1")
        #expect(try find() == "plugins/t/p/0.1")
        // A version that only the deployment has is found there.
        #expect(try find("0.0.0") == "source_plugins/t/d/p/0.0.0")
        #expect(try find(tenant: nil) == nil)
        try root.addPlugin("plugins/p/5")
        #expect(try find(tenant: nil) == "plugins/p/5")
    }

    @Test("Plugins are installed where they are looked for; without a version below all versions")
    func targets() throws {
        #expect(
            try directories.target("p", version: "1", tenant: "t", deployment: nil) == "\(root.path)/plugins/t/p/1")
        #expect(
            try directories.target("p", version: nil, tenant: "t", deployment: "d")
                == "\(root.path)/source_plugins/t/d/p/0.0.0")
    }

    @Test("No name of a task leads to another directory", arguments: ["", ".", "..", "a/b", "../x", "/etc", "a\0b"])
    func hostileNames(_ name: String) {
        #expect(throws: NonRecoverableError.self) {
            try directories.target(name, version: "1", tenant: "t", deployment: nil)
        }
        #expect(throws: NonRecoverableError.self) {
            try directories.target("p", version: name, tenant: "t", deployment: nil)
        }
        #expect(throws: NonRecoverableError.self) {
            try directories.find("p", version: nil, tenant: "t", deployment: name.isEmpty ? "a/b" : name)
        }
        #expect(throws: NonRecoverableError.self) {
            try directories.find("p", version: nil, tenant: name.isEmpty ? "a/b" : name, deployment: nil)
        }
    }

    @Test("CFY_PLUGINS_ROOT is the base where it exists, else the interpreter's prefix")
    func base() {
        #expect(PluginDirectories(environment: ["CFY_PLUGINS_ROOT": root.path + "/./"], prefix: "/p").base == root.path)
        #expect(PluginDirectories(environment: ["CFY_PLUGINS_ROOT": root.path], prefix: "/p").base == root.path)
        #expect(
            PluginDirectories(environment: ["CFY_PLUGINS_ROOT": root.path + "/missing"], prefix: "/p").base == "/p")
        #expect(PluginDirectories(environment: [:], prefix: "/p").base == "/p")
    }

    @Test("The agent's own plugins are never looked for")
    func builtIn() {
        for name in [nil, "", "script", "agent", "diamond", "cloudify_system_workflows"] {
            #expect(BuiltInPlugins.contain(name))
        }
        for name in ["Script", "ansible", " script"] { #expect(!BuiltInPlugins.contain(name)) }
    }
}
