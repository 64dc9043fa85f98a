import Foundation
import Testing

@testable import OperationProcesses

@Suite("Directories of cgroups in which something was left running")
struct CgroupLeftoversTests {
    private let base = NSTemporaryDirectory() + "cgroups-\(UUID().uuidString)"

    private var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: base).sorted() }
    }

    @Test("They are removed when they are empty: at the next start, or when the next operation needs one")
    func removed() throws {
        defer { try? FileManager.default.removeItem(atPath: base) }
        // A directory with something in it stands for a group with processes: neither can be removed.
        for name in ["operation-1-1", "operation-1-2/process", "other"] {
            try FileManager.default.createDirectory(atPath: "\(base)/\(name)", withIntermediateDirectories: true)
        }
        let cgroups = OperationCgroups(base: base)
        #expect(try names == ["operation-1-2", "other"])
        let own = "\(base)/operation-\(getpid())-1"
        try FileManager.default.createDirectory(atPath: "\(own)/process", withIntermediateDirectories: true)
        cgroups.remove(own)
        #expect(try names.count == 3)
        for path in [own, "\(base)/operation-1-2"] { try FileManager.default.removeItem(atPath: "\(path)/process") }
        // It has no files for limits.
        #expect(throws: ProcessFailure.self) { try cgroups.make(for: ProcessLimits(memory: 1)) }
        #expect(try names == ["other"])
    }
}
