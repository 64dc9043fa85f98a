/// How far one template may go.
package struct TemplateLimits: Sendable {
    /// The template itself.
    package var templateBytes = 1 << 20
    /// What comes out of it.
    package var outputBytes = 16 << 20
    /// All values that it makes on the way, each with all that is in it.
    package var workBytes = 64 << 20
    /// Expressions evaluated and tags run.
    package var steps = 1_000_000

    package init() {}
}
