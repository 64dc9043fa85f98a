import Foundation
import Logging

/// Silent, unless OPERATIVE_TEST_LOG is set: then everything goes to standard error.
enum TestLogger {
    static func make(_ label: String) -> Logger {
        let isWanted = ProcessInfo.processInfo.environment["OPERATIVE_TEST_LOG"] != nil
        var logger = Logger(label: label) { label -> any LogHandler in
            isWanted ? StreamLogHandler.standardError(label: label) : SwiftLogNoOpLogHandler()
        }
        logger.logLevel = .trace
        return logger
    }
}
