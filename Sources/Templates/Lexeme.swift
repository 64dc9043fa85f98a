/// A word or sign of an expression.
enum Lexeme: Equatable {
    case name(String)
    case string(String)
    case integer(Int)
    case double(Double)
    case sign(String)
}
