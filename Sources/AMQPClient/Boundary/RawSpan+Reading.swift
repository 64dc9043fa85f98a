/// Big-endian reads and copies. Callers check bounds first; `unsafeLoad` checks them again and traps instead of reading beyond.
extension RawSpan {
    func uint8(at offset: Int) -> UInt8 {
        unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }

    func uint16(at offset: Int) -> UInt16 {
        UInt16(bigEndian: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt16.self))
    }

    func uint32(at offset: Int) -> UInt32 {
        UInt32(bigEndian: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    func uint64(at offset: Int) -> UInt64 {
        UInt64(bigEndian: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// A copy of the bytes.
    func copied() -> [UInt8] {
        unsafe withUnsafeBytes { unsafe [UInt8]($0) }
    }

    /// Appends the bytes to an array.
    func append(to bytes: inout [UInt8]) {
        unsafe withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
    }
}
