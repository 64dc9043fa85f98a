// swift-tools-version: 6.2
import PackageDescription

/// For every target. A misspelt upcoming feature is silently ignored by the compiler, so Tests/PackagingTests checks that these are on.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

/// For targets that touch C: every expression that the compiler cannot check says `unsafe`.
let strictMemory: [SwiftSetting] =
    strict + [.strictMemorySafety(), .treatWarning("StrictMemorySafety", as: .error)]

let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")

let deque: Target.Dependency = .product(name: "DequeModule", package: "swift-collections")
let heap: Target.Dependency = .product(name: "HeapModule", package: "swift-collections")
let subprocess: Target.Dependency = .product(name: "Subprocess", package: "swift-subprocess")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let asyncHTTPClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")

let package = Package(
    name: "operative",
    products: [
        .library(name: "Operative", targets: ["Operative"]),
        .library(name: "OperativeAgent", targets: ["OperativeAgent"]),
        .library(name: "OperativeTestKit", targets: ["OperativeTestKit"]),
        .library(name: "AMQPClient", targets: ["AMQPClient"]),
        .executable(name: "operative", targets: ["operative"]),
        // Agents of other packages need them beside their own program.
        .executable(name: "operation-launcher", targets: ["operation-launcher"]),
        .executable(name: "ctx", targets: ["ctx"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-crypto", "3.12.3"..<"5.0.0"),
        .package(url: "https://github.com/CoreOffice/XMLCoder", from: "0.18.2"),
    ],
    targets: [
        // C
        .systemLibrary(
            name: "CRabbitMQ", pkgConfig: "librabbitmq", providers: [.apt(["librabbitmq-dev", "libssl-dev"])]),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .target(name: "CAgentShims"),
        // A disk for tests that forgets what was not synced
        .target(name: "CPowerLoss", dependencies: ["CSQLite"]),

        // What plugin authors import
        .target(name: "Operative", dependencies: [logging], swiftSettings: strict),
        .target(name: "PythonFormat", dependencies: ["Operative"], swiftSettings: strict),
        .target(name: "Templates", dependencies: ["Operative", "PythonFormat"], swiftSettings: strict),
        .target(name: "OperativeTestKit", dependencies: ["Operative", "Templates", logging], swiftSettings: strict),

        // Switches of debug builds for make guarantees-bite
        .target(name: "AgentSabotage", swiftSettings: strictMemory),

        // The agent without I/O
        .target(name: "AgentProtocol", dependencies: ["Operative"], swiftSettings: strict),
        .target(
            name: "AgentExecutors", dependencies: ["CAgentShims", deque, heap], swiftSettings: strictMemory),
        .target(
            name: "AgentRuntime",
            dependencies: [
                "AgentExecutors", "AgentProtocol", "AgentSabotage", "Operative", "Templates", deque, logging,
            ],
            swiftSettings: strictMemory),

        // Its adapters
        .target(
            name: "AMQPClient", dependencies: ["AgentSabotage", "CRabbitMQ", deque, logging],
            swiftSettings: strictMemory),
        .target(
            name: "RabbitMQTransport",
            dependencies: ["AMQPClient", "AgentExecutors", "AgentRuntime", "AgentSabotage", logging],
            swiftSettings: strict),
        .target(
            name: "Journal", dependencies: ["AgentExecutors", "AgentRuntime", "AgentSabotage", "CSQLite"],
            swiftSettings: strictMemory),
        .target(
            name: "AdminSocket", dependencies: ["AgentExecutors", "CAgentShims", "Operative"],
            swiftSettings: strictMemory),
        .target(
            name: "ManagerClient",
            dependencies: [
                "Operative", logging,
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: strict),
        .target(name: "AgentConfiguration", dependencies: ["Operative", logging, yams], swiftSettings: strictMemory),
        .target(name: "Observability", dependencies: [logging], swiftSettings: strictMemory),

        // Operations in processes of their own
        .executableTarget(name: "operation-launcher"),
        .target(
            name: "OperationProcesses",
            dependencies: ["AgentExecutors", "AgentSabotage", "CAgentShims", "Operative", logging],
            swiftSettings: strictMemory),
        .target(name: "CtxProtocol", swiftSettings: strict),
        .target(
            name: "CtxClient", dependencies: ["CtxProtocol", "Operative", "PythonFormat"], swiftSettings: strictMemory),
        .executableTarget(name: "ctx", dependencies: ["CtxClient"], swiftSettings: strictMemory),
        .target(
            name: "CtxService",
            dependencies: [
                "AgentSabotage", "CtxProtocol", "OperationProcesses", "Operative", "PythonFormat", logging,
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strictMemory),
        .target(
            name: "ScriptPlugin",
            dependencies: ["AgentExecutors", "CtxService", "OperationProcesses", "Operative", "PythonFormat", logging],
            swiftSettings: strict),
        .target(
            name: "PythonPlugins",
            dependencies: [
                "AgentExecutors", "AgentProtocol", "AgentRuntime", "AgentSabotage", "CAgentShims", "ManagerClient",
                "OperationProcesses", "Operative", logging,
            ],
            resources: [.embedInCode("Resources/warm_parent.py")], swiftSettings: strictMemory),

        // The whole
        .target(
            name: "OperativeAgent",
            dependencies: [
                "AMQPClient", "AdminSocket", "AgentConfiguration", "AgentExecutors", "AgentProtocol", "AgentRuntime",
                "AgentSabotage", "CAgentShims", "CtxService", "Journal", "ManagerClient", "Observability",
                "OperationProcesses",
                "Operative", "PythonPlugins", "RabbitMQTransport", "ScriptPlugin", deque, logging,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strictMemory),
        .executableTarget(name: "operative", dependencies: ["Operative", "OperativeAgent"], swiftSettings: strict),

        // Examples and measurements
        .target(
            name: "WebServerPlugin", dependencies: ["Operative", subprocess],
            path: "Examples/webserver/WebServerPlugin",
            swiftSettings: strict),
        .executableTarget(
            name: "example-agent", dependencies: ["Operative", "OperativeAgent", "WebServerPlugin"],
            path: "Examples/webserver/Agent", swiftSettings: strict),
        .target(
            name: "ComputePlugin",
            dependencies: [
                "Operative", asyncHTTPClient, .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
                "XMLCoder",
            ],
            path: "Examples/compute/ComputePlugin", swiftSettings: strict),
        .executableTarget(
            name: "compute-agent", dependencies: ["ComputePlugin", "Operative", "OperativeAgent"],
            path: "Examples/compute/Agent", swiftSettings: strict),
        .executableTarget(
            name: "bench-agent", dependencies: ["Operative", "OperativeAgent", logging], path: "Benchmarks/bench-agent",
            swiftSettings: strict),

        .executableTarget(
            name: "python-operations", dependencies: ["OperationProcesses", "PythonPlugins", logging],
            path: "Benchmarks/python-operations", swiftSettings: strict),

        // Tests
        .target(name: "TestRandomness", swiftSettings: strict),
        .target(
            name: "AgentTestSupport", dependencies: ["AgentExecutors", subprocess], swiftSettings: strict),
        .target(
            name: "ManagerTestServer",
            dependencies: [
                "Operative",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "AgentTestSupportTests", dependencies: ["AgentTestSupport", subprocess], swiftSettings: strict),
        .testTarget(
            name: "OperativeTests", dependencies: ["Operative", "Templates", "TestRandomness", logging],
            swiftSettings: strict),
        .testTarget(
            name: "TemplatesTests", dependencies: ["Operative", "Templates", "TestRandomness"],
            exclude: ["make-cases.py"], resources: [.copy("jinja2.json")], swiftSettings: strict),
        .testTarget(
            name: "OperativeTestKitTests", dependencies: ["Operative", "OperativeTestKit", logging],
            swiftSettings: strict),
        .testTarget(
            name: "AgentProtocolTests", dependencies: ["AgentProtocol", "Operative", "TestRandomness"],
            resources: [.copy("Fixtures")], swiftSettings: strict),
        .testTarget(
            name: "WebServerPluginTests", dependencies: ["Operative", "OperativeTestKit", "WebServerPlugin", logging],
            swiftSettings: strict),
        .testTarget(
            name: "ComputePluginTests",
            dependencies: [
                "AgentTestSupport", "ComputePlugin", "Operative", "OperativeTestKit", "compute-agent", asyncHTTPClient,
                subprocess, .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            exclude: ["ec2_server.py", "requirements.txt"], swiftSettings: strict),
        .testTarget(
            name: "AgentExecutorsTests", dependencies: ["AgentExecutors", "TestRandomness"], swiftSettings: strict),
        .testTarget(
            name: "AgentRuntimeTests",
            dependencies: [
                "AgentExecutors", "AgentProtocol", "AgentRuntime", "CtxService", "Journal", "OperationProcesses",
                "Operative", "ScriptPlugin", "TestRandomness", "operation-launcher", logging,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "AMQPClientTests",
            dependencies: ["AMQPClient", "AgentExecutors", "AgentTestSupport", "TestRandomness", logging],
            swiftSettings: strict),
        .testTarget(
            name: "RabbitMQTransportTests",
            dependencies: [
                "AMQPClient", "AgentExecutors", "AgentRuntime", "AgentTestSupport", "Journal", "Operative",
                "OperativeAgent",
                "RabbitMQTransport", logging,
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "interop-agent", dependencies: ["Operative", "OperativeAgent"], path: "Tests/InteropTests/Agent",
            swiftSettings: strict),
        .executableTarget(
            name: "manager-test-server", dependencies: ["ManagerTestServer", "Operative"],
            path: "Tests/InteropTests/ManagerProgram", swiftSettings: strict),
        .testTarget(
            name: "InteropTests",
            dependencies: [
                "AgentTestSupport", "ManagerClient", "ManagerTestServer", "Operative", "interop-agent",
                "manager-test-server", subprocess,
            ],
            exclude: [
                "Agent", "ManagerProgram", "engine", "manager", "manager_client.py", "requirements.txt",
                "rest_client.py", "run_engine.py",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "OperativeAgentTests",
            dependencies: [
                "AMQPClient", "AgentConfiguration", "AgentExecutors", "AgentProtocol", "AgentRuntime",
                "AgentTestSupport",
                "Journal", "ManagerClient", "ManagerTestServer", "Observability", "OperationProcesses", "Operative",
                "OperativeAgent",
                "RabbitMQTransport", "TestRandomness", "interop-agent", "operation-launcher", "PythonPlugins", logging,
                subprocess,
            ],
            resources: [.copy("Fixtures")], swiftSettings: strict),
        .testTarget(
            name: "ManagedOperationTests",
            dependencies: [
                "AgentExecutors", "AgentProtocol", "AgentRuntime", "ManagerClient", "ManagerTestServer", "Operative",
                "OperativeAgent", "AgentTestSupport", "OperationProcesses", "PythonPlugins", "operation-launcher",
                logging,
            ],
            resources: [.copy("Fixtures")], swiftSettings: strict),
        .testTarget(
            name: "JournalTests", dependencies: ["AgentExecutors", "AgentRuntime", "CPowerLoss", "CSQLite", "Journal"],
            swiftSettings: strict),
        .testTarget(
            name: "AdminCommandTests",
            dependencies: ["AgentTestSupport", "Operative", "OperativeAgent", "interop-agent", subprocess],
            swiftSettings: strict),
        .testTarget(
            name: "AdminSocketTests",
            dependencies: ["AdminSocket", "AgentExecutors", "AgentTestSupport", "Operative"],
            swiftSettings: strict),
        .testTarget(
            name: "ManagerClientTests",
            dependencies: [
                "AgentTestSupport", "ManagerClient", "ManagerTestServer", "Operative", asyncHTTPClient, logging,
                subprocess, .product(name: "NIOCore", package: "swift-nio"),
            ],
            exclude: ["web_server.py"], resources: [.copy("Fixtures")], swiftSettings: strict),
        .testTarget(
            name: "AgentConfigurationTests", dependencies: ["AgentConfiguration", "TestRandomness", logging],
            swiftSettings: strict),
        .testTarget(
            name: "ObservabilityTests", dependencies: ["AgentTestSupport", "Observability", logging],
            swiftSettings: strict),
        .testTarget(
            name: "OperationProcessesTests",
            dependencies: ["AgentExecutors", "AgentTestSupport", "OperationProcesses", "operation-launcher", logging],
            swiftSettings: strict),
        .testTarget(
            name: "CtxServiceTests",
            dependencies: [
                "AgentTestSupport", "CtxClient", "CtxProtocol", "CtxService", "OperationProcesses", "Operative",
                "OperativeTestKit", "PythonFormat", "TestRandomness", "ctx",
                logging, subprocess,
            ],
            resources: [.copy("Fixtures")],
            swiftSettings: strict),
        .testTarget(
            name: "ScriptPluginTests",
            dependencies: [
                "AgentExecutors", "AgentProtocol", "AgentTestSupport", "CtxService", "OperationProcesses", "Operative",
                "OperativeTestKit",
                "ScriptPlugin",
                "ctx", "operation-launcher", logging, subprocess,
            ],
            resources: [.copy("Fixtures")], swiftSettings: strict),
        .testTarget(
            name: "PythonPluginsTests",
            dependencies: [
                "AgentExecutors", "AgentProtocol", "AgentRuntime", "AgentTestSupport", "ManagerClient",
                "ManagerTestServer",
                "OperationProcesses", "Operative", "OperativeTestKit", "PythonPlugins", "operation-launcher",
                "python-operations", logging,
                subprocess,
            ],
            resources: [.copy("Fixtures")], swiftSettings: strict),
        .testTarget(name: "PackagingTests", dependencies: ["AgentConfiguration"], swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)

// Targets for `make fuzz`. They link with the fuzzer's own main function, so no other build knows them.
if Context.environment["OPERATIVE_FUZZING"] != nil {
    package.targets.append(
        .executableTarget(
            name: "fuzz", dependencies: ["AMQPClient", "AgentProtocol", "Operative"], path: "Fuzzing/Sources"))
}
