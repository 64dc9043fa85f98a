/// What is left of a template's limits.
struct TemplateBudget {
    private var limits: TemplateLimits
    private var sinceLook = 0

    init(_ limits: TemplateLimits) { self.limits = limits }

    mutating func step() throws {
        limits.steps -= 1
        guard limits.steps >= 0 else { throw TemplateFault("it does not come to an end") }
        sinceLook += 1
        if sinceLook == 1000 {
            sinceLook = 0
            try Task.checkCancellation()
        }
    }

    mutating func output(_ bytes: Int) throws {
        limits.outputBytes -= bytes
        guard limits.outputBytes >= 0 else { throw TemplateFault("what comes out of it is too large") }
    }

    mutating func work(_ bytes: Int) throws {
        limits.workBytes -= bytes
        guard limits.workBytes >= 0 else { throw TemplateFault("it makes too many or too large values") }
    }
}
