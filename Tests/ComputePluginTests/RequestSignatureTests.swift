import FoundationEssentials
import Operative
import Testing

@testable import ComputePlugin

@Suite("Signatures of requests")
struct RequestSignatureTests {
    @Test(
        "A request is signed as botocore signs it",
        arguments: [
            (nil, "f8dffd20e7d743a7a7ab7f414341a75880573922e275164a8530c7e09c26973a"),
            ("a-session-token", "fd7c929259e30d382f4c74268824009a52c55a310d4661ada3ff024c63063556"),
        ])
    func signature(token: String?, expected: String) throws {
        var connection: [String: PropertyValue] = [
            "endpoint": "http://127.0.0.1:5000/", "region": "eu-central-1", "access_key_id": "AKIDEXAMPLE",
            "secret_access_key": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        ]
        connection["session_token"] = token.map { .string($0) }
        let signature = RequestSignature(
            connection: try EC2Connection(.object(connection)),
            body: FormEncoding.encode([
                "Version": "2016-11-15", "InstanceId.1": "i-1", "Action": "DescribeInstances",
            ]),
            date: Date(timeIntervalSince1970: 1_440_938_160))
        let headers = Dictionary(uniqueKeysWithValues: signature.headers.map { ($0.name, $0.value) })
        #expect(headers["x-amz-date"] == "20150830T123600Z")
        #expect(headers["x-amz-security-token"] == token)
        #expect(headers["authorization"]?.hasSuffix("Signature=\(expected)") == true, "\(headers)")
    }

    @Test("Every byte of a form that is not unreserved is escaped")
    func form() {
        #expect(FormEncoding.encode(["b": "ä +&=/", "a": "A-z.0_~"]) == "a=A-z.0_~&b=%C3%A4%20%2B%26%3D%2F")
    }

    @Test(
        "Connections that cannot be meant are refused, naming the property",
        arguments: [
            ([:], "'connection.region'"), (["region": "r"], "'connection.access_key_id'"),
            (["region": "r", "access_key_id": "a", "secret_access_key": ""], "'connection.secret_access_key'"),
            (
                ["region": "r", "access_key_id": "a", "secret_access_key": "s", "endpoint": "ftp://host"],
                "'connection.endpoint'"
            ),
            (
                ["region": "r", "access_key_id": "a", "secret_access_key": "s", "endpoint": "http://host/path"],
                "'connection.endpoint'"
            ),
        ] as [([String: PropertyValue], String)])
    func badConnection(connection: [String: PropertyValue], expected: String) {
        let error = #expect(throws: NonRecoverableError.self) { try EC2Connection(.object(connection)) }
        #expect(error?.message.contains(expected) == true)
    }
}
