import AMQPClient
import Testing

@testable import RabbitMQTransport

@Suite("What an earlier process may have begun")
struct RedeliveryDoubtTests {
    @Test("When there is too much to remember, every flag counts")
    func tooMany() {
        var doubt = RedeliveryDoubt(limit: 2)
        let answers = [1, 2, 3, 3].map { doubt.mayHaveBegun(message: $0) }
        #expect(answers == [true, true, true, true])
    }
}
