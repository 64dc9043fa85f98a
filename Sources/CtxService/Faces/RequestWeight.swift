internal import Operative

/// How much memory a request takes when it is read: a short text of many empty lists takes far more than its bytes.
enum RequestWeight {
    /// For each element, where lists have grown by half too much.
    private static let element = 2 * MemoryLayout<PropertyValue>.stride
    private static let list = 64
    /// The smallest table, and one name.
    private static let object = 192

    /// An estimate that is not too low, in bytes; what is in quotes has its own length.
    static func of(_ json: [UInt8]) -> Int {
        var weight = json.count
        var isText = false
        var isEscaped = false
        for byte in json {
            if isText {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isText = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""):
                isText = true
                weight += 32
            case UInt8(ascii: ","): weight += element
            case UInt8(ascii: "["): weight += element + list
            case UInt8(ascii: "{"): weight += object
            default: break
            }
        }
        return weight
    }
}
