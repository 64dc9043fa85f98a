/// Bytes from the socket that are not yet frames.
@safe
struct InputBuffer: ~Copyable {
    private let storage: UnsafeMutableRawBufferPointer
    private var head = 0
    private var tail = 0

    /// - Parameter capacity: More than the largest frame, or a frame could never become complete.
    init(capacity: Int) {
        unsafe storage = .allocate(byteCount: capacity, alignment: 16)
    }

    deinit {
        unsafe storage.deallocate()
    }

    /// Lends the free room to `receive`, which returns how many bytes it put there.
    mutating func fill<Result>(_ receive: (UnsafeMutableRawBufferPointer) -> (count: Int, result: Result)) -> Result {
        if head == tail {
            head = 0
            tail = 0
        } else if head > 0, unsafe tail > storage.count / 2 {
            unsafe storage.copyMemory(from: UnsafeRawBufferPointer(rebasing: storage[head..<tail]))
            tail -= head
            head = 0
        }
        let (count, result) = unsafe receive(UnsafeMutableRawBufferPointer(rebasing: storage[tail...]))
        tail += max(count, 0)
        return result
    }

    /// Lends the bytes to `read`, which returns how many it is done with.
    mutating func consume(_ read: (borrowing RawSpan) throws(AMQPError) -> Int) throws(AMQPError) {
        let bytes = unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(rebasing: storage[head..<tail]))
        head += try read(bytes)
    }
}
