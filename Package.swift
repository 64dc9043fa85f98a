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

let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

let package = Package(
    name: "operative",
    dependencies: [
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        .target(name: "CAgentShims"),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),

        .target(name: "Operative", dependencies: [logging], swiftSettings: strict),
        .target(name: "AgentProtocol", dependencies: ["Operative"], swiftSettings: strict),
        .target(
            name: "AgentExecutors",
            dependencies: [
                "CAgentShims",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HeapModule", package: "swift-collections"),
            ],
            swiftSettings: strictMemory),
        .target(
            name: "AgentRuntime",
            dependencies: [
                "AgentExecutors", "AgentProtocol", "Operative", logging,
                .product(name: "DequeModule", package: "swift-collections"),
            ],
            swiftSettings: strictMemory),
        .target(name: "Journal", dependencies: ["CSQLite"], swiftSettings: strictMemory),
        .target(name: "AgentConfiguration", dependencies: [logging, yams], swiftSettings: strictMemory),
        .target(name: "Observability", dependencies: [logging], swiftSettings: strictMemory),

        .testTarget(name: "OperativeTests", dependencies: ["Operative", logging], swiftSettings: strict),
        .testTarget(name: "AgentExecutorsTests", dependencies: ["AgentExecutors"], swiftSettings: strict),
        .testTarget(
            name: "AgentRuntimeTests",
            dependencies: ["AgentExecutors", "AgentProtocol", "AgentRuntime", "Operative", logging], swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
