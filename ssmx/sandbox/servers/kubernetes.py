"""The API of the EKS cluster `platform`: enough for `kubectl get namespaces`, to whoever has a token.

A token is a presigned sts:GetCallerIdentity with the cluster's name among what is signed (aws-iam-authenticator,
pkg/token): STS gives it fifteen minutes, whatever X-Amz-Expires says.
"""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from ssmx.sandbox.estate import clusters
from ssmx.sandbox.far import Address
from ssmx.sandbox.servers.pages import JSON, TEXT, Asked, Page
from ssmx.sandbox.signature import ALGORITHM, BadSignature, Credential, verify_presigned

_PREFIX = "k8s-aws-v1."
_LIFE = 900.0  # seconds
_CLUSTER_HEADER = "x-k8s-aws-id"
# AWS's, or the sandbox's own
_STS = re.compile(r"(https://sts(\.[a-z]{2}(-[a-z]+)+-\d)?\.amazonaws\.com|http://127\.0\.0\.1:\d+)/?")
_FIELDS = {
    *("Action", "Version", "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires"),
    *("X-Amz-SignedHeaders", "X-Amz-Signature"),
}
_SINCE = "2026-04-08T08:31:07Z"
_NAMESPACES = ("default", "kube-node-lease", "kube-public", "kube-system", "payments", "storefront")

Find = Callable[[str], Credential | None]


def opens(token: str, cluster: str, *, find: Find, now: float) -> bool:
    """Whether this token lets its bearer into that cluster. `now` is seconds since the epoch."""
    if not token.startswith(_PREFIX):
        return False
    packed = token.removeprefix(_PREFIX)
    try:
        url = base64.b64decode(packed + "=" * (-len(packed) % 4), altchars=b"-_", validate=True).decode("ascii")
    except ValueError:
        return False
    start, mark, query = url.partition("?")
    pairs = parse_qsl(query, keep_blank_values=True)
    fields = dict(pairs)
    if not mark or _STS.fullmatch(start) is None or len(fields) != len(pairs):
        return False
    if set(fields) - {"X-Amz-Security-Token"} != _FIELDS:
        return False
    wanted = {
        "Action": "GetCallerIdentity",
        "X-Amz-Algorithm": ALGORITHM,
        "X-Amz-SignedHeaders": f"host;{_CLUSTER_HEADER}",
    }
    if any(fields[name] != value for name, value in wanted.items()):
        return False
    if not re.fullmatch(r"\d{1,3}", fields["X-Amz-Expires"]) or int(fields["X-Amz-Expires"]) > _LIFE:
        return False
    try:
        host = urlsplit(start).netloc
        caller = verify_presigned(host, query, life=_LIFE, find=find, now=now, also={_CLUSTER_HEADER: cluster})
    except BadSignature:
        return False
    return caller.service == "sts"


class Kubernetes:
    """The pages of the API. `find` knows the keys that sign tokens."""

    def __init__(self, *, find: Find) -> None:
        self._find = find

    def page(self, asked: Asked, _address: Address) -> Page:
        """What the API answers; see pages.Pages."""
        path = asked.path.rstrip("/")
        if path in ("/healthz", "/livez", "/readyz"):
            return HTTPStatus.OK, TEXT, "ok"
        if path == "/version":
            return _told(_VERSION)
        word, _, token = asked.headers.get("authorization", "").partition(" ")
        if word != "Bearer" or not opens(token.strip(), clusters.NAME, find=self._find, now=time.time()):
            return _status(HTTPStatus.UNAUTHORIZED, "Unauthorized", "Unauthorized")
        if asked.method not in ("GET", "HEAD"):
            return _status(HTTPStatus.METHOD_NOT_ALLOWED, "MethodNotAllowed", "the sandbox's cluster is to be read")
        if path in _PATHS:
            return _told(_PATHS[path])
        return _found(path)


def _found(path: str) -> Page:
    name = path.removeprefix("/api/v1/namespaces/")
    if name in _NAMESPACES:
        return _told({"kind": "Namespace", "apiVersion": "v1", **_namespace(name)})
    if path.startswith("/api/v1/namespaces/") and "/" not in name:
        return _status(HTTPStatus.NOT_FOUND, "NotFound", f'namespaces "{name}" not found')
    return _status(HTTPStatus.NOT_FOUND, "NotFound", "the server could not find the requested resource")


def _told(body: Mapping[str, Any]) -> Page:
    return HTTPStatus.OK, JSON, json.dumps(body) + "\n"


def _status(status: HTTPStatus, reason: str, message: str) -> Page:
    said = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure"}
    return status, JSON, json.dumps({**said, "message": message, "reason": reason, "code": status.value}) + "\n"


def _namespace(name: str) -> dict[str, Any]:
    return {
        "metadata": {
            "name": name,
            "creationTimestamp": _SINCE,
            "labels": {"kubernetes.io/metadata.name": name},
        },
        "spec": {"finalizers": ["kubernetes"]},
        "status": {"phase": "Active"},
    }


_MAJOR, _MINOR = clusters.VERSION.split(".")
_VERSION = {
    "major": _MAJOR,
    "minor": _MINOR,
    "gitVersion": f"v{clusters.VERSION}.4-eks-3025e55",
    "platform": "linux/amd64",
}
_RESOURCE = {
    "name": "namespaces",
    "singularName": "namespace",
    "namespaced": False,
    "kind": "Namespace",
    "verbs": ["get", "list"],
    "shortNames": ["ns"],
}
_PATHS: Mapping[str, Mapping[str, Any]] = {
    "": {"paths": ["/api", "/api/v1", "/apis", "/healthz", "/livez", "/readyz", "/version"]},
    "/api": {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []},
    "/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": []},
    "/api/v1": {"kind": "APIResourceList", "groupVersion": "v1", "resources": [_RESOURCE]},
    "/api/v1/namespaces": {
        "kind": "NamespaceList",
        "apiVersion": "v1",
        "metadata": {"resourceVersion": "48211"},
        "items": [_namespace(name) for name in _NAMESPACES],
    },
}
