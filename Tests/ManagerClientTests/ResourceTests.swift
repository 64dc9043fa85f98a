import Foundation
import ManagerClient
import ManagerTestServer
import Operative
import Testing

@Suite("Resources", .timeLimit(.minutes(3)))
struct ResourceTests {
    private static let location = ResourceLocation(tenant: "default_tenant", deployment: "dep1", blueprint: "bp1")

    private func text(_ path: String, _ client: ManagerClient) async throws -> String {
        String(decoding: try await client.resource(path, of: Self.location), as: UTF8.self)
    }

    @Test("The deployment's folder goes before the blueprint's, which goes before the path itself")
    func order() async throws {
        try await withManager { manager, client async throws in
            manager.change { store in
                store.blueprints["bp1"] = ["id": "bp1", "visibility": "tenant", "tenant_name": "default_tenant"]
                store.files["x.txt"] = StoredFile("global")
            }
            #expect(try await text("x.txt", client) == "global")
            manager.change { $0.files["blueprints/default_tenant/bp1/x.txt"] = StoredFile("blueprint") }
            #expect(try await text("/x.txt", client) == "blueprint")
            manager.change { $0.files["deployments/default_tenant/dep1/x.txt"] = StoredFile("deployment") }
            #expect(try await text("x.txt", client) == "deployment")
            // Another refusal than 404 moves on too, a refused token does not.
            manager.inject(.status(400), path: "/resources/deployments")
            #expect(try await text("x.txt", client) == "blueprint")
            manager.inject(.status(401, code: "unauthorized_error"), path: "/resources/deployments")
            let error = await failure { () throws(ManagerError) in
                try await client.resource("x.txt", of: Self.location)
            }
            #expect(error?.isTokenRefused == true)
            let missing = await failure { () throws(ManagerError) in
                try await client.resource("y.txt", of: Self.location)
            }
            #expect(
                missing?.message
                    == "404 (deployments/default_tenant/dep1/y.txt,blueprints/default_tenant/bp1/y.txt,y.txt) "
                    + ": Resource not found: y.txt")
            #expect(
                manager.requests.filter { $0.path.hasPrefix("/resources") }.allSatisfy { $0.header("tenant") == nil })
        }
    }

    @Test("A global blueprint's files are its own tenant's, and a namespace leads to the blueprint that was imported")
    func blueprints() async throws {
        try await withManager { manager, client async throws in
            manager.change { store in
                store.blueprints["bp1"] = [
                    "id": "bp1", "visibility": "global", "tenant_name": "owner",
                    "plan": ["namespaces_mapping": ["ns": "imported"]],
                ]
                store.blueprints["imported"] = ["id": "imported", "visibility": "tenant"]
                store.files["blueprints/owner/bp1/a.sh"] = StoredFile("global")
                store.files["blueprints/default_tenant/imported/a.sh"] = StoredFile("imported")
            }
            #expect(try await text("a.sh", client) == "global")
            #expect(try await text("ns--a.sh", client) == "imported")
            #expect(try await text("unknown--a.sh", client) == "global")
        }
    }

    @Test(
        "Names that try to leave their directory are refused before anything is sent",
        arguments: ["../x", "a/../../x", "/../x", "..", "a/..", "", "/", "a\\..\\b", "a\u{0}b", "a\nb", "ns--../x"])
    func traversal(_ path: String) async throws {
        try await withManager { manager, client async throws in
            let location = ResourceLocation(tenant: "t", deployment: "d", blueprint: "b")
            let error = await failure { () throws(ManagerError) in try await client.resource(path, of: location) }
            #expect(error?.reason == .invalidRequest, "\(String(describing: error))")
            #expect(manager.requests.isEmpty)
        }
    }

    @Test("A directory's listing joins both folders; names in it that try to leave it are an error")
    func directory() async throws {
        try await withManager { manager, client async throws in
            manager.change { store in
                store.blueprints["bp1"] = ["id": "bp1", "visibility": "tenant"]
                store.files["deployments/default_tenant/dep1/conf/a"] = StoredFile("a")
                store.files["blueprints/default_tenant/bp1/conf/sub/b"] = StoredFile("b")
            }
            #expect(try await client.resourceDirectory("conf", of: Self.location) == ["a", "sub/b"])
            manager.inject(.body("{\"../../etc/passwd\": \"2026\"}"), path: "/conf")
            let error = await failure { () throws(ManagerError) in
                try await client.resourceDirectory("conf", of: Self.location)
            }
            #expect(error?.reason == .invalidRequest)
            let missing = await failure { () throws(ManagerError) in
                try await client.resourceDirectory("none", of: Self.location)
            }
            #expect(missing?.reason == .notFound)
        }
    }

    @Test("A file appears whole, with mode 0600; whatever goes wrong, nothing else is left")
    func partialFiles() async throws {
        let time = VirtualTime()
        try await withManager(limits { $0.time = time.clock() }) { manager, client async throws in
            let place = ResourceLocation(tenant: "t", deployment: "d", blueprint: nil)
            manager.change { $0.files["deployments/t/d/x"] = StoredFile("0123456789") }
            try await withDirectory { directory async throws in
                let target = directory + "/x"
                manager.inject(.truncate(4))
                #expect(try await client.downloadResource("x", of: place, to: target, limit: 10) == 10)
                #expect(try content(target) == "0123456789")
                let mode = try FileManager.default.attributesOfItem(atPath: target)[.posixPermissions] as? Int
                #expect(mode == 0o600)

                manager.inject(.truncate(4), times: 1000)
                let broken = await failure { () throws(ManagerError) in
                    try await client.downloadResource("x", of: place, to: target, limit: 10)
                }
                #expect(broken?.reason == .invalidResponse)
                manager.clearFaults()
                let large = await failure { () throws(ManagerError) in
                    try await client.downloadResource("x", of: place, to: directory + "/y", limit: 9)
                }
                #expect(large?.reason == .responseTooLarge)
                manager.inject(.flood(1 << 20))
                let flood = await failure { () throws(ManagerError) in
                    try await client.downloadResource("x", of: place, to: directory + "/y", limit: 1000)
                }
                #expect(flood?.reason == .responseTooLarge)
                #expect(try listing(directory) == ["x"])
                #expect(try content(target) == "0123456789")
                let nowhere = await failure { () throws(ManagerError) in
                    try await client.downloadResource("x", of: place, to: directory + "/no/x", limit: 10)
                }
                #expect(nowhere?.reason == .localFile)
            }
        }
    }

    @Test("100 MB go to disk without being held in memory")
    func large() async throws {
        let size = 100 << 20
        try await withManager { manager, client async throws in
            let place = ResourceLocation(tenant: "t", deployment: "d", blueprint: nil)
            manager.change { $0.files["deployments/t/d/x"] = StoredFile(.zeros(size)) }
            try await withDirectory { directory async throws in
                let target = directory + "/x"
                // Other tests of the same process use memory meanwhile: the quietest of a few turns counts.
                var growth = Int.max
                for _ in 0..<5 where growth >= 40 << 20 {
                    try Data("5".utf8).write(to: URL(filePath: "/proc/self/clear_refs"))
                    let before = try memory("VmRSS:")
                    #expect(try await client.downloadResource("x", of: place, to: target, limit: size) == size)
                    growth = min(growth, try memory("VmHWM:") - before)
                }
                #expect(growth < 40 << 20)
                let attributes = try FileManager.default.attributesOfItem(atPath: target)
                #expect(attributes[.size] as? Int == size)
            }
        }
    }

    /// Bytes that the kernel counts for this process; a write to `clear_refs` makes the peak start anew.
    private func memory(_ field: String) throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix(field) })
        return try #require(Int(line.filter { $0.isNumber })) << 10
    }

    @Test("A workdir is listed, fetched as an archive and file by file, stored and removed from")
    func workdir() async throws {
        try await withManager { manager, client async throws in
            manager.change {
                $0.files["deployments/t/d/a.txt"] = StoredFile("one", modified: "2026-01-01T00:00:00+00:00")
            }
            try await withDirectory { directory async throws in
                let local = directory + "/b"
                try String(repeating: "line\r\n--\n", count: 50_000).write(
                    toFile: local, atomically: false, encoding: .utf8)
                try await client.uploadWorkdirFile(
                    local, as: "sub dir/ü\".txt", modified: "2026-02-02T00:00:00+00:00", to: "d", tenant: "t")
                let index = try await client.workdirIndex(of: "d", tenant: "t")
                #expect(
                    index == [
                        "a.txt": "2026-01-01T00:00:00+00:00", "sub dir/ü\".txt": "2026-02-02T00:00:00+00:00",
                    ])
                try await client.downloadWorkdirFile(
                    "sub dir/ü\".txt", of: "d", tenant: "t", to: directory + "/c", limit: 1 << 20)
                #expect(try content(directory + "/c") == content(local))
                let archive = try await client.downloadWorkdirArchive(
                    of: "d", tenant: "t", to: directory + "/d.tar", limit: 1 << 20)
                #expect(archive.length > 450_000 && archive.contentType == "application/x-tar")
                try await client.deleteWorkdirFile("a.txt", of: "d", tenant: "t")
                try await client.deleteWorkdirFile("a.txt", of: "d", tenant: "t")
                #expect(manager.store.files.count == 1)
                let error = await failure { () throws(ManagerError) in
                    try await client.uploadWorkdirFile(local, as: "../x", modified: "", to: "d", tenant: "t")
                }
                #expect(error?.reason == .invalidRequest)
                let missing = await failure { () throws(ManagerError) in
                    try await client.uploadWorkdirFile(directory + "/no", as: "x", modified: "", to: "d", tenant: "t")
                }
                #expect(missing?.reason == .localFile)
            }
        }
    }
}
