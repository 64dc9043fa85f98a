internal import CRabbitMQ

/// Declaring, binding and deleting.
extension FrameWriter {
    mutating func declare(_ channel: UInt16, exchange: AMQPExchange, passive: Bool) -> AMQPError? {
        unsafe method(AMQP_EXCHANGE_DECLARE_METHOD, on: channel, atMost: frameMax) { arena in
            unsafe amqp_exchange_declare_t(
                ticket: 0, exchange: arena.bytes(exchange.name), type: arena.bytes(exchange.type),
                passive: passive ? 1 : 0,
                durable: exchange.durable ? 1 : 0, auto_delete: exchange.autoDelete ? 1 : 0,
                internal: exchange.isInternal ? 1 : 0, nowait: 0, arguments: arena.table(exchange.arguments))
        }
    }

    mutating func declare(_ channel: UInt16, queue: AMQPQueue, passive: Bool) -> AMQPError? {
        unsafe method(AMQP_QUEUE_DECLARE_METHOD, on: channel, atMost: frameMax) { arena in
            unsafe amqp_queue_declare_t(
                ticket: 0, queue: arena.bytes(queue.name), passive: passive ? 1 : 0, durable: queue.durable ? 1 : 0,
                exclusive: queue.exclusive ? 1 : 0, auto_delete: queue.autoDelete ? 1 : 0, nowait: 0,
                arguments: arena.table(queue.arguments))
        }
    }

    mutating func bind(_ channel: UInt16, _ binding: AMQPBinding) -> AMQPError? {
        switch binding.destination {
        case .queue(let queue):
            unsafe method(AMQP_QUEUE_BIND_METHOD, on: channel, atMost: frameMax) { arena in
                unsafe amqp_queue_bind_t(
                    ticket: 0, queue: arena.bytes(queue), exchange: arena.bytes(binding.exchange),
                    routing_key: arena.bytes(binding.routingKey), nowait: 0, arguments: arena.table(binding.arguments))
            }
        case .exchange(let exchange):
            unsafe method(AMQP_EXCHANGE_BIND_METHOD, on: channel, atMost: frameMax) { arena in
                unsafe amqp_exchange_bind_t(
                    ticket: 0, destination: arena.bytes(exchange), source: arena.bytes(binding.exchange),
                    routing_key: arena.bytes(binding.routingKey), nowait: 0, arguments: arena.table(binding.arguments))
            }
        }
    }

    mutating func unbind(_ channel: UInt16, _ binding: AMQPBinding) -> AMQPError? {
        switch binding.destination {
        case .queue(let queue):
            unsafe method(AMQP_QUEUE_UNBIND_METHOD, on: channel, atMost: frameMax) { arena in
                unsafe amqp_queue_unbind_t(
                    ticket: 0, queue: arena.bytes(queue), exchange: arena.bytes(binding.exchange),
                    routing_key: arena.bytes(binding.routingKey), arguments: arena.table(binding.arguments))
            }
        case .exchange(let exchange):
            unsafe method(AMQP_EXCHANGE_UNBIND_METHOD, on: channel, atMost: frameMax) { arena in
                unsafe amqp_exchange_unbind_t(
                    ticket: 0, destination: arena.bytes(exchange), source: arena.bytes(binding.exchange),
                    routing_key: arena.bytes(binding.routingKey), nowait: 0, arguments: arena.table(binding.arguments))
            }
        }
    }

    mutating func delete(_ channel: UInt16, queue: String, ifUnused: Bool, ifEmpty: Bool) {
        _ = unsafe method(AMQP_QUEUE_DELETE_METHOD, on: channel, atMost: 300) { arena in
            unsafe amqp_queue_delete_t(
                ticket: 0, queue: arena.bytes(queue), if_unused: ifUnused ? 1 : 0, if_empty: ifEmpty ? 1 : 0, nowait: 0)
        }
    }

    mutating func delete(_ channel: UInt16, exchange: String, ifUnused: Bool) {
        _ = unsafe method(AMQP_EXCHANGE_DELETE_METHOD, on: channel, atMost: 300) { arena in
            unsafe amqp_exchange_delete_t(
                ticket: 0, exchange: arena.bytes(exchange), if_unused: ifUnused ? 1 : 0, nowait: 0)
        }
    }

    mutating func purge(_ channel: UInt16, queue: String) {
        _ = unsafe method(AMQP_QUEUE_PURGE_METHOD, on: channel, atMost: 300) { arena in
            unsafe amqp_queue_purge_t(ticket: 0, queue: arena.bytes(queue), nowait: 0)
        }
    }
}
