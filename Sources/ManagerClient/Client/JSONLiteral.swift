internal import Operative

/// Text as JSON.
enum JSONLiteral {
    /// A string, or null.
    static func string(_ text: String?) -> [UInt8] { PropertyValue(text).json }
}
