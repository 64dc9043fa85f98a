/// What AMQP cannot express is refused before it is encoded: a name longer than 255 bytes would garble the frame.
enum Limits {
    static func check(_ names: KeyValuePairs<String, String>, _ table: [String: AMQPFieldValue] = [:]) throws(AMQPError)
    {
        for (field, name) in names where name.utf8.count > 255 {
            throw AMQPError(.invalidMessage, "\(field) '\(name.prefix(32))…' is longer than 255 bytes")
        }
        try check(keysOf: table)
    }

    static func check(_ binding: AMQPBinding) throws(AMQPError) {
        let destination =
            switch binding.destination {
            case .queue(let name), .exchange(let name): name
            }
        try check(
            ["destination": destination, "exchange": binding.exchange, "routing key": binding.routingKey],
            binding.arguments)
    }

    static func check(_ topology: AMQPTopology) throws(AMQPError) {
        for exchange in topology.exchanges {
            try check(["exchange": exchange.name, "exchange type": exchange.type], exchange.arguments)
        }
        for queue in topology.queues { try check(["queue": queue.name], queue.arguments) }
        for binding in topology.bindings { try check(binding) }
    }

    static func check(keysOf table: [String: AMQPFieldValue]) throws(AMQPError) {
        for (key, value) in table {
            guard key.utf8.count <= 255 else {
                throw AMQPError(.invalidMessage, "the key '\(key.prefix(32))…' is longer than 255 bytes")
            }
            try check(value)
        }
    }

    private static func check(_ value: AMQPFieldValue) throws(AMQPError) {
        switch value {
        case .table(let table): try check(keysOf: table)
        case .array(let values): for value in values { try check(value) }
        default: break
        }
    }
}
