/// The version of Operative.
public enum OperativeVersion {
    /// The version by semantic versioning.
    public static let current = "0.1.0"
}
