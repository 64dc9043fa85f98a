extension PropertyValue {
    /// Reads JSON text, UTF-8, one value with nothing but whitespace around it.
    ///
    /// `NaN`, `Infinity` and `-Infinity` are accepted because Python writes them. Objects and arrays may be nested
    /// 512 levels deep. Of equal keys the last wins.
    ///
    /// - Throws: ``JSONError`` naming the offending byte.
    public init(json: [UInt8]) throws(JSONError) {
        try self.init(parsing: json.span)
    }

    /// Reads JSON text from part of a buffer. Offsets in errors count from the start of the slice.
    ///
    /// - Throws: ``JSONError`` naming the offending byte.
    public init(json: ArraySlice<UInt8>) throws(JSONError) {
        try self.init(parsing: json.span)
    }

    private init(parsing bytes: Span<UInt8>) throws(JSONError) {
        var scanner = JSONScanner()
        self = try scanner.readValue(bytes)
        try scanner.expectEnd(bytes)
    }

    /// The value as compact JSON, UTF-8, keys sorted.
    public var json: [UInt8] {
        var writer = JSONWriter()
        writer.value(self)
        return writer.bytes
    }

    /// The value as compact JSON text, keys sorted.
    public var jsonString: String { String(decoding: json, as: UTF8.self) }
}

extension PropertyValue: CustomStringConvertible {
    /// The value as compact JSON text.
    public var description: String { jsonString }
}
