"""botocore's clients among the calls of many accounts and regions; imported where botocore is in use."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ConnectionClosedError, ConnectTimeoutError, ReadTimeoutError

from ssmx.aws.calls import Calls
from ssmx.aws.lean.answers import THROTTLED

_ENTERED = "ssmx_entered"


def attach(client: Any, calls: Calls) -> None:
    """Let the calls of this client be among these."""
    hooks = _Hooks(calls)
    events, service = client.meta.events, client.meta.service_model.service_id.hyphenize()
    events.register(f"before-call.{service}", hooks.before)
    events.register(f"after-call.{service}", hooks.after)
    events.register(f"after-call-error.{service}", hooks.failed)
    events.register(f"needs-retry.{service}", hooks.again)


class _Hooks:
    """What botocore tells of a call, and asks."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def before(self, *, context: dict[str, Any], **_: object) -> None:
        self._calls.enter()
        context[_ENTERED] = True

    def after(self, *, parsed: Any, context: dict[str, Any], **_: object) -> None:
        self._ended(context, throttled=_is_throttled(parsed))

    def failed(self, *, context: dict[str, Any], **_: object) -> None:
        self._ended(context, throttled=False)

    def _ended(self, context: dict[str, Any], *, throttled: bool) -> None:
        if context.pop(_ENTERED, False):
            self._calls.leave(throttled=throttled)
        else:
            self._calls.end()

    def again(self, *, response: Any, caught_exception: Any, attempts: int, **_: object) -> float | None:
        """The seconds until the call is tried again; None where it is not."""
        if isinstance(caught_exception, ConnectTimeoutError | ReadTimeoutError):
            raise self._calls.late() from caught_exception
        if caught_exception is not None:
            return self._calls.pause(attempts, failed=isinstance(caught_exception, ConnectionClosedError))
        answer, parsed = response
        failed = answer.status_code >= 500
        pause = self._calls.pause(attempts, throttled=_is_throttled(parsed), failed=failed)
        if pause is not None:
            self._calls.begin(after=pause)  # AWS has answered, and this pause is ours
        return pause


def _is_throttled(parsed: Any) -> bool:
    return isinstance(parsed, dict) and parsed.get("Error", {}).get("Code") in THROTTLED
