/// Full jitter: a uniformly random wait below a bound that doubles with every failure.
struct Backoff {
    private let policy: AMQPReconnectPolicy
    private var failures = 0

    init(_ policy: AMQPReconnectPolicy) {
        self.policy = policy
    }

    /// The upper bound of the next wait.
    var bound: Duration {
        var bound = max(policy.base, .zero)
        var remaining = failures
        while remaining > 0 && bound > .zero && bound < policy.maximum {
            bound *= 2
            remaining -= 1
        }
        return min(bound, max(policy.maximum, .zero))
    }

    /// The wait after one more failure.
    mutating func next(using generator: inout some RandomNumberGenerator) -> Duration {
        let wait = bound * Double.random(in: 0...1, using: &generator)
        failures += 1
        return wait
    }

    /// The wait after one more failure.
    mutating func next() -> Duration {
        var generator = SystemRandomNumberGenerator()
        return next(using: &generator)
    }

    /// Starts over after a success.
    mutating func reset() {
        failures = 0
    }
}
