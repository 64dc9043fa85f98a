/// Bytes on their way to the socket: appended at the end, sent from the front, moved only when the room runs out.
@safe
struct OutputBuffer: ~Copyable {
    private var storage: UnsafeMutableRawBufferPointer
    private var head = 0
    private var tail = 0

    init(capacity: Int = 256 << 10) {
        unsafe storage = .allocate(byteCount: capacity, alignment: 16)
    }

    deinit {
        unsafe storage.deallocate()
    }

    /// The bytes that wait.
    var count: Int { tail - head }

    /// Makes room for `extra` bytes behind the last one.
    private mutating func makeRoom(for extra: Int) {
        let capacity = unsafe storage.count
        if tail + extra <= capacity { return }
        let waiting = count
        if waiting + extra <= capacity / 2 {
            unsafe storage.copyMemory(from: UnsafeRawBufferPointer(rebasing: storage[head..<tail]))
        } else {
            let larger = UnsafeMutableRawBufferPointer.allocate(
                byteCount: max(capacity * 2, waiting + extra), alignment: 16)
            unsafe larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: storage[head..<tail]))
            unsafe storage.deallocate()
            unsafe storage = larger
        }
        head = 0
        tail = waiting
    }

    /// Appends what `write` puts into at most `maximum` bytes; it returns how many it wrote, negative for none.
    mutating func append(atMost maximum: Int, _ write: (UnsafeMutableRawBufferPointer) -> Int) -> Int {
        makeRoom(for: maximum)
        let written = unsafe write(UnsafeMutableRawBufferPointer(rebasing: storage[tail..<(tail + maximum)]))
        if written > 0 { tail += min(written, maximum) }
        return written
    }

    /// Appends bytes of an array.
    mutating func append(_ bytes: [UInt8], _ range: Range<Int>) {
        makeRoom(for: range.count)
        unsafe bytes.withUnsafeBytes { source in
            unsafe storage[tail..<(tail + range.count)].copyBytes(from: source[range])
        }
        tail += range.count
    }

    /// Appends one byte.
    mutating func append(_ byte: UInt8) {
        makeRoom(for: 1)
        unsafe storage[tail] = byte
        tail += 1
    }

    /// Overwrites four bytes that are `offset` waiting bytes behind the front.
    mutating func patch(_ value: UInt32, at offset: Int) {
        guard offset >= 0, offset + 4 <= count else { return }
        unsafe storage.storeBytes(of: value, toByteOffset: head + offset, as: UInt32.self)
    }

    /// Lends the waiting bytes to `send`, which returns how many are gone.
    mutating func drain(_ send: (UnsafeRawBufferPointer) -> Int) {
        let sent = unsafe send(UnsafeRawBufferPointer(rebasing: storage[head..<tail]))
        head += max(0, min(sent, count))
        if head == tail {
            head = 0
            tail = 0
        }
    }

    /// Forgets everything from `length` waiting bytes on.
    mutating func truncate(to length: Int) {
        tail = head + min(length, count)
    }
}
