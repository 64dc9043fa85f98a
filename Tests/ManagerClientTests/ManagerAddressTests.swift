import Foundation
import ManagerClient
import Testing

@Suite("Where a manager is")
struct ManagerAddressTests {
    private static let facts = ManagerFacts(hosts: ["m1", "m2"], port: 53_333, certificateAuthority: "PEM")

    private func problem(_ facts: ManagerFacts, _ environment: [String: String]) -> String? {
        do throws(ManagerAddressError) {
            _ = try ManagerAddress.resolve(facts, environment: environment)
            return nil
        } catch {
            return error.description
        }
    }

    @Test("The task says where, and https is the default")
    func fromTask() throws {
        let address = try ManagerAddress.resolve(Self.facts, environment: [:])
        #expect(address.description == "https://m1:53333, https://m2:53333")
        #expect(address.certificateAuthority == Array("PEM".utf8))
        #expect(address.fileServerScheme == .https)
    }

    @Test("The environment goes before the task, addresses of IPv6 get brackets")
    func fromEnvironment() throws {
        let address = try ManagerAddress.resolve(
            Self.facts,
            environment: [
                "REST_PROTOCOL": "http", "REST_HOST": "2001:db8::1, [::1],m3", "REST_PORT": "80",
                "MANAGER_FILE_SERVER_SCHEME": "https",
            ])
        #expect(address.description == "http://[2001:db8::1]:80, http://[::1]:80, http://m3:80")
        #expect(address.hosts == ["2001:db8::1", "::1", "m3"])
        #expect(address.fileServerScheme == .https)
    }

    @Test("The certificate authority is the task's, else that of the file, read anew each time")
    func authority() async throws {
        try await withDirectory { directory async throws in
            let path = directory + "/ca.pem"
            try "FILE".write(toFile: path, atomically: false, encoding: .utf8)
            let environment = ["LOCAL_REST_CERT_FILE": path]
            var facts = Self.facts
            #expect(
                try ManagerAddress.resolve(facts, environment: environment).certificateAuthority == Array("PEM".utf8))
            facts.certificateAuthority = nil
            #expect(
                try ManagerAddress.resolve(facts, environment: environment).certificateAuthority == Array("FILE".utf8))
            try "NEW".write(toFile: path, atomically: false, encoding: .utf8)
            #expect(
                try ManagerAddress.resolve(facts, environment: environment).certificateAuthority == Array("NEW".utf8))
        }
    }

    @Test("What is missing or wrong is named")
    func problems() throws {
        #expect(
            problem(ManagerFacts(port: 1, certificateAuthority: "x"), [:])
                == "rest_host: no host of the manager is known")
        #expect(problem(ManagerFacts(hosts: ["m"], certificateAuthority: "x"), [:])?.hasPrefix("rest_port: ") == true)
        #expect(problem(Self.facts, ["REST_PORT": "x"]) == "REST_PORT: 'x' is no number")
        #expect(problem(Self.facts, ["REST_PORT": "70000"])?.hasPrefix("REST_PORT: 70000") == true)
        #expect(problem(Self.facts, ["REST_PROTOCOL": "ftp"])?.hasPrefix("REST_PROTOCOL: 'ftp'") == true)
        #expect(problem(Self.facts, ["REST_HOST": "a,,b"]) == "REST_HOST: a host is empty")
        for host in ["a b", "a/b", "a@b", "m1:80", "x?y", "a\r\nb"] {
            #expect(problem(Self.facts, ["REST_HOST": host])?.hasPrefix("REST_HOST: ") == true, "\(host)")
        }
        let many = (1...64).map { "m\($0)" }.joined(separator: ",")
        #expect(problem(Self.facts, ["REST_HOST": many])?.contains("at most 63") == true)
        var facts = Self.facts
        facts.certificateAuthority = nil
        #expect(problem(facts, [:])?.hasPrefix("LOCAL_REST_CERT_FILE: not set") == true)
        #expect(problem(facts, ["REST_PROTOCOL": "http"])?.hasPrefix("LOCAL_REST_CERT_FILE: not set") == true)
        #expect(
            problem(facts, ["LOCAL_REST_CERT_FILE": "/nowhere/ca.pem"])
                == "LOCAL_REST_CERT_FILE: /nowhere/ca.pem cannot be read (No such file or directory)")
    }

    @Test("Of two tokens the execution's is used alone; descriptions keep both secret")
    func credentials() {
        let both = ManagerFacts(executionToken: "e-secret", restToken: "r-secret", tenant: "t")
        #expect(ManagerCredentials(both).token == .execution("e-secret"))
        #expect(ManagerCredentials(ManagerFacts(executionToken: "", restToken: "r")).token == .authentication("r"))
        #expect(ManagerCredentials(ManagerFacts()).token == nil)
        #expect(!"\(both) \(ManagerCredentials(both))".contains("secret"))
    }
}
