internal import CAgentShims
internal import Glibc

/// Starts detached POSIX threads.
package enum NativeThread {
    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Puts the calling thread to sleep.
    static func sleep(for duration: Duration) {
        let nanoseconds = max(0, duration.clampedNanoseconds)
        var time = timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        unsafe nanosleep(&time, nil)
    }

    /// Runs `body` on a new thread named `name` (its first 15 bytes).
    ///
    /// - Returns: false when the system refuses another thread.
    package static func start(name: String, _ body: @escaping @Sendable () -> Void) -> Bool {
        // The kernel takes 15 bytes.
        let shortName = String(decoding: Array(name.utf8.prefix(15)), as: UTF8.self)
        let named: @Sendable () -> Void = {
            _ = unsafe agent_set_thread_name(shortName)
            body()
        }
        let box = unsafe Unmanaged.passRetained(Body(named))
        var attributes = pthread_attr_t()
        unsafe pthread_attr_init(&attributes)
        defer { unsafe pthread_attr_destroy(&attributes) }
        unsafe pthread_attr_setdetachstate(&attributes, CInt(PTHREAD_CREATE_DETACHED))
        var thread = pthread_t()
        let result = unsafe pthread_create(
            &thread, &attributes,
            { argument in
                guard let argument = unsafe argument else { return nil }
                unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, box.toOpaque())
        guard result == 0 else {
            unsafe box.release()
            return false
        }
        return true
    }
}
