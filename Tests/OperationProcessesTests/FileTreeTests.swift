import Foundation
import OperationProcesses
import Testing

@Suite("Removal of trees of files")
struct FileTreeTests {
    @Test(
        "Directories that nobody may read or change are removed by their owner, who need not be root",
        arguments: [0, 0o555, 0o300])
    func modes(_ mode: mode_t) throws {
        try TemporaryPlace.with { place in
            #expect(chmod(place, 0o777) == 0)
            try Nobody.run {
                let tree = "\(place)/tree"
                for inner in ["a/b/c", "a/empty", "d"] {
                    try FileManager.default.createDirectory(
                        atPath: "\(tree)/\(inner)", withIntermediateDirectories: true)
                    try "".write(toFile: "\(tree)/\(inner)/../file", atomically: false, encoding: .utf8)
                }
                for path in ["a/b/c", "a/b", "a/empty", "a", "d", ""] { #expect(chmod("\(tree)/\(path)", mode) == 0) }
                #expect(FileTree.remove(tree) == 0)
            }
            #expect(try TemporaryPlace.names(place) == [])
        }
    }

    @Test("A tree is removed however deep it is")
    func deep() throws {
        try TemporaryPlace.with { place in
            let tree = "\(place)/tree"
            #expect(mkdir(tree, 0o700) == 0)
            var parent = open(tree, O_RDONLY | O_DIRECTORY)
            for _ in 0..<1100 {
                #expect(mkdirat(parent, "d", 0o700) == 0)
                let inner = openat(parent, "d", O_RDONLY | O_DIRECTORY)
                close(parent)
                parent = inner
            }
            close(parent)
            #expect(FileTree.remove(tree) == 0)
            let left = try TemporaryPlace.names(place)
            #expect(left == [])
        }
    }

    @Test("Removal of what is empty leaves what is not, and goes through no link")
    func empty() throws {
        try TemporaryPlace.with { place in
            let files = FileManager.default
            for path in ["other/empty", "tree/empty", "tree/full/file"] {
                try files.createDirectory(atPath: "\(place)/\(path)", withIntermediateDirectories: true)
            }
            try files.createSymbolicLink(atPath: "\(place)/tree/link", withDestinationPath: "\(place)/other/empty")
            try files.createSymbolicLink(atPath: "\(place)/link", withDestinationPath: "\(place)/other")
            FileTree.removeEmpty("\(place)/tree")
            FileTree.removeEmpty("\(place)/link")
            #expect(try TemporaryPlace.names("\(place)/tree") == ["full", "link"])
            #expect(try TemporaryPlace.names("\(place)/other") == ["empty"])
        }
    }
}

/// The user of the file system that this thread is, with none of root's rights over files, where the tests run as root.
private enum Nobody {
    private typealias SetFileSystemUser = @convention(c) (uid_t) -> Int32

    static func run(_ body: () throws -> Void) throws {
        guard geteuid() == 0 else { return try body() }
        // No module of Swift's has it.
        let become = unsafeBitCast(try #require(dlsym(nil, "setfsuid")), to: SetFileSystemUser.self)
        _ = become(65534)
        defer { _ = become(0) }
        #expect(become(65534) == 65534)
        try body()
    }
}
