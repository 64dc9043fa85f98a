import AgentTestSupport
import Foundation
import Testing

@testable import PythonPlugins

/// What a plugin's import leaves behind is never shared by two operations that would each have had their own.
@Suite("What imports leave behind in a resident parent")
struct WarmImportTests {
    @Test(
        "A plugin with a thread that was started while it was imported runs cold, and the agent says so once",
        .timeLimit(.minutes(5)))
    func thread() async throws {
        let module = """
            import threading, time
            thread = threading.Thread(target=time.sleep, args=(1000,), daemon=True)
            thread.start()
            def run(**_): return thread.is_alive()
            """
        try await WarmFixture.with(["threaded": module]) { (fixture: WarmFixture) async throws in
            let expected = try await fixture.runCold("threaded.run")
            #expect(expected.payload == "true")
            for _ in 0..<2 { #expect(try await fixture.run("threaded.run") == expected) }
            #expect(fixture.cold.count == 2)
            #expect(fixture.notices.all.filter { $0.hasSuffix("it has more than one thread") }.count == 1)
        }
    }

    @Test(
        "A plugin with a TLS connection that was opened while it was imported runs cold: each operation has one of its own",
        .timeLimit(.minutes(5)))
    func connection() async throws {
        let module = """
            import os, socket, ssl
            listener = socket.socket()
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            client = socket.create_connection(listener.getsockname())
            connection = ssl._create_unverified_context().wrap_socket(client, do_handshake_on_connect=False)
            owner = os.getpid()
            def run(**_): return owner == os.getpid()
            """
        try await expectCold("connected", module, payload: "true", because: "importing connected uses the network")
    }

    @Test("A plugin that keeps a socket or a file open runs cold", .timeLimit(.minutes(5)))
    func descriptor() async throws {
        let module = """
            import os
            file = open("/proc/self/status")
            owner = os.getpid()
            def run(**_): return owner == os.getpid()
            """
        try await expectCold("opened", module, payload: "true", because: "importing opened leaves /proc/")
    }

    @Test(
        "A plugin that read its environment while it was imported sees that of each operation", .timeLimit(.minutes(5)))
    func environment() async throws {
        let module = """
            import os
            word = os.environ["WORD"]
            os.environ["ADDED"] = word
            def run(**_): return [word, os.environ["WORD"], os.environ["ADDED"], os.getppid()]
            """
        try await WarmFixture.with(["reads": module]) { (fixture: WarmFixture) async throws in
            for word in ["one", "two", "one"] {
                let payload = try #require(try await fixture.run("reads.run", variables: ["WORD": word]).payload)
                #expect(payload.hasPrefix("[\"\(word)\", \"\(word)\", \"\(word)\","))
            }
            #expect(fixture.cold.count == 0)
        }
    }

    @Test("Random numbers differ from operation to operation", .timeLimit(.minutes(5)))
    func random() async throws {
        let module = """
            import random, secrets, uuid
            def run(**_): return [random.random(), secrets.token_hex(8), str(uuid.uuid4()), random.SystemRandom().random()]
            """
        try await WarmFixture.with(["draws": module]) { (fixture: WarmFixture) async throws in
            let first = try #require(try await fixture.run("draws.run").payload)
            let second = try #require(try await fixture.run("draws.run").payload)
            #expect(Set(first.split(separator: ",")).isDisjoint(with: second.split(separator: ",")))
            #expect(fixture.cold.count == 0)
        }
    }

    @Test(
        "A plugin that draws random numbers while it is imported, or prepares to, runs cold",
        .timeLimit(.minutes(5)),
        arguments: [
            "import random; value = random.random()", "import uuid; value = str(uuid.uuid4())",
            "import random; value = random.Random().random()", "import secrets; value = secrets.token_hex(8)",
            "value = open('/dev/urandom', 'rb').read(8).hex()", "value = open('/dev/random', 'rb').read(8).hex()",
            "import os; value = os.getrandom(8).hex()", "from os import urandom; value = urandom(8).hex()",
            "import ssl; value = ssl.RAND_bytes(8).hex()", "import uuid; value = str(uuid.uuid1())",
            "import multiprocessing; value = bytes(multiprocessing.current_process().authkey).hex()",
            "import multiprocessing as m; value = bytes(m.Process()._config['authkey']).hex()",
        ])
    func randomAtImport(text: String) async throws {
        try await WarmFixture.with(["drawn": text + "\ndef run(**_): return value"]) {
            (fixture: WarmFixture) async throws in
            let values = [try await fixture.run("drawn.run").payload, try await fixture.run("drawn.run").payload]
            #expect(values[0] != values[1])
            #expect(fixture.cold.count == 2)
        }
    }

    @Test(
        "What libraries draw for their process alone, and the place for temporary files, keep nothing cold; no two operations share a key",
        .timeLimit(.minutes(5)))
    func libraries() async throws {
        let module = """
            import multiprocessing.pool, tempfile
            place = tempfile.gettempdir()
            def run(**_): return [place, multiprocessing.current_process().authkey.hex()]
            def gone(**_): return tempfile.gettempdir()
            """
        try await WarmFixture.with(["keyed": module]) { (fixture: WarmFixture) async throws in
            let place = fixture.plugin.file("temporary")
            try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
            let variables = ["TMPDIR": place]
            let first = try #require(try await fixture.run("keyed.run", variables: variables).payload)
            let second = try #require(try await fixture.run("keyed.run", variables: variables).payload)
            #expect(first.hasPrefix("[\"\(place)\", \"") && second.hasPrefix("[\"\(place)\", \""))
            #expect(first != second)
            // As in a process that begins now.
            try FileManager.default.removeItem(atPath: place)
            #expect(try await fixture.run("keyed.gone", variables: variables).payload == "\"/tmp\"")
            #expect(fixture.cold.count == 0, "\(fixture.notices.all)")
        }
    }

    @Test(
        "What the import of one plugin leaves behind is not seen by another plugin of the same environment",
        .timeLimit(.minutes(5)))
    func otherPlugin() async throws {
        let first = """
            import os, socket, sys, json
            os.environ["AWS_PROFILE"] = "first"
            socket.setdefaulttimeout(5)
            os.chdir("/tmp")
            json.patched = True
            sys.path.insert(0, "/nowhere")
            def run(**_): return os.getppid()
            """
        let second = """
            import os, socket, sys, json
            def run(**_):
                return [os.environ.get("AWS_PROFILE"), socket.getdefaulttimeout(), os.getcwd(), hasattr(json, "patched"), sys.path]
            """
        try await WarmFixture.with(["first": first, "second": second]) { (fixture: WarmFixture) async throws in
            let expected = try await fixture.runCold("second.run")
            let parent = try await fixture.run("first.run").payload
            #expect(try await fixture.run("second.run") == expected)
            // Neither takes the other's parent away.
            #expect(try await fixture.run("first.run").payload == parent)
            #expect(fixture.cold.count == 0, "\(fixture.notices.all)")
        }
    }

    @Test(
        "The place for temporary files is the one that the plugin has asked for, in its import or in its function",
        .timeLimit(.minutes(5)),
        arguments: [
            "import os\nos.environ['TMPDIR'] = os.environ['OWN']\nimport tempfile\ndef run(**_): return tempfile.gettempdir()",
            """
            import os, tempfile
            def run(**_):
                os.environ['TMPDIR'] = os.environ['OWN']
                return tempfile.gettempdir()
            """,
            """
            import os, tempfile
            os.environ['TMPDIR'] = os.environ['OWN']
            tempfile.gettempdir()
            os.environ['TMPDIR'] = '/tmp'
            def run(**_): return tempfile.gettempdir()
            """,
        ])
    func temporaryPlace(module: String) async throws {
        try await WarmFixture.with(["places": module]) { (fixture: WarmFixture) async throws in
            let place = fixture.plugin.file("own")
            try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
            for _ in 0..<2 {
                #expect(try await fixture.run("places.run", variables: ["OWN": place]).payload == "\"\(place)\"")
            }
            #expect(fixture.cold.count == 0, "\(fixture.notices.all)")
        }
    }

    @Test("Memory that is shared with forked processes is shared by no two operations", .timeLimit(.minutes(5)))
    func sharedMemory() async throws {
        let module = """
            import mmap
            counter = mmap.mmap(-1, 4096)
            def run(**_):
                counter[0] = counter[0] + 1
                return counter[0]
            """
        try await expectCold("shares", module, payload: "1", because: "importing shares shares memory")
    }

    @Test(
        "A module that changes while it is imported runs as it is now", .timeLimit(.minutes(5)),
        arguments: ["text", "broken text"])
    func changesMeanwhile(text: String) async throws {
        // The first import finds the old module; before it is over, the new one is in its place.
        let module = """
            import ctypes, os
            # Not by os.rename, which alone would keep it cold.
            ctypes.CDLL(None).rename(os.environ["PYTHONPATH"].encode() + b"/new.txt", __file__.encode())
            \(text == "text" ? "" : "raise ImportError('half')")
            def run(**_): return 'old'
            """
        try await WarmFixture.with(["changing": module]) { (fixture: WarmFixture) async throws in
            try "def run(**_): return 'new'".write(
                toFile: fixture.plugin.file("modules/new.txt"), atomically: true, encoding: .utf8)
            for _ in 0..<2 { #expect(try await fixture.run("changing.run").payload == "\"new\"") }
            #expect(fixture.cold.count == 0, "\(fixture.notices.all)")
        }
    }

    @Test(
        "A generator with a seed of its own gives every operation the same numbers, as it does cold",
        .timeLimit(.minutes(5)))
    func seeded() async throws {
        let module =
            "import random\ngenerator = random.Random(42)\ndef run(**_): return [generator.random() for _ in range(3)]"
        try await WarmFixture.with(["seeded": module]) { (fixture: WarmFixture) async throws in
            let expected = try await fixture.runCold("seeded.run")
            for _ in 0..<2 { #expect(try await fixture.run("seeded.run") == expected) }
            #expect(fixture.cold.count == 0)
        }
    }

    @Test(
        "A plugin whose import does something outside its memory runs cold: it is done for each operation",
        .timeLimit(.minutes(5)),
        arguments: [
            "import subprocess; subprocess.check_call(['true'])",
            "import os; open(os.environ['PYTHONPATH'] + '/data', 'w').close()",
            "import signal; signal.setitimer(signal.ITIMER_REAL, 1000)",
            "import signal; signal.signal(signal.SIGCHLD, signal.SIG_IGN)",
        ])
    func deeds(text: String) async throws {
        try await WarmFixture.with(["does": text + "\ndef run(**_): return 1"]) { (fixture: WarmFixture) async throws in
            #expect(try await fixture.run("does.run").payload == "1")
            #expect(fixture.cold.count == 1)
            #expect(fixture.notices.all.count == 1)
        }
    }

    @Test(
        "A module that cannot be imported fails as it does cold, and other modules stay warm", .timeLimit(.minutes(5)))
    func broken() async throws {
        try await WarmFixture.with(["broken": "raise ImportError('no such thing')", "good": "def run(**_): return 1"]) {
            fixture in
            let expected = try await fixture.runCold("broken.run")
            #expect(try await fixture.run("broken.run") == expected)
            #expect(try await fixture.run("broken.run") == expected)
            #expect(try await fixture.run("good.run").payload == "1")
            #expect(fixture.cold.count == 2)
        }
    }

    private func expectCold(_ name: String, _ module: String, payload: String, because: String) async throws {
        try await WarmFixture.with([name: module]) { (fixture: WarmFixture) async throws in
            for _ in 0..<2 { #expect(try await fixture.run("\(name).run").payload == payload) }
            #expect(fixture.cold.count == 2)
            #expect(fixture.notices.all.contains { $0.contains(because) }, "\(fixture.notices.all)")
        }
    }
}
