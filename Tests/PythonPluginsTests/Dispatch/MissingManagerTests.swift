import AgentProtocol
import Operative
import Testing

@testable import PythonPlugins

@Suite("Errors for want of a manager")
struct MissingManagerTests {
    private func explained(
        _ type: String, _ message: String, traceback: String = "", hosts: [String] = [],
        environment: [String: String] = [:]
    ) -> String? {
        let failure = OperationFailure(
            kind: .recoverable(retryAfter: nil), typeName: type, message: message,
            causes: [OperationFailure.Cause(type: type, message: message, traceback: traceback)])
        var task = OperationTaskContext(["task_name": "a.b"])
        task.restHosts = hosts
        let found = MissingManager.explained(failure, task, environment: environment)
        #expect(found == nil || found?.kind == .nonRecoverable && found?.causes == failure.causes)
        return found?.message
    }

    @Test("Without a manager, what comes of asking one is named, with the remedy")
    func noManager() {
        let message = explained("KeyError", "'LOCAL_REST_CERT_FILE'")
        #expect(message?.contains("this task names no manager") == true)
        #expect(message?.hasSuffix("(KeyError: 'LOCAL_REST_CERT_FILE')") == true)
        let frame = #"File "/x/site-packages/cloudify/manager.py", line 1, in get_resource"#
        #expect(explained("TypeError", "m", traceback: frame)?.contains("this task names no manager") == true)
        #expect(explained("TypeError", "m", traceback: #"File "/x/plugin/tasks.py""#) == nil)
        #expect(explained("TypeError", "m", traceback: frame, environment: ["REST_HOST": "h"]) == nil)
    }

    @Test("With a manager and without the file of its authority, the variable is named; other errors stay as they are")
    func noCertificate() {
        let missing = "Local REST certificate file not found, is LOCAL_REST_CERT_FILE environment variable set?"
        #expect(explained("KeyError", "'LOCAL_REST_CERT_FILE'", hosts: ["h"])?.contains("it is not set") == true)
        #expect(
            explained("RuntimeError", missing, hosts: ["h"], environment: ["LOCAL_REST_CERT_FILE": "/no"])?
                .contains("there is no file /no") == true)
        #expect(explained("ValueError", "LOCAL_REST_CERT_FILE", hosts: ["h"]) == nil)
        #expect(explained("KeyError", "'other'") == nil)
    }
}
