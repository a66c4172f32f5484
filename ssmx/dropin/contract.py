"""The command line of session-manager-plugin (1.2.677.0, and aws-cli's customizations/sessionmanager.py).

    session-manager-plugin RESPONSE REGION StartSession [PROFILE REQUEST ENDPOINT]

RESPONSE is what StartSession answered, as JSON, or the name of an environment variable that holds it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any

from ssmx.errors import UsageError
from ssmx.light import dataclass
from ssmx.model.plan import Plan, Terminal
from ssmx.model.session import Session
from ssmx.model.target import Target

VARIABLE = "AWS_SSM_START_SESSION_RESPONSE"  # or a name that begins so
_HINT = "this is ssmx in the place of session-manager-plugin: it is called by `aws ssm start-session`"


@dataclass(frozen=True, slots=True)
class Call:
    """What a caller hands over. `plan` says what it asked StartSession for, as far as it tells."""

    session: Session
    plan: Plan
    region: str
    profile: str
    endpoint: str


def read(words: Sequence[str], environ: MutableMapping[str, str]) -> Call:
    """The call in these words; the variable that holds the token is removed. Raises UsageError."""
    if len(words) not in (3, 6):
        raise UsageError(f"{len(words)} words on the command line, not 3 or 6", hint=_HINT)
    response, region, operation, profile, asked, endpoint = (*words, *("", "{}", "")[: 6 - len(words)])
    if operation != "StartSession":
        raise UsageError(f"operation {operation!r}: there is only StartSession", hint=_HINT)
    if response.startswith(VARIABLE):
        name, response = response, environ.pop(response, "")
        if not response:
            raise UsageError(f"the variable {name} holds no session", hint=_HINT)
    answer, request = _mapping(response, "RESPONSE"), _mapping(asked, "REQUEST")
    # `aws ecs execute-command` begins its keys with a small letter, which is all the same to the plugin.
    answer = {key.lower(): value for key, value in answer.items()}
    fields = [str(answer.get(key) or "") for key in ("sessionid", "streamurl", "tokenvalue")]
    if not all(fields):
        raise UsageError("the session has no SessionId, StreamUrl or TokenValue", hint=_HINT)
    target = request.get("Target", "")
    if not isinstance(target, str) or (len(words) == 6 and not target):
        raise UsageError("the request has no Target", hint=_HINT)
    plan = Plan(
        Target(target, region),
        Terminal(),  # the node tells, once the session stands
        str(request.get("DocumentName") or ""),
        _parameters(request.get("Parameters") or {}),
    )
    return Call(Session(*fields), plan, region, profile, endpoint)


def _mapping(text: str, what: str) -> Mapping[str, Any]:
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):  # what it says instead is not shown: there may be a token in it
        raise UsageError(f"{what} is no JSON object", hint=_HINT)
    return body


def _parameters(given: object) -> dict[str, tuple[str, ...]]:
    if not isinstance(given, dict):
        raise UsageError("the request's Parameters are no JSON object", hint=_HINT)
    return {
        str(key): tuple(map(str, value)) if isinstance(value, list) else (str(value),)
        for key, value in given.items()
    }
