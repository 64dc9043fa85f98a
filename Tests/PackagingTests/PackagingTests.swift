import AgentConfiguration
import Foundation
import Testing

@Suite("Packaging")
struct PackagingTests {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    private func text(_ path: String) throws -> String {
        try String(contentsOfFile: "\(Self.root)/\(path)", encoding: .utf8)
    }

    private func defaults() throws -> AgentConfiguration {
        try AgentConfiguration.load(file: nil, environment: [:], overrides: [:])
    }

    @Test("The unit waits for real readiness, longer than the agent tries to reach its broker")
    func readiness() throws {
        let unit = UnitFile(try text("systemd/operative.service"))
        #expect(unit["Service.Type"] == ["notify"])
        #expect(unit["Service.NotifyAccess"] == ["main"])
        let limit = try #require(unit["Service.TimeoutStartSec"].first.flatMap(DurationText.parse))
        #expect(limit > (try #require(defaults().broker.startupTimeout)) + .seconds(30))
    }

    @Test("systemd watches the agent, and starts it again when it is stuck")
    func watchdog() throws {
        let unit = UnitFile(try text("systemd/operative.service"))
        let interval = try #require(unit["Service.WatchdogSec"].first.flatMap(DurationText.parse))
        // The timer thread may be a second late, and the disk of a busy machine several.
        #expect(interval >= .seconds(30))
        // on-failure includes the watchdog.
        #expect(unit["Service.Restart"] == ["on-failure"])
    }

    @Test("systemd waits longer for the agent to stop than the agent takes to drain and to flush")
    func stopping() throws {
        let unit = UnitFile(try text("systemd/operative.service"))
        let limit = try #require(unit["Service.TimeoutStopSec"].first.flatMap(DurationText.parse))
        let configuration = try defaults()
        #expect(limit >= configuration.drainTimeout + configuration.telemetry.flushTimeout + .seconds(30))
        #expect(unit["Service.KillSignal"].isEmpty)
    }

    @Test("What an operation left running survives a restart of the agent, under a user nobody else gets")
    func survivors() throws {
        let unit = UnitFile(try text("systemd/operative.service"))
        #expect(unit["Service.KillMode"] == ["process"])
        #expect(unit["Service.OOMPolicy"] == ["continue"])
        #expect(unit["Service.DynamicUser"].isEmpty)
        #expect(unit["Service.User"] == ["operative"])
        #expect(try text("systemd/operative.sysusers").contains("u operative "))
    }

    @Test("A wrong configuration is not started again and again, anything else is")
    func restarting() throws {
        let unit = UnitFile(try text("systemd/operative.service"))
        #expect(unit["Service.Restart"] == ["on-failure"])
        let error = #expect(throws: ConfigurationError.self) {
            try AgentConfiguration.load(file: nil, environment: [:], overrides: ["broker.port": "0"])
        }
        #expect(unit["Service.RestartPreventExitStatus"] == [String(try #require(error).exitCode)])
        #expect(unit["Unit.StartLimitIntervalSec"] == ["0"])
    }

    @Test("The state directory of the unit is the agent's default, and closed to others")
    func stateDirectory() throws {
        let unit = UnitFile(try text("systemd/operative.service"))
        #expect(unit["Service.StateDirectory"].map { "/var/lib/\($0)" } == [try defaults().stateDirectory])
        #expect(unit["Service.StateDirectoryMode"] == ["0700"])
    }

    @Test("The unprivileged unit is sandboxed, and the drop-in for agents that configure the machine undoes all of it")
    func sandbox() throws {
        let unit = UnitFile(try text("systemd/operative.service"))
        let dropIn = UnitFile(try text("systemd/privileged.conf"))
        #expect(unit["Service.NoNewPrivileges"] == ["yes"])
        #expect(unit["Service.ProtectSystem"] == ["strict"])
        #expect(unit["Service.CapabilityBoundingSet"] == [""])
        #expect(dropIn["Service.User"] == ["root"])
        #expect(dropIn["Service.CapabilityBoundingSet"] == ["~"])
        let restrictions = try text("systemd/operative.service").split(separator: "\n")
            .compactMap {
                $0.prefixMatch(of: #/(Protect\w+|Private\w+|Restrict\w+|Lock\w+|Memory\w+|SystemCall\w+)=/#)?.1
            }
            .filter { !["RestartPreventExitStatus", "SystemCallErrorNumber"].contains($0) }
        #expect(restrictions.count > 15)
        for key in restrictions {
            #expect(["no", "", "default"].contains(dropIn["Service.\(key)"].first ?? "missing"), "\(key)")
        }
    }

    @Test("The drop-in for limits delegates a cgroup and takes its controllers back when the agent has ended")
    func limits() throws {
        let dropIn = UnitFile(try text("systemd/limits.conf"))
        #expect(dropIn["Service.Delegate"] == ["yes"])
        #expect(dropIn["Service.ProtectControlGroups"] == ["no"])
        #expect(dropIn["Service.ExecStopPost"].first?.contains("-memory -pids -cpu") == true)
    }

    @Test("The unit and the image start the program with the shipped configuration file, which is valid")
    func startsWithShippedFile() throws {
        let command = "/usr/bin/operative run --config /etc/operative/operative.yaml"
        #expect(UnitFile(try text("systemd/operative.service"))["Service.ExecStart"] == [command])
        let dockerfile = try text("Dockerfile")
        #expect(dockerfile.contains(#"ENTRYPOINT ["/usr/bin/operative"]"#))
        #expect(dockerfile.contains(#"CMD ["run", "--config", "/etc/operative/operative.yaml"]"#))
        #expect(dockerfile.contains("COPY config/operative.yaml /etc/operative/operative.yaml"))
        let configuration = try AgentConfiguration.load(
            file: Self.root + "/config/operative.yaml", environment: ["STATE_DIRECTORY": "/var/lib/operative"],
            overrides: [:])
        #expect(configuration.notices.isEmpty)
    }

    @Test("The image declares the version in the stage that uses it, runs unprivileged and stops with SIGTERM")
    func image() throws {
        let stages = try text("Dockerfile").components(separatedBy: "\nFROM ").dropFirst()
        #expect(stages.count == 2)
        let runtime = try #require(stages.last)
        #expect(runtime.hasPrefix("debian:bookworm-slim\n"))
        let declaration = try #require(runtime.range(of: "\nARG VERSION"))
        let use = try #require(runtime.range(of: "${VERSION}"))
        #expect(declaration.upperBound < use.lowerBound)
        #expect(runtime.contains("\nUSER 10001:10001\n"))
        #expect(runtime.contains("\nSTOPSIGNAL SIGTERM\n"))
        for library in ["librabbitmq4", "libsqlite3-0"] { #expect(runtime.contains(" \(library) "), "\(library)") }
    }

    @Test(
        "Scripts can be run",
        arguments: [
            ".ci/run", "scripts/setup", "scripts/check-packaging", "scripts/check-cgroups", "scripts/guarantees-bite",
        ])
    func executable(path: String) throws {
        #expect(FileManager.default.isExecutableFile(atPath: "\(Self.root)/\(path)"))
        #expect(try text(path).hasPrefix("#!"))
    }
}
