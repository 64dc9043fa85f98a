"""A web server for tests of downloads, over HTTP and HTTPS, which answers well or badly as the path says.

Usage: web_server.py CERTIFICATE KEY [CERTIFICATE KEY ...]. Prints a line with the port of HTTP and one port of HTTPS for each certificate.
Ends with its standard input.
"""

import http.server
import socket
import ssl
import sys
import threading
import urllib.parse

SCRIPT = b"#!/bin/sh\necho from the web \xff\r\n"


def copy(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
    except OSError:
        pass
    finally:
        target.close()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def answer(self, status, body=b"", headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        address = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(address.query))
        try:
            getattr(self, "get_" + address.path.strip("/"), self.get_missing)(query)
        except OSError:
            pass

    def do_CONNECT(self):
        """As a proxy; the server that is asked for is this one, whatever its name."""
        if self.headers.get("Proxy-Authorization") != "Basic bWU6aXQncyBt":  # me:it's m
            return self.answer(407)
        with socket.create_connection(("127.0.0.1", int(self.path.rsplit(":", 1)[1]))) as server:
            self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
            threading.Thread(target=copy, args=(server, self.connection), daemon=True).start()
            copy(self.connection, server)
        self.close_connection = True

    def get_missing(self, query):
        self.answer(404, b"no such page")

    def get_script(self, query):
        self.answer(200, SCRIPT)

    def get_status(self, query):
        self.answer(int(query["of"]), b"" if query["of"] == "204" else b"text")

    def get_redirect(self, query):
        self.answer(302, headers=[("Location", query["to"])])

    def get_chain(self, query):
        left = int(query["left"])
        self.answer(307, headers=[("Location", "/chain?left=%d" % (left - 1) if left else "/script")])

    def get_circle(self, query):
        self.answer(302, headers=[("Location", "/circle")])

    def get_large(self, query):
        self.answer(200, b"x" * int(query["size"]))

    def get_endless(self, query):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        while True:
            self.wfile.write(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")

    def get_cut(self, query):
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"half a script")
        self.close_connection = True

    def get_silent(self, query):
        self.rfile.read()

    def get_stalled(self, query):
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"half a script")
        self.wfile.flush()
        self.rfile.read()

    def get_nonsense(self, query):
        self.wfile.write(b"this is no HTTP\r\n\r\n")
        self.close_connection = True


def serve(context=None):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *arguments: None
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


ports = [serve()]
for certificate, key in zip(sys.argv[1::2], sys.argv[2::2]):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    ports.append(serve(context))
print(*ports, flush=True)
sys.stdin.read()
