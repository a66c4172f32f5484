"""EC2 and Auto Scaling of canned rows, in their protocols: filters, pages, limits and refusals as AWS has them."""

import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from ssmx.aws.clients import Clients
from ssmx.model.settings import Value

# Operation: what its rows are called in the answer, and of its filters what they compare in a row.
_ANSWERS = {
    "DescribeSecurityGroups": ("securityGroupInfo", {"group-id": lambda row: row["groupId"]}),
    "DescribeVpcPeeringConnections": (
        "vpcPeeringConnectionSet",
        {
            "accepter-vpc-info.vpc-id": lambda row: row["accepterVpcInfo"]["vpcId"],
            "requester-vpc-info.vpc-id": lambda row: row["requesterVpcInfo"]["vpcId"],
            "status-code": lambda row: row["status"]["code"],
        },
    ),
    "DescribeVpcs": ("vpcSet", {"vpc-id": lambda row: row["vpcId"]}),
    "DescribeRouteTables": ("routeTableSet", {"vpc-id": lambda row: row["vpcId"]}),
    "GetManagedPrefixListEntries": ("entrySet", {}),
    "DescribeInstances": (
        "reservationSet",
        {"vpc-id": lambda _: "vpc-1", "instance-state-name": lambda _: "running"},
    ),
}
_FILTER_VALUES, _IDS = 200, 50


class Ec2:
    """`rows` are by operation, `prefix_lists` CIDRs by list; `page` is how many rows an answer has at most.

    `cache` is a folder for the models of the clients.
    """

    def __init__(self, cache):
        self._cache = cache
        self.rows = {}
        self.prefix_lists = {}
        self.denied = set()
        self.page = 1000
        self.asked = []  # (operation, parameters)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self):
        self._thread.start()
        url = f"http://127.0.0.1:{self._server.server_port}"
        endpoints = dict.fromkeys(("ec2", "autoscaling", "ssm"), url)
        region = Value("eu-west-1", "test")
        self.clients = Clients(
            Value("", "default"),
            region,
            endpoints=endpoints,
            trace=lambda _: None,
            ask_secret=lambda _: "",
            cache=lambda: self._cache,
        )
        return self

    def __exit__(self, *_):
        for service in ("ec2", "autoscaling", "ssm"):
            self.clients.get(service).close()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def calls(self, operation):
        return [request for name, request in self.asked if name == operation]

    def answer(self, operation, request):
        """Status and XML."""
        if operation in self.denied:
            said = f"User: arn:aws:iam::1:user/ravi is not authorized to perform: ec2:{operation}"
            return 403, _refused("UnauthorizedOperation", said)
        if operation == "DescribeAutoScalingInstances":
            return self._lifecycles(request)
        name, comparing = _ANSWERS[operation]
        rows = self.prefix_lists if operation == "GetManagedPrefixListEntries" else self.rows.get(operation, [])
        if operation == "GetManagedPrefixListEntries":
            rows = [{"cidr": each} for each in rows[request["PrefixListId"]]]
        for key, values in _filters(request).items():
            if len(values) > _FILTER_VALUES:
                return 400, _refused("FilterLimitExceeded", f"{len(values)} values of {key}")
            rows = [row for row in rows if comparing[key](row) in values]
        start = int(request.get("NextToken", 0))
        more = {"nextToken": str(start + self.page)} if start + self.page < len(rows) else {}
        return 200, _xml({f"{operation}Response": {name: rows[start : start + self.page], **more}}, "item")

    def _lifecycles(self, request):
        ids = [value for key, value in request.items() if key.startswith("InstanceIds.member.")]
        if len(ids) > _IDS:
            return 400, _refused("ValidationError", f"{len(ids)} ids")
        rows = [row for row in self.rows.get("DescribeAutoScalingInstances", []) if row["InstanceId"] in ids]
        start = int(request.get("NextToken", 0))
        result = {"AutoScalingInstances": rows[start : start + self.page]}
        result |= {"NextToken": str(start + self.page)} if start + self.page < len(rows) else {}
        name = "DescribeAutoScalingInstances"
        return 200, _xml({f"{name}Response": {f"{name}Result": result}}, "member")

    def _handler(stub):  # noqa: N805  # `self` is the request's handler below
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # head and body in one packet: two wait 40 ms for each other

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                if self.headers.get("X-Amz-Target"):  # Systems Manager says nothing here
                    self._send(400, "application/x-amz-json-1.1", '{"__type": "AccessDeniedException"}')
                    return
                request = dict(parse_qsl(body))
                stub.asked.append((request["Action"], request))
                self._send(*_typed(*stub.answer(request["Action"], request)))

            def _send(self, status, kind, body):
                content = body.encode()
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        return Handler


def _typed(status, body):
    return status, "text/xml", body


def _filters(request):
    names = {key.split(".")[1]: value for key, value in request.items() if key.endswith(".Name")}
    return {
        name: [value for key, value in request.items() if key.startswith(f"Filter.{number}.Value.")]
        for number, name in names.items()
    }


def _refused(code, message):
    errors = {"Errors": {"Error": {"Code": code, "Message": message}}}
    return _xml({"Response": {**errors, "RequestID": "1"}}, "item")


def _xml(value, item):
    """Mappings as elements, lists as so many of `item`."""
    if isinstance(value, Mapping):
        return "".join(f"<{name}>{_xml(each, item)}</{name}>" for name, each in value.items())
    if isinstance(value, list):
        return "".join(f"<{item}>{_xml(each, item)}</{item}>" for each in value)
    return escape(str(value).lower() if isinstance(value, bool) else str(value))
