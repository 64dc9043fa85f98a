import AMQPClient
import Testing

@testable import RabbitMQTransport

@Suite("What an earlier process may have begun")
struct RedeliveryDoubtTests {
    @Test("When there is too much to remember, every flag counts")
    func tooMany() {
        var doubt = RedeliveryDoubt(limit: 2)
        #expect(doubt.mayHaveBegun(message: 1))
        #expect(doubt.mayHaveBegun(message: 2))
        #expect(doubt.mayHaveBegun(message: 3))
        #expect(doubt.mayHaveBegun(message: 3))
    }
}
