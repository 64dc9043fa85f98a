internal import AMQPClient
internal import AgentRuntime

struct AMQPReceipt: DeliveryReceipt {
    let delivery: AMQPDelivery

    func acknowledge() { delivery.acknowledge() }
    func release() { delivery.reject(requeue: true) }
}
