internal import Operative

/// An expression of a template.
indirect enum Expression {
    struct Arguments {
        var positional: [Expression] = []
        var named: [String: Expression] = [:]
    }

    case literal(PropertyValue)
    case name(String)
    case list([Expression])
    case object([(key: Expression, value: Expression)])
    case attribute(Expression, String)
    case item(Expression, Expression)
    case slice(Expression, from: Expression?, to: Expression?)
    case call(Expression, Arguments)
    case filter(Expression, String, Arguments)
    case test(Expression, String, Arguments, isNegated: Bool)
    case negative(Expression)
    case not(Expression)
    case and(Expression, Expression)
    case or(Expression, Expression)
    case calculation(String, Expression, Expression)
    case comparison(Expression, [(String, Expression)])
    case conditional(then: Expression, if: Expression, else: Expression?)
}
