internal import Glibc
public import Testing

extension Trait where Self == ConditionTrait {
    /// Runs a test only as root.
    public static var root: Self { .enabled(if: geteuid() == 0, "takes root to be another user") }

    /// Runs a test only where a user can run copies of the programs of this build.
    ///
    /// - Parameter user: A name, or a number.
    public static func programs(runBy user: String) -> Self {
        .enabled(
            "the user \(user) cannot run a copy of 'ctx': the folder of temporary files (TMPDIR) or the toolchain's libraries are closed to it"
        ) { await OpenPrograms.canBeRun(by: user) }
    }
}
