"""What stands in the place of a botocore client, for the few calls that are made without one."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote_plus

from ssmx import __version__
from ssmx.aws.lean import answers, signer
from ssmx.aws.lean.answers import RefusedError, UnreadableError
from ssmx.aws.lean.http import Answer, Connections, LostError, NotSentError
from ssmx.aws.lean.keys import Keys

_AGAIN = ("RequestTimeout", "RequestTimeoutException")  # what else botocore's `standard` repeats
_FAILED = (RefusedError, UnreadableError, LostError, NotSentError)
_EC2_VERSION = "2016-11-15"

_Page = Callable[[Sequence[Mapping[str, Any]], Mapping[str, Any]], dict[str, Any]]


class Client:
    """A client of `ssm` or `ec2`: what it does not do itself, `stock` does, a botocore client.

    `again`: what AWS could not answer now is asked again, by `stock`; `around`, which is given a call to make, does
    that itself. `trace` hears of every call, `sent` is called while StartSession is on its way.
    """

    def __init__(
        self,
        service: str,
        region: str,
        keys: Keys,
        connections: Connections,
        *,
        stock: Callable[[], Any],
        again: bool,
        trace: Callable[[str], None],
        sent: Callable[[], None],
        around: Callable[[Callable[[], dict[str, Any]]], dict[str, Any]] | None = None,
    ) -> None:
        self._service = service
        self._region = region
        self._keys = keys
        self._connections = connections
        self._stock = stock
        self._again = again
        self._trace = trace
        self._sent = sent
        self._around = around
        self.meta = _Meta(connections.url, stock)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stock(), name)

    def close(self) -> None:
        """Close its connections."""
        self._connections.close()

    def start_session(self, **request: Any) -> dict[str, Any]:
        """StartSession, which is never repeated: an answer that was lost may have started a session."""
        if not _is_plain(request):
            return dict(self._stock().start_session(**request))
        try:
            return self._json("StartSession", request, sent=self._sent)
        except NotSentError as error:
            if error.late:
                raise
        return dict(self._stock().start_session(**request))  # which says in its words why

    def resume_session(self, **request: Any) -> dict[str, Any]:
        """ResumeSession, once: whoever resumes tries again, and the network may be gone."""
        return self._json("ResumeSession", request)

    def terminate_session(self, **request: Any) -> dict[str, Any]:
        """TerminateSession."""
        return self._read(
            lambda: self._json("TerminateSession", request), lambda: self._stock().terminate_session(**request)
        )

    def describe_regions(self) -> dict[str, Any]:
        """DescribeRegions."""
        return self._read(
            lambda: answers.regions(self._query("DescribeRegions", {})), lambda: self._stock().describe_regions()
        )

    def get_paginator(self, name: str) -> Any:
        """What turns the pages of a listing."""
        page, plain = {
            "ec2 describe_instances": (self._instances, {"Filters", "PaginationConfig"}),
            "ssm describe_instance_information": (self._information, {"Filters", "PaginationConfig"}),
            "ssm describe_instance_properties": (self._properties, {"PaginationConfig"}),
        }.get(f"{self._service} {name}", (None, set()))
        if page is None:
            return self._stock().get_paginator(name)

        def paginate(**request: Any) -> Any:
            if request.keys() == plain and request["PaginationConfig"].keys() == {"PageSize"}:
                return self._pages(page, name, request)
            return self._stock().get_paginator(name).paginate(**request)

        return SimpleNamespace(paginate=paginate)

    def _instances(self, filters: Sequence[Mapping[str, Any]], more: Mapping[str, Any]) -> dict[str, Any]:
        request: dict[str, str] = {}
        for at, each in enumerate(filters, 1):
            request[f"Filter.{at}.Name"] = each["Name"]
            request |= {f"Filter.{at}.Value.{number}": value for number, value in enumerate(each["Values"], 1)}
        return answers.instances(self._query("DescribeInstances", {**request, **more}))

    def _information(self, filters: Sequence[Mapping[str, Any]], more: Mapping[str, Any]) -> dict[str, Any]:
        said = self._json("DescribeInstanceInformation", {"Filters": filters, **more})
        return answers.nodes(said, "InstanceInformationList")

    def _properties(self, _filters: object, more: Mapping[str, Any]) -> dict[str, Any]:
        return answers.nodes(self._json("DescribeInstanceProperties", more), "InstanceProperties")

    def _pages(self, page: _Page, name: str, request: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """The pages; one that fails is asked for again by botocore."""
        filters = {"Filters": request["Filters"]} if "Filters" in request else {}
        more: dict[str, Any] = {"MaxResults": request["PaginationConfig"]["PageSize"]}
        token = ""
        while True:
            try:
                found = self._through(lambda: page(filters.get("Filters", ()), more))
            except _FAILED as error:
                if not self._is_for_botocore(error):
                    raise
                found = getattr(self._stock(), name)(**filters, **more)
            before, token = token, found.get("NextToken") or ""
            if token and token == before:
                raise UnreadableError("the same page for ever")
            yield found
            if not token:
                return
            more["NextToken"] = token

    def _read(self, ask: Callable[[], dict[str, Any]], by_botocore: Callable[[], Any]) -> dict[str, Any]:
        """A call that may be made again: where it fails, by botocore."""
        try:
            return self._through(ask)
        except _FAILED as error:
            if not self._is_for_botocore(error):
                raise
        return dict(by_botocore())

    def _through(self, ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        return ask() if self._around is None else self._around(ask)

    def _is_for_botocore(self, error: Exception) -> bool:
        """Whether a call that may be made again should be."""
        if self._around is not None:
            return False
        if isinstance(error, NotSentError):
            return not error.late  # it says in its words why not
        if isinstance(error, RefusedError) and error.status < 500:
            return self._again and (error.throttled or error.code in _AGAIN)
        return self._again

    def _json(
        self, operation: str, request: Mapping[str, Any], *, sent: Callable[[], None] = lambda: None
    ) -> dict[str, Any]:
        headers = {"X-Amz-Target": f"AmazonSSM.{operation}", "Content-Type": "application/x-amz-json-1.1"}
        return answers.of_json(self._ask(operation, headers, json.dumps(request).encode(), sent=sent))

    def _query(self, operation: str, request: Mapping[str, Any]) -> Answer:
        content = "application/x-www-form-urlencoded; charset=utf-8"
        body = _form({"Action": operation, "Version": _EC2_VERSION, **request})
        return self._ask(operation, {"Content-Type": content}, body)

    def _ask(
        self, operation: str, headers: dict[str, str], body: bytes, *, sent: Callable[[], None] = lambda: None
    ) -> Answer:
        """Send a call and hear its answer."""
        where = self._connections
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        headers = {"Host": signer.host_of(where.scheme, where.host, where.port), **headers, "X-Amz-Date": stamp}
        if self._keys.token:
            headers["X-Amz-Security-Token"] = self._keys.token
        signed = signer.authorization(
            "POST",
            "/",
            headers,
            access_key=self._keys.access_key,
            secret_key=self._keys.secret_key,
            region=self._region,
            service=self._service,
            body=body,
        )
        headers |= {"Authorization": signed, "User-Agent": f"ssmx/{__version__}"}
        started = time.monotonic()
        answer = where.ask(headers, body, sent=sent)
        taken = (time.monotonic() - started) * 1000
        self._trace(f"{self._service}:{operation} answered {answer.status} in {taken:.0f} ms")
        return answer


class _Meta:
    """What botocore tells of a client; of most, a botocore client does."""

    def __init__(self, endpoint_url: str, stock: Callable[[], Any]) -> None:
        self.endpoint_url = endpoint_url
        self._stock = stock

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stock().meta, name)


def _form(request: Mapping[str, Any]) -> bytes:
    return "&".join(f"{key}={quote_plus(str(value), safe='-_.~')}" for key, value in request.items()).encode()


def _is_plain(part: Any) -> bool:
    """Whether it is made of texts that are not empty: botocore says what is wrong with others."""
    if isinstance(part, dict):
        return all(_is_plain(each) for pair in part.items() for each in pair)
    if isinstance(part, list | tuple):
        return all(map(_is_plain, part))
    return isinstance(part, str) and part != ""
