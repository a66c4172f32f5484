"""The door in front of moto: only a signed request gets in, and every refusal is in the caller's protocol."""

from __future__ import annotations

import hmac
import io
import sys
import time
import traceback
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from ssmx.sandbox import calls
from ssmx.sandbox.calls import Call, Faults, Log
from ssmx.sandbox.levers import PREFIX, Levers
from ssmx.sandbox.refusal import Answer, Protocol, Refusal, Refused, render, unsigned
from ssmx.sandbox.signature import BadSignature, Credential, Request, verify

_MAX_BODY = 64 * 1024 * 1024

Environ = dict[str, Any]
StartResponse = Callable[..., Any]


class Gate:
    """A WSGI application. `secret_key` opens the control routes, `find` knows who may call the API."""

    def __init__(
        self,
        inside: Callable[[Environ, StartResponse], Iterable[bytes]],
        *,
        find: Callable[[str], Credential | None],
        levers: Levers,
        log: Log,
        faults: Faults,
        secret_key: str,
    ) -> None:
        self._inside = inside
        self._find = find
        self._levers = levers
        self._log = log
        self._faults = faults
        self._secret_key = secret_key
        self.used = time.monotonic()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """WSGI."""
        answer = self._answer(environ, start_response)
        if not isinstance(answer, Answer):
            return answer
        status = f"{answer.status} {HTTPStatus(answer.status).phrase}"
        start_response(status, [*answer.headers, ("Content-Length", str(len(answer.body)))])
        return [answer.body]

    def _answer(self, environ: Environ, start_response: StartResponse) -> Answer | Iterable[bytes]:
        headers = _headers(environ)
        length = int(environ.get("CONTENT_LENGTH") or 0)
        if length > _MAX_BODY:
            return render(Refusal("RequestEntityTooLarge", "the sandbox takes 64 MiB", 413), Protocol.REST_XML)
        body = environ["wsgi.input"].read(length) if length else b""
        # as it was sent, which is what is signed; PATH_INFO is decoded
        path, _, query = str(environ.get("REQUEST_URI", environ["PATH_INFO"])).partition("?")
        if path.startswith(PREFIX):
            return self._pull(environ["REQUEST_METHOD"], path, query, body, headers.get("authorization", ""))
        call = calls.read(headers, body, method=environ["REQUEST_METHOD"], path=path)
        try:
            request = Request(environ["REQUEST_METHOD"], path, query, headers, body)
            verify(request, find=self._find, now=time.time())
        except BadSignature as error:
            return render(unsigned(error.fault, call.protocol), call.protocol)
        self.used = time.monotonic()
        self._log.add(call)
        fault = self._faults.next(call.operation)
        if fault is not None:
            time.sleep(fault.delay)
            if fault.refusal is not None:
                return render(fault.refusal, call.protocol)
        environ["wsgi.input"] = io.BytesIO(body)
        environ.pop("HTTP_X_MOTO_ACCOUNT_ID", None)  # the key says which account, nothing else
        return self._enter(call, environ, start_response)

    def _enter(self, call: Call, environ: Environ, start_response: StartResponse) -> Answer | Iterable[bytes]:
        try:
            return self._inside(environ, start_response)
        except Refused as error:
            return render(error.refusal, call.protocol)
        except NotImplementedError as error:
            # moto's own answer is a page of HTML with status 500, which clients retry and cannot read
            text = f"the sandbox does not play {call.service}:{call.operation} ({error})"
            return render(Refusal("UnknownOperationException", text), call.protocol)
        except Exception:  # a fault of moto must reach the client as an AWS error
            traceback.print_exc(file=sys.stderr)
            text = f"the sandbox failed at {call.service}:{call.operation}; its log says more"
            return render(Refusal("InternalFailure", text, 500), call.protocol)

    def _pull(self, method: str, path: str, query: str, body: bytes, authorization: str) -> Answer:
        given = authorization.removeprefix("Bearer ").encode("utf-8", "surrogateescape")
        if not authorization.startswith("Bearer ") or not hmac.compare_digest(given, self._secret_key.encode()):
            return render(Refusal("AccessDenied", "the control routes want the secret key", 403), Protocol.JSON)
        self.used = time.monotonic()
        return self._levers.pull(method, path, query, body)


def _headers(environ: Environ) -> dict[str, str]:
    found = {
        name.removeprefix("HTTP_").replace("_", "-").lower(): str(value)
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            found[name.replace("_", "-").lower()] = str(environ[name])
    return found
