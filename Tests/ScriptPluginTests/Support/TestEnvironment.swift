import OperativeTestKit

/// Another type of that name is what scripts inherit.
typealias TestEnvironment = OperativeTestKit.OperationEnvironment
