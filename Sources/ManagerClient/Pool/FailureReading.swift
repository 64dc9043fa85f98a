internal import AsyncHTTPClient
import Glibc
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL

/// What an error of the HTTP library means for the request.
enum FailureReading {
    /// - Parameters:
    ///   - error: What was thrown.
    ///   - hasAnswer: Whether the head of an answer had arrived.
    ///   - request: The request, for errors.
    ///   - peer: Who was asked, for errors.
    static func read(
        _ error: any Error, hasAnswer: Bool, request: String, peer: String = "the manager"
    ) -> AttemptFailure {
        if let error = error as? ManagerError { return .final(error) }
        if error is CancellationError { return .final(cancelled(request)) }
        if let error = error as? HTTPClientError { return read(error, hasAnswer: hasAnswer, request: request, peer) }
        if let error = error as? HTTPParserError, error == .invalidEOFState {
            return hasAnswer ? .truncated("the answer breaks off") : .broken("\(peer) closed the connection")
        }
        if hasAnswer, !(error is HTTPParserError) { return .truncated(text(error)) }
        switch error {
        case let error as NIOConnectionError:
            let reason = error.connectionErrors.first.map { connectReason($0.error) } ?? "the name does not resolve"
            return .notSent("cannot connect to \(error.host):\(error.port) (\(reason))")
        case let error as IOError:
            let refusals = [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, ENETDOWN, EHOSTDOWN, EADDRNOTAVAIL]
            let reason = SystemError.text(error.errnoCode)
            return refusals.contains(error.errnoCode) ? .notSent(reason) : .broken(reason)
        case is ChannelError:
            return .notSent(text(error))
        case let error as NIOSSLError:
            return read(error, peer)
        case let error as HTTPParserError:
            return .final(
                ManagerError(.invalidResponse, message: "the answer is no HTTP (\(error))", request: request))
        default:
            let name = String(describing: type(of: error))
            // Of NIOSSL: the name in the certificate, and what its own checks of a chain add.
            return name.contains("NIOSSL") || name.contains("BoringSSL")
                ? .untrusted(text(error)) : .broken(text(error))
        }
    }

    private static func read(
        _ error: HTTPClientError, hasAnswer: Bool, request: String, _ peer: String
    ) -> AttemptFailure {
        switch error {
        case .cancelled, .requestStreamCancelled: return .final(cancelled(request))
        case .alreadyShutdown:
            return .final(ManagerError(.closed, message: "the connections to managers are closed", request: request))
        case .connectTimeout: return .notSent("connecting took too long")
        case .tlsHandshakeTimeout: return .notSent("the TLS handshake took too long")
        case .getConnectionFromPoolTimeout: return .notSent("no connection became free in time")
        case .readTimeout, .writeTimeout, .deadlineExceeded:
            return hasAnswer ? .truncated("the answer stopped") : .timedOut("no answer in time")
        case .remoteConnectionClosed, .uncleanShutdown:
            return hasAnswer
                ? .truncated("the answer breaks off") : .broken("\(peer) closed the connection without an answer")
        case .invalidURL, .emptyHost, .bodyLengthMismatch:
            return .final(ManagerError(.invalidRequest, message: text(error), request: request))
        default:
            if error.shortDescription == HTTPClientError.invalidHeaderFieldValues([]).shortDescription {
                let message = "a token or the tenant cannot be sent in a header"
                return .final(ManagerError(.invalidRequest, message: message, request: request))
            }
            return hasAnswer ? .truncated(text(error)) : .broken(text(error))
        }
    }

    private static func read(_ error: NIOSSLError, _ peer: String) -> AttemptFailure {
        switch error {
        case .handshakeFailed(let cause):
            let text = text(cause)
            // The peer went away in the middle: that may be an outage.
            return text.contains("syscallError") || text.contains("eofDuringHandshake")
                ? .notSent("the TLS handshake broke off") : .untrusted(text)
        case .unableToValidateCertificate, .cannotFindPeerIP: return .untrusted(text(error))
        case .uncleanShutdown: return .broken("\(peer) closed the connection without an answer")
        default: return .broken(text(error))
        }
    }

    private static func connectReason(_ error: any Error) -> String {
        (error as? IOError).map { SystemError.text($0.errnoCode) } ?? text(error)
    }

    private static func cancelled(_ request: String) -> ManagerError {
        ManagerError(.cancelled, message: "the request was cancelled", request: request)
    }

    private static func text(_ error: any Error) -> String { OneLine.make(String(describing: error), limit: 300) }
}
