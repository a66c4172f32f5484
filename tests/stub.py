"""An AWS of canned answers: faster than the sandbox, and it hands out whatever StreamUrl a test wants."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

NODE = "i-0123456789abcdef0"
_LIVING = ("pending", "running", "stopping", "stopped")
_ACCOUNT = "123456789012"


def instance(number, name):
    return (
        f"<item><reservationId>r-{number}</reservationId><ownerId>{_ACCOUNT}</ownerId><instancesSet><item>"
        f"<instanceId>i-{number:017x}</instanceId><instanceState><code>16</code><name>running</name></instanceState>"
        f"<privateIpAddress>10.0.{number // 250 % 250}.{number % 250}</privateIpAddress>"
        "<instanceType>t3.micro</instanceType>"
        "<launchTime>2026-01-01T00:00:00.000Z</launchTime><placement><availabilityZone>eu-west-1a</availabilityZone>"
        f"</placement><tagSet><item><key>Name</key><value>{name}</value></item></tagSet></item></instancesSet></item>"
    )


class Stub:
    """`fleet` maps names to numbers of instances; `stream_url` is what StartSession answers, nothing = refused."""

    def __init__(self, *, fleet=None, stream_url=""):
        self.fleet = fleet or {"payments-api": [int(NODE[2:], 16)]}
        self.stream_url = stream_url
        self.unmanaged = set()  # ids that SSM does not know
        self.calls = []  # (operation, time.monotonic())
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def env(self, base):
        kept = {name: value for name, value in base.items() if name not in ("AWS_PROFILE", "AWS_CONFIG_FILE")}
        return {
            **kept,
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "example",
            "AWS_REGION": "eu-west-1",
            "AWS_DEFAULT_REGION": "eu-west-1",  # the aws command of PyPI reads this one only
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def operations(self):
        return [operation for operation, _ in self.calls]

    def answer(self, operation, request):
        """Status, content type and body."""
        match operation:
            case "DescribeInstances":
                return 200, "text/xml", self._instances(request)
            case "DescribeInstanceInformation":
                ids = [value for each in request.get("Filters", []) for value in each["Values"]]
                if set(ids) & self.unmanaged:
                    return 400, "json", {"__type": "InvalidInstanceId", "message": ""}
                known = [
                    {"InstanceId": each, "PingStatus": "Online", "AgentVersion": "3.3.987.0"}
                    for each in ids
                    if each.startswith("i-")
                ]
                return 200, "json", {"InstanceInformationList": known}
            case "DescribeInstanceProperties":
                every = [number for numbers in self.fleet.values() for number in numbers]
                return self._page(every, request)
            case "StartSession" if self.stream_url:
                return 200, "json", {"SessionId": "ravi-1", "TokenValue": "t" * 40, "StreamUrl": self.stream_url}
            case "StartSession":
                return 400, "json", {"__type": "TargetNotConnected", "message": "not connected"}
            case "TerminateSession":
                return 200, "json", {"SessionId": request["SessionId"]}
            case _:
                return 400, "json", {"__type": "UnknownOperationException", "message": operation}

    def _page(self, every, request):
        start, size = int(request.get("NextToken", 0)), request.get("MaxResults", 10)
        page = [{"InstanceId": f"i-{each:017x}", "PingStatus": "Online"} for each in every[start : start + size]]
        body = {"InstanceProperties": page}
        return 200, "json", {**body, "NextToken": str(start + size)} if start + size < len(every) else body

    def _instances(self, request):
        values = [value for key, value in request.items() if ".Value." in key and value not in _LIVING]
        chosen = [
            (number, name)
            for name, numbers in self.fleet.items()
            for number in numbers
            if not values or name in values or f"i-{number:017x}" in values
        ]
        start, size = int(request.get("NextToken", 0)), int(request.get("MaxResults", 1000))
        items = "".join(instance(number, name) for number, name in chosen[start : start + size])
        more = f"<nextToken>{start + size}</nextToken>" if start + size < len(chosen) else ""
        return (
            '<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">'
            f"<reservationSet>{items}</reservationSet>{more}</DescribeInstancesResponse>"
        )

    def _handler(stub):  # noqa: N805  # `self` is the request's handler below
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # head and body in one packet: two wait 40 ms for each other (Nagle, delayed ACK)

            def do_POST(self):
                at = time.monotonic()
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if target := self.headers.get("X-Amz-Target"):
                    operation, request = target.partition(".")[2], json.loads(body or b"{}")
                else:
                    request = {key: values[0] for key, values in parse_qs(body.decode()).items()}
                    operation = request.get("Action", "")
                stub.calls.append((operation, at))
                status, kind, answer = stub.answer(operation, request)
                content = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "text/xml" if kind == "text/xml" else "application/x-amz-json-1.1")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        return Handler
