import AgentTestSupport
import Foundation
import Testing

@testable import ManagerClient

@Suite("Files from the web", .timeLimit(.minutes(3)))
struct WebDownloadTests {
    private static let script = Data("#!/bin/sh\necho from the web ".utf8) + [0xFF] + Data("\r\n".utf8)

    private func server() async throws -> WebServer { try await WebServer.shared.value }

    /// Downloads, and hands over the status and the file's content.
    private func get(
        _ url: String, authority: String? = nil, _ download: WebDownload = WebDownload()
    ) async throws -> (Int, Data?) {
        try await withDirectory { directory async throws in
            let file = directory + "/file"
            let status = try await download.download(url, to: file, certificateAuthority: authority)
            return (status, FileManager.default.contents(atPath: file))
        }
    }

    /// Why a download does not come about; nothing may be left of it.
    private func failure(
        _ url: String, authority: String? = nil, _ download: WebDownload = WebDownload()
    ) async throws -> String {
        try await withDirectory { directory async throws in
            let error = await #expect(throws: WebDownload.Failure.self) {
                _ = try await download.download(url, to: directory + "/file", certificateAuthority: authority)
            }
            #expect(try listing(directory) == [])
            return error?.description ?? ""
        }
    }

    @Test("What is there comes as it is, byte for byte, and nobody else can read it")
    func plain() async throws {
        let server = try await server()
        #expect(try await get("http://127.0.0.1:\(server.http)/script") == (200, Self.script))
        try await withDirectory { directory async throws in
            let file = directory + "/file"
            _ = try await WebDownload().download(
                "http://127.0.0.1:\(server.http)/script", to: file, certificateAuthority: nil)
            #expect(try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int == 0o600)
            // A file that is there is somebody else's.
            await #expect(throws: WebDownload.Failure.self) {
                _ = try await WebDownload().download(
                    "http://127.0.0.1:\(server.http)/script", to: file, certificateAuthority: nil)
            }
        }
    }

    @Test("Every status but 200 is handed over, and no file made", arguments: [404, 204, 206, 401, 500, 503])
    func status(_ status: Int) async throws {
        let server = try await server()
        #expect(try await get("http://127.0.0.1:\(server.http)/status?of=\(status)") == (status, nil))
    }

    @Test("Redirections are followed, thirty of them, and no circle")
    func redirections() async throws {
        let server = try await server()
        let base = "http://127.0.0.1:\(server.http)"
        #expect(try await get("\(base)/redirect?to=/script") == (200, Self.script))
        #expect(try await get("\(base)/redirect?to=\(base)/status%3Fof=404") == (404, nil))
        #expect(try await get("\(base)/chain?left=20") == (200, Self.script))
        let many = try await failure("\(base)/chain?left=40")
        #expect(many.contains("redirect"), "\(many)")
        let circle = try await failure("\(base)/circle")
        #expect(circle.contains("redirect"), "\(circle)")
    }

    @Test("A certificate of the given authority is accepted, by address and by name, also behind a redirection")
    func trusted() async throws {
        let server = try await server()
        for host in ["127.0.0.1", "localhost"] {
            #expect(
                try await get("https://\(host):\(server.https)/script", authority: server.authority)
                    == (200, Self.script))
        }
        let target = "https://localhost:\(server.https)/script"
        #expect(
            try await get("http://127.0.0.1:\(server.http)/redirect?to=\(target)", authority: server.authority)
                == (200, Self.script))
        // An authority that is given is not in the way of plain HTTP.
        #expect(try await get("http://127.0.0.1:\(server.http)/script", authority: server.authority).0 == 200)
    }

    @Test("No other certificate is: unknown to the system, of another authority, for another name, out of date")
    func untrusted() async throws {
        let server = try await server()
        func told(_ port: Int, _ authority: String?) async throws -> String {
            try await failure("https://localhost:\(port)/script", authority: authority)
        }
        for message in [
            try await told(server.https, nil), try await told(server.https, server.otherAuthority),
            try await told(server.other, server.authority), try await told(server.wrongHost, server.authority),
            try await told(server.expired, server.authority),
        ] {
            #expect(message.contains("the server's certificate is not to be trusted ("), "\(message)")
            #expect(!message.contains("\n") && message.count < 300 && !message.contains(".build"), "\(message)")
        }
        let nonsense = try await told(server.https, "nonsense")
        #expect(nonsense == "ssl_cert_content cannot be read: it must be PEM text")
        #expect(try await told(server.https, "") == "ssl_cert_content cannot be read: it must be PEM text")
    }

    @Test("What is larger than the limit is given up, announced or not")
    func large() async throws {
        let server = try await server()
        let download = WebDownload(limit: 100_000)
        let base = "http://127.0.0.1:\(server.http)"
        #expect(try await get("\(base)/large?size=100000", download).1?.count == 100_000)
        for path in ["large?size=100001", "endless"] {
            let message = try await failure("\(base)/\(path)", download)
            #expect(message == "Failed downloading \(base)/\(path): it has more than 100000 bytes")
        }
    }

    @Test("A server that says nothing, or stops, is given up in time")
    func silent() async throws {
        let server = try await server()
        let download = WebDownload(deadline: .milliseconds(300))
        for path in ["silent", "stalled"] {
            let url = "http://127.0.0.1:\(server.http)/\(path)"
            let message = try await failure(url, download)
            #expect(message == "Failed downloading \(url): it takes longer than 0.3 seconds")
        }
        let other = try SilentServer(.afterAccept)
        let message = try await failure("https://127.0.0.1:\(other.port)/", authority: server.authority, download)
        #expect(message.hasSuffix("it takes longer than 0.3 seconds"), "\(message)")
        other.close()
    }

    @Test("A body that breaks off, no HTTP and nobody at the port are errors in one line")
    func broken() async throws {
        let server = try await server()
        let base = "http://127.0.0.1:\(server.http)"
        let cut = try await failure("\(base)/cut")
        #expect(cut == "Failed downloading \(base)/cut: the answer breaks off")
        #expect(try await failure("\(base)/nonsense").contains("no HTTP"))
        let nobody = try await failure("http://127.0.0.1:1/x")
        #expect(nobody.contains("127.0.0.1:1") && nobody.contains("refused"), "\(nobody)")
        for url in ["https://", "http:///x", "gopher://x/y"] {
            #expect(try await failure(url).hasPrefix("Failed downloading \(url): "))
        }
    }

    @Test("A download that is cancelled ends")
    func cancelled() async throws {
        let server = try SilentServer(.afterAccept)
        let download = Task { try await get("http://127.0.0.1:\(server.port)/x") }
        await server.connected()
        download.cancel()
        await #expect(throws: CancellationError.self) { _ = try await download.value }
        server.close()
    }

    @Test("Proxies and authorities are those that the agent's environment names, as for Python")
    func environment() async throws {
        let server = try await server()
        let proxy = "127.0.0.1:\(server.http)"
        let credentials = "me:it%27s%20m@\(proxy)"
        let plain = WebDownload(environment: ["http_proxy": "http://\(credentials)/"])
        #expect(try await get("http://nowhere.test:\(server.http)/script", plain) == (200, Self.script))
        let tunnel = WebDownload(environment: ["HTTPS_PROXY": credentials, "CURL_CA_BUNDLE": server.authorityFile])
        #expect(try await get("https://x.broker.test:\(server.https)/script", tunnel) == (200, Self.script))
        let stranger = WebDownload(environment: ["HTTPS_PROXY": "http://\(proxy)"])
        #expect(
            try await failure("https://x.broker.test:\(server.https)/script", stranger).contains(
                "the proxy wants to know"))
        let own = WebDownload(environment: [
            "REQUESTS_CA_BUNDLE": server.authorityFile, "https_proxy": "http://127.0.0.1:1", "no_proxy": "localhost",
        ])
        #expect(try await get("https://localhost:\(server.https)/script", own) == (200, Self.script))
        // What the operation says comes before it.
        #expect(
            try await failure("https://localhost:\(server.https)/script", authority: server.otherAuthority, own)
                .contains("not to be trusted"))
    }

    @Test(
        "A proxy is for the addresses that the environment says",
        arguments: [
            ("http://h/x", ["http_proxy": "http://p:8080"], "p:8080"),
            ("https://h/x", ["http_proxy": "http://p:8080"], nil),
            ("https://h", ["ALL_PROXY": "p"], "p:80"), ("http://h", ["http_proxy": "", "HTTP_PROXY": "q:1"], nil),
            ("http://u@h:81/x@y", ["http_proxy": "p:1", "no_proxy": "a, h:81"], nil),
            ("http://a.h/x", ["http_proxy": "p:1", "NO_PROXY": ".h"], nil),
            ("http://ah/x", ["http_proxy": "p:1", "no_proxy": "h"], "p:1"),
            ("http://[::1]:5/x", ["http_proxy": "[::2]:7", "no_proxy": "127.0.0.1"], "::2:7"),
            ("http://h", ["http_proxy": "p:1", "no_proxy": "*"], nil),
            ("http://h", ["http_proxy": "socks5://p:1"], nil),
        ] as [(String, [String: String], String?)])
    func proxies(_ url: String, _ environment: [String: String], _ expected: String?) {
        let proxy = WebProxy(for: url, environment: environment)
        #expect(proxy.map { "\($0.host):\($0.port)" } == expected)
    }
}
