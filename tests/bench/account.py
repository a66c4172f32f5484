"""An AWS account of any number of nodes, which answers at once: see `rendered`.

moto needs minutes for ten thousand instances. This is a process of its own, so that what it takes is not taken from
the one that measures; `python -m tests.bench.account SIZE` runs it alone, until its standard input ends.
"""

import argparse
import json
import queue
import ssl
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

from tests.bench.rendered import Rendered, answer
from tests.conftest import ROOT

_CALLS = "/_account/calls"
_ANSWERED = "/_account/answered"
_PATIENCE = 15  # seconds until a StartSession must have been answered


class Account:
    """The process, while it is entered; `endpoint` is where it listens.

    `pem` is a file with key and certificate, for TLS. `latency`, in seconds, is added to each connection and each
    answer. Sessions are those of `rig`, the endpoint of one; without it there are none.
    """

    def __init__(self, size, *, pem="", latency=0.0, rig=""):
        self.size = size
        self._options = [f"--pem={pem}", f"--latency={latency}", f"--rig={rig}"]
        self._scheme = "https" if pem else "http"
        self._trusting = ssl.create_default_context(cafile=pem) if pem else None

    def __enter__(self):
        command = [sys.executable, "-m", "tests.bench.account", str(self.size), *self._options]
        self.process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.endpoint = f"{self._scheme}://127.0.0.1:{int(self.process.stdout.readline())}"
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()

    def calls(self):
        """How often each operation was called since this was last asked."""
        return Counter(self._ask(_CALLS))

    def answered(self):
        """Wait until StartSession is answered: when that was, as time.monotonic() tells it to all processes.

        Each answer is told once.
        """
        return self._ask(_ANSWERED)

    def _ask(self, path):
        with urllib.request.urlopen(self.endpoint + path, timeout=20, context=self._trusting) as answer:
            return json.load(answer)

    def env(self, base):
        """`base`, and what turns AWS's clients to this account; there are no AWS files but an empty one."""
        return {
            **{name: value for name, value in base.items() if not name.startswith(("AWS_", "SSMX_"))},
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "example",
            "AWS_REGION": "eu-west-1",
            "AWS_DEFAULT_REGION": "eu-west-1",  # the aws command of PyPI reads this one only
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
            "AWS_EC2_METADATA_DISABLED": "true",
        }


def _handler(known, latency, rig):
    calls = Counter()
    answered = queue.Queue()
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one packet: two wait 40 ms for each other (Nagle, delayed ACK)
        disable_nagle_algorithm = True  # as does the answer behind a session ticket of TLS

        def setup(self):
            time.sleep(latency)
            super().setup()

        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if target := self.headers.get("X-Amz-Target"):
                operation, request = target.rpartition(".")[2], json.loads(body or b"{}")
            else:
                request = dict(parse_qsl(body.decode()))
                operation = request.get("Action", self.path)
            with lock:
                calls[operation] += 1
            time.sleep(latency)
            if operation == "StartSession" and rig:
                said = 200, _forwarded(rig, target, body)
            else:
                said = answer(known, operation, request)
            self._say(*said)
            if operation == "StartSession":
                self.wfile.flush()
                answered.put(time.monotonic())

        def do_GET(self):
            if self.path == _ANSWERED:
                with suppress(queue.Empty):
                    self._say(200, json.dumps(answered.get(timeout=_PATIENCE)).encode())
                return
            with lock:
                if self.path == _CALLS:
                    said = json.dumps(calls).encode()
                    calls.clear()
                else:
                    said = b"{}"
                    calls[self.path] += 1
            self._say(200, said)

        def _say(self, status, body):
            self.send_response(status)
            self.send_header("Content-Type", "text/xml" if body.startswith(b"<") else "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    return Handler


def _forwarded(rig, target, body):
    """What the rig answers, whose sessions lead to this machine only."""
    wanted = json.loads(body)
    if "host" in wanted.get("Parameters", {}):
        wanted["Parameters"]["host"] = ["127.0.0.1"]
    request = urllib.request.Request(rig, json.dumps(wanted).encode(), {"X-Amz-Target": target})
    with urllib.request.urlopen(request, timeout=10) as said:
        return said.read()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 1024  # many come at once
    context = None

    def finish_request(self, request, client_address):
        """On the thread of the connection, where a handshake keeps nobody else waiting."""
        if self.context is not None:
            request = self.context.wrap_socket(request, server_side=True)
        super().finish_request(request, client_address)

    def handle_error(self, request, client_address):
        """A client that is gone is no error."""


def _serve():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("size", type=int)
    parser.add_argument("--pem", default="")
    parser.add_argument("--latency", type=float, default=0.0)
    parser.add_argument("--rig", default="")
    given = parser.parse_args()
    server = _Server(("127.0.0.1", 0), _handler(Rendered(given.size), given.latency, given.rig))
    if given.pem:
        server.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.context.load_cert_chain(given.pem)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_port, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    _serve()
