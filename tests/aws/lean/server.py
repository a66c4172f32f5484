"""An AWS that says what it is told to, in that order."""

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Aws:
    """Answers of which each is status, body, seconds before it; or None to hang up."""

    def __init__(self, authority=None, folder=None):
        self.answers, self.asked, self.open = [], [], []
        self.hold = None
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                super().setup()
                outer.open.append(self.connection)

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                botocores = "Botocore" in self.headers["User-Agent"]
                outer.asked.append((self.headers.get("X-Amz-Target") or body.decode(), botocores))
                if outer.hold is not None:
                    outer.hold.wait()
                said = outer.answers.pop(0) if len(outer.answers) > 1 else outer.answers[0]
                if said is None:
                    self.close_connection = True
                    self.connection.close()
                    return
                status, content = said
                content = content if isinstance(content, bytes) else json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        if authority is not None:
            context = authority.server(["127.0.0.1"], folder=folder)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        scheme = "https" if authority else "http"
        self.url = f"{scheme}://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def hang_up(self):
        for each in self.open:
            each.shutdown(socket.SHUT_RDWR)

    def close(self):
        self.server.shutdown()
        self.server.server_close()
