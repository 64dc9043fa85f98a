internal import CRabbitMQ
internal import Glibc

/// A detached POSIX thread, for code that may block: Swift's own threads are as few as there are cores.
enum Thread {
    private final class Start {
        let name: String
        let body: @Sendable () -> Void
        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }

    /// Runs `body` on a thread of its own. False when the system gives no thread.
    ///
    /// - Parameter name: At most 15 bytes, as the kernel shows it.
    static func detach(name: String, _ body: @escaping @Sendable () -> Void) -> Bool {
        let start = unsafe Unmanaged.passRetained(Start(name: name, body: body))
        var attributes = pthread_attr_t()
        unsafe pthread_attr_init(&attributes)
        unsafe pthread_attr_setdetachstate(&attributes, CInt(PTHREAD_CREATE_DETACHED))
        defer { unsafe pthread_attr_destroy(&attributes) }
        var thread = pthread_t()
        let status = unsafe pthread_create(
            &thread, &attributes,
            { argument in
                guard let argument = unsafe argument else { return nil }
                let start = unsafe Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                unsafe crmq_name_thread(start.name)
                start.body()
                return nil
            }, start.toOpaque())
        if status != 0 { unsafe start.release() }
        return status == 0
    }

    /// Puts the calling thread to sleep; less than a second.
    static func rest(for interval: MonotonicTime.Interval) {
        usleep(UInt32(min(interval.nanoseconds / 1_000, 999_999)))
    }

    /// Identifies the calling thread.
    static var current: UInt { UInt(pthread_self()) }
}
