/// An operation together with the plugin it comes from.
package struct RegisteredOperation: Sendable {
    package let operation: Operation
    package let pluginName: String
    package let pluginVersion: String

    package init(operation: Operation, pluginName: String, pluginVersion: String) {
        self.operation = operation
        self.pluginName = pluginName
        self.pluginVersion = pluginVersion
    }
}
