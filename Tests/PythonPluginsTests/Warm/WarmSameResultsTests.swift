import OperationProcesses
import Testing

/// What an operation, its manager and its log see is the same as with a Python of its own.
@Suite struct WarmSameResultsTests {
    static let functions = [
        "result", "unserialisable", "value_error", "nonrecoverable", "system_exit", "hard_exit", "killed", "prints",
        "describe",
        "exit_handler", "thread_at_end", "unflushed_file", "finalizer", "generator", "interrupted", "no_such_function",
    ]

    @Test("Result, exit status and output are the same, whatever a function does", .timeLimit(.minutes(5)))
    func functions() async throws {
        try await WarmFixture.with(["many": Self.manyFunctions]) { (fixture: WarmFixture) async throws in
            for function in Self.functions {
                let cold = try await fixture.runCold("many.\(function)")
                let warm = try await fixture.run("many.\(function)")
                #expect(warm == cold, "\(function)")
            }
            #expect(fixture.cold.count == 0)
            #expect(fixture.ledger.groups.isEmpty)
        }
    }

    @Test("What a plugin writes and sets up while it is imported is in every operation's log", .timeLimit(.minutes(5)))
    func importOutput() async throws {
        let module = """
            import logging, warnings
            print("imported")
            warnings.warn("careful")
            logging.getLogger("a").info("logged at import")
            logging.getLogger().setLevel(logging.ERROR)
            logging.basicConfig(level=1, format="own %(message)s")
            def run(**_):
                logging.getLogger("b").warning("hidden")
                logging.getLogger("b").error("shown")
            """
        try await WarmFixture.with(["loud": module]) { (fixture: WarmFixture) async throws in
            let cold = try await fixture.runCold("loud.run")
            #expect(cold.log.contains("imported") && cold.log.contains("shown") && !cold.log.contains("hidden"))
            for _ in 0..<2 { #expect(try await fixture.run("loud.run") == cold) }
            #expect(fixture.cold.count == 0)
        }
    }

    @Test("What was made while a plugin was imported comes to its end with each operation", .timeLimit(.minutes(5)))
    func finalizerOfImport() async throws {
        let module = """
            import os
            class Session:
                def __init__(self): self.sent = []
                def __del__(self, write=os.write): write(1, ("flushed %s\\n" % self.sent).encode())
            session = Session()
            def run(**_): session.sent.append(1)
            """
        try await WarmFixture.with(["ends": module]) { (fixture: WarmFixture) async throws in
            let cold = try await fixture.runCold("ends.run")
            #expect(cold.log.contains("flushed [1]"))
            for _ in 0..<2 { #expect(try await fixture.run("ends.run") == cold) }
            #expect(fixture.cold.count == 0)
        }
    }

    private static let manyFunctions = """
        import atexit, json, logging, os, signal, sys, threading, time
        from cloudify.exceptions import NonRecoverableError
        kept = []
        def result(**_): return {"a": [1, None, "\\u00fc"]}
        def unserialisable(**_): return object()
        def value_error(**_): raise ValueError("no")
        def nonrecoverable(**_): raise NonRecoverableError("never")
        def system_exit(**_): sys.exit(5)
        def hard_exit(**_): os._exit(3)
        def killed(**_): os.kill(os.getpid(), signal.SIGKILL)
        def interrupted(**_): raise KeyboardInterrupt()
        def exit_handler(**_): atexit.register(print, "exit handler")
        def prints(**_):
            print("to output")
            sys.stderr.write("to error\\n")
            os.write(1, b"raw\\n")
            logging.getLogger("x").warning("logged")
            os.system("echo from a child")
        def thread_at_end(**_):
            def late():
                time.sleep(0.1)
                print("late")
            threading.Thread(target=late).start()
        def unflushed_file(folder, **_):
            file = open(os.path.join(folder, "kept"), "w")
            file.write("kept")
            kept.append(file)
            atexit.register(lambda: print(os.path.getsize(os.path.join(folder, "kept"))))
        class Goodbye:
            def __del__(self): os.write(1, b"goodbye\\n")
        def suspended():
            try:
                yield
            finally:
                os.write(1, b"closed\\n")
        def generator(**_):
            kept.append(suspended())
            next(kept[0])
        def finalizer(**_): kept.append(Goodbye())
        def describe(**_):
            main = sys.modules["__main__"]
            return json.loads(json.dumps({
                "environment": {k: v for k, v in sorted(os.environ.items()) if k != "OPERATIVE_PROCESS_GROUP"}, "arguments": len(sys.argv), "program": sys.argv[0],
                "original": getattr(sys, "orig_argv", [])[1:4], "directory": os.getcwd(), "path": sys.path,
                "session": os.getsid(0) == os.getpid(), "group": os.getpgrp() == os.getpid(),
                "main": sorted(vars(main)), "file": main.__file__, "module": main.__spec__.name,
                "thread": threading.current_thread().name, "threads": threading.active_count(),
                "tasks": len(os.listdir("/proc/self/task")), "descriptors": sorted(
                    [int(name), os.path.basename(os.readlink("/proc/self/fd/" + name))]
                    for name in os.listdir("/proc/self/fd") if os.path.exists("/proc/self/fd/" + name)),
                "flags": str(sys.flags), "mask": [int(s) for s in signal.pthread_sigmask(signal.SIG_BLOCK, [])],
                "handlers": {int(s): str(signal.getsignal(s)).split(" at ")[0] for s in signal.Signals},
                "logging": [type(h).__name__ for h in logging.getLogger().handlers], "level": logging.getLogger().level,
                "input": os.readlink("/proc/self/fd/0"), "encoding": sys.stdout.encoding, "through": sys.stdout.write_through,
                "cloudify": sorted(name for name in sys.modules if name.startswith("cloudify")),
                "hook": sys.excepthook is sys.__excepthook__,
            }, default=str))
        """
}
