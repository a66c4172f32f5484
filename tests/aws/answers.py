"""An AWS that answers exactly the calls of a case, each in the protocol of its service.

A call is `{"client", "operation", "given", "answer"}` as in tests/model/catalog/*.json: whoever calls the operation
with the arguments `given`, none where it is not there, gets `answer`, as boto3 gives it. In place of `answer` there
may be `error`, `{"Code", "Message"}`. Any other call is refused, and the message says what is missing.
"""

import json
import re
import threading
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote, urlsplit

from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import determine_request_protocol
from moto.core.serialize import get_serializer_class
from moto.core.utils import get_service_model
from werkzeug.datastructures import Headers, MultiDict

from ssmx.aws.models import OPERATIONS

MISSING = "CallNotInCase"
_SCOPE = re.compile(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/aws4_request")


class Refusal(Exception):
    """What AWS answers in place of an answer."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code
        self.message = message


class Answers:
    """The server, while it is entered: `url` is where it listens, `asked` the calls that it had.

    Of each call the client, the operation and the arguments. `source` is where a missing call is to be added.
    """

    def __init__(self, calls, source="the case"):
        self.calls = calls
        self.source = source
        self.asked = []
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self._answer))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def begin(self, calls, source):
        """Answer these from here on."""
        self.calls, self.source, self.asked = calls, source, []

    @property
    def url(self):
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _answer(self, request):
        with self._lock:
            client, operation, protocol = request.known_as()
            given = request.arguments(operation, protocol)
            self.asked.append((client, operation.name, given))
            said = self._found(client, operation.name, given)
            serialized = get_serializer_class(client, protocol)(operation).serialize(said)
        body = serialized["body"]
        return serialized["status_code"], serialized["headers"], body if isinstance(body, bytes) else body.encode()

    def _found(self, client, operation, given):
        for call in self.calls:
            if (call["client"], call["operation"], call.get("given", {})) == (client, operation, given):
                error = call.get("error")
                return Refusal(error["Code"], error["Message"]) if error else call["answer"]
        asked = {"client": client, "operation": operation, **({"given": given} if given else {}), "answer": {}}
        return Refusal(MISSING, f"{self.source} lists no such call: {json.dumps(asked)}")


class Request:
    """What came over the wire."""

    def __init__(self, method, target, headers, body):
        url = urlsplit(target)
        self.method = method
        self.path = url.path
        self.headers = Headers(headers.items())
        self.body = body
        form = body.decode() if "form-urlencoded" in self.headers.get("Content-Type", "") else ""
        self.values = MultiDict([*parse_qsl(url.query), *parse_qsl(form, keep_blank_values=True)])

    def known_as(self):
        """The service as botocore calls it, the operation's model, and the protocol."""
        signed_for = _SCOPE.search(self.headers["Authorization"])[1]
        client = _clients()[signed_for]
        service = _model(client)
        protocol = determine_request_protocol(service, self.headers.get("Content-Type"))
        name = self.values.get("Action") or self.headers.get("X-Amz-Target", "").rpartition(".")[2]
        names = [name] if name else [each for each in service.operation_names if self._leads_to(service, each)]
        return client, service.operation_model(names[0]), protocol

    def arguments(self, operation, protocol):
        match = _path(operation).fullmatch(self.path)
        names = re.findall(r"\{([^}+]+)\+?\}", operation.http["requestUri"])
        parts = dict(zip(names, map(unquote, match.groups()), strict=True)) if match else {}
        found = PROTOCOL_PARSERS[protocol](operation).parse(
            {
                "method": self.method,
                "headers": self.headers,
                "body": self.body,
                "values": self.values,
                "url_path": self.path,
                "url_params": parts,
            }
        )
        return {name: value for name, value in found.items() if value not in (None, [])}  # [] of what is not asked

    def _leads_to(self, service, name):
        operation = service.operation_model(name)
        return operation.http["method"] == self.method and _path(operation).fullmatch(self.path) is not None


def _path(operation):
    path = operation.http["requestUri"].partition("?")[0]
    return re.compile(re.sub(r"\\\{[^}]+\\\}", "([^/]+)", re.escape(path)))


@cache
def _model(client):
    return get_service_model(client)


@cache
def _clients():
    """The names of botocore by the names that requests are signed for."""
    return {_model(client).signing_name: client for client in OPERATIONS}


def _handler(answer):
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, headers, said = answer(Request(self.command, self.path, self.headers, body))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_GET = do_POST  # noqa: N815

        def log_message(self, *_):
            pass

    return Handler
