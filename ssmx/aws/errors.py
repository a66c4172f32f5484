"""Turn botocore's errors, and those of lean, into ours: once, where the foreign call is made, keeping the cause."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from ssmx.aws.lean.answers import THROTTLED, RefusedError, UnreadableError
from ssmx.aws.lean.http import LostError, NotSentError
from ssmx.errors import (
    AccessDenied,
    BadParameter,
    DocumentMissing,
    Refused,
    SignInExpired,
    SsmxError,
    TargetOffline,
    Throttled,
    TryLater,
)

_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "Client.UnauthorizedOperation", "403"}
_EXPIRED = {
    "ExpiredToken",
    "ExpiredTokenException",
    "RequestExpired",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "AuthFailure",
    "InvalidGrantException",
    "UnauthorizedException",
}
_CREDENTIALS = {
    "SignatureDoesNotMatch",
    "InvalidSignatureException",
    "IncompleteSignature",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "RequestTimeTooSkewed",
    "OptInRequired",
    "SubscriptionRequiredException",
}
_SERVER = {"InternalServerError", "InternalFailure", "InternalError", "ServiceUnavailable", "Unavailable"}
_PARAMETER = {"InvalidParameters", "ValidationException", "ValidationError", "InvalidParameterValue"}

# "User: ARN is not authorized to perform: ACTION on resource: ARN because … | with an explicit deny in a …"
# (AWS's wording in every service; EC2 hides the resource in an encoded message.)
_REFUSAL = (
    r"User: (?P<who>\S+) is not authorized to perform: (?P<action>\S+)"
    r"(?: on resource: (?P<resource>\S+))?(?: (?P<why>because .+|with an explicit deny .+))?"
)


@contextmanager
def translated(action: str, on: str = "") -> Iterator[None]:
    """Within it, foreign errors become ours. `action` is IAM's word (ssm:StartSession), `on` the resource."""
    try:
        yield
    except SsmxError:
        raise
    except Exception as error:
        found = _ours(error, action, on)
        if found is None:
            raise
        raise found from error


def _ours(error: Exception, action: str, on: str) -> SsmxError | None:
    """What a foreign error is to us; None where it is a bug."""
    if isinstance(error, refusals()):
        return from_client_error(error, action, on)
    if isinstance(error, LostError | NotSentError):
        return late(action, error) if error.late else unreachable(action, error)
    if isinstance(error, UnreadableError | KeyError | TypeError):  # a page of HTML, or an answer without its parts
        return unreadable(action, error)
    if "botocore.exceptions" in sys.modules:
        found: SsmxError | None = import_module("ssmx.aws.foreign").ours(error, action)
        return found
    return None


def refusals() -> tuple[type[Exception], ...]:
    """The errors that an AWS answered with, of which `response` tells; asked for when one is caught.

    botocore's is among them where botocore is in use at all.
    """
    botocore = sys.modules.get("botocore.exceptions")
    return (RefusedError, botocore.ClientError) if botocore is not None else (RefusedError,)


def late(action: str, error: Exception) -> SsmxError:
    """No answer in time."""
    return TryLater(f"AWS did not answer {action} in time: {error}", hint="check the network")


def unreachable(action: str, error: Exception) -> SsmxError:
    """No route, no DNS, TLS, proxy."""
    hint = "check the network, HTTPS_PROXY and AWS_CA_BUNDLE"
    return TryLater(f"cannot reach AWS for {action}: {error}", hint=hint)


def unreadable(action: str, error: Exception) -> SsmxError:
    """An answer that is not AWS's."""
    return TryLater(
        f"what answered {action} is not AWS ({type(error).__name__})",
        hint="look for a proxy or a network that wants you to log in, and at the endpoint settings",
    )


def code_of(error: Any) -> str:
    """AWS's code of the error, such as `ThrottlingException`."""
    return str(error.response.get("Error", {}).get("Code", ""))


def from_client_error(error: Any, action: str, on: str) -> SsmxError:
    """What AWS answered, as an error of ours."""
    code, said = code_of(error), str(error.response.get("Error", {}).get("Message", ""))
    if code in _DENIED or re.search(_REFUSAL, said):
        return _denied(action, on, said)
    if code in _EXPIRED:
        return SignInExpired(f"AWS does not accept these credentials any more ({code}): {said}")
    if code in _CREDENTIALS:
        return Refused(
            f"AWS refused {action} ({code}): {said}",
            hint="check the secret key, this machine's clock, and that the region is enabled for the account",
        )
    if code in THROTTLED:
        return Throttled(f"AWS throttles {action}: {said}")
    if code in ("TargetNotConnected", "InvalidInstanceId"):
        return TargetOffline(
            f"{on or 'the node'} is not connected to Systems Manager in this region",
            hint="`ssmx ls` shows its state; --wait waits for it",
        )
    if code == "InvalidDocument":
        return DocumentMissing(f"StartSession refused the document: {said}", hint="check --document and the region")
    if code in _PARAMETER:
        return BadParameter(f"AWS refused {action}: {said}", hint="check --document and --parameter")
    if code in _SERVER:
        return TryLater(f"{action} failed at AWS ({code}): {said}")
    if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500) < 500:
        return Refused(f"AWS refused {action} ({code}): {said}", hint="-v shows what was asked")
    return TryLater(f"{action} failed with {code}: {said}")


def _denied(action: str, on: str, said: str) -> AccessDenied:
    found = re.search(_REFUSAL, said)
    if found is None:
        where = f" on {on}" if on else ""
        return AccessDenied(
            f"AWS refused {action}{where}: {said}", hint=f"ask for {action}{where} in your IAM policy"
        )
    who, why = found["who"], (found["why"] or "").rstrip(".")
    action = found["action"].rstrip(".,")
    resource = (found["resource"] or on).rstrip(".,")
    where = f" on {resource}" if resource else ""
    hint = f"ask for {action}{where} in your IAM policy"
    if "service control policy" in why:
        hint = "an organization's service control policy forbids it: no policy of yours can allow it"
    return AccessDenied(
        f"AWS refused {action}{where}: {who} is not allowed" + (f" ({why})" if why else ""),
        hint=hint,
        details={"action": action, "resource": resource, "principal": who},
    )
