extension DecodingError {
    /// The path of the offending value and what is wrong with it, separately.
    package var details: (path: String, problem: String) {
        switch self {
        case .keyNotFound(let key, let context): (pathDescription(context.codingPath + [key]), context.debugDescription)
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            (pathDescription(context.codingPath), context.debugDescription)
        @unknown default: ("", "\(self)")
        }
    }
}
