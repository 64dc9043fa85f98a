import Operative
import Testing

@testable import OperativeAgent

@Suite("Secrets in what the journal shows")
struct SecretRedactionTests {
    @Test("Values of keys that name a secret are left out at every depth, also in texts that are JSON")
    func keys() throws {
        let value: PropertyValue = [
            "execution_token": "s3cret", "rest_token": "s3cret", "name": "web",
            "deep": [["node": ["properties": ["Admin-Password": "s3cret", "private_key": ["pem": "s3cret"]]]]],
            "text": #"{"client_secret": "s3cret", "port": 1}"#,
            "empty_token": nil, "port": 8_080,
        ]
        let redacted = SecretRedaction.redacted(value)
        #expect(!redacted.jsonString.contains("s3cret"))
        #expect(redacted["name"] == "web" && redacted["port"] == 8_080)
        #expect(redacted["rest_token"] == "[redacted]")
        #expect(redacted["empty_token"]?.isNull == true)
        #expect(redacted["text"]?.stringValue?.contains(#""port":1"#) == true)
    }

    @Test(
        "Texts lose credentials and keep the rest",
        arguments: [
            ("amqp://guest:s3cret@host:5672/v", "amqp://[redacted]@host:5672/v"),
            ("see https://u:s3/cr@et@host/x?y=1 for more", "see https://[redacted]@host/x?y=1 for more"),
            ("https://host/x?token=s3cret&page=2", "https://host/x?token=[redacted]&page=2"),
            ("login failed: password=s3cret, user=bob", "login failed: password=[redacted], user=bob"),
            ("-----BEGIN RSA PRIVATE KEY-----\ns3cret", "[redacted]"),
            ("Authorization: Bearer s3cret", "Authorization: Bearer [redacted]"),
            ("nothing to hide: http://host/path", "nothing to hide: http://host/path"),
        ])
    func texts(_ text: String, _ expected: String) {
        #expect(SecretRedaction.redacted(text) == expected)
    }
}
