"""Turn botocore's errors into ours: once, where the foreign call is made, keeping the cause."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from botocore import exceptions as boto
from botocore.parsers import ResponseParserError

from ssmx.errors import (
    AccessDenied,
    BadParameter,
    ConfigError,
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
_THROTTLED = {
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestLimitExceeded",
    "TooManyRequestsException",
    "RequestThrottled",
    "SlowDown",
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
_REFUSAL = re.compile(
    r"User: (?P<who>\S+) is not authorized to perform: (?P<action>\S+)"
    r"(?: on resource: (?P<resource>\S+))?(?: (?P<why>because .+|with an explicit deny .+))?"
)


@contextmanager
def translated(action: str, on: str = "") -> Iterator[None]:
    """Within it, botocore's errors become ours. `action` is IAM's word (ssm:StartSession), `on` the resource."""
    try:
        yield
    except boto.ClientError as error:
        raise from_client_error(error, action, on) from error
    except boto.ProfileNotFound as error:
        raise ConfigError(str(error), hint="`aws configure list-profiles` lists those there are") from error
    except (
        boto.UnauthorizedSSOTokenError,
        boto.TokenRetrievalError,
        boto.SSOTokenLoadError,
        boto.RefreshWithMFAUnsupportedError,
    ) as error:
        raise SignInExpired(f"the sign-in has expired: {error}") from error
    except (boto.NoCredentialsError, boto.PartialCredentialsError, boto.CredentialRetrievalError) as error:
        raise ConfigError(
            f"no usable AWS credentials: {error}", hint="choose a profile with -p, or sign in with `aws sso login`"
        ) from error
    except boto.NoRegionError as error:
        raise ConfigError("no AWS region is set", hint="give one with -r, or set AWS_REGION") from error
    except (boto.ConnectTimeoutError, boto.ReadTimeoutError) as error:
        raise TryLater(f"AWS did not answer {action} in time: {error}", hint="check the network") from error
    except (boto.ConnectionError, boto.HTTPClientError) as error:  # no route, no DNS, TLS, proxy
        raise TryLater(
            f"cannot reach AWS for {action}: {error}", hint="check the network, HTTPS_PROXY and AWS_CA_BUNDLE"
        ) from error
    except (ResponseParserError, KeyError, TypeError) as error:  # a page of HTML, or an answer without its parts
        raise TryLater(
            f"what answered {action} is not AWS ({type(error).__name__})",
            hint="look for a proxy or a network that wants you to log in, and at the endpoint settings",
        ) from error
    except boto.ParamValidationError as error:
        said = " ".join(str(error).split())
        raise BadParameter(f"{action}: {said}", hint="check what was given to the command") from error
    except (boto.BotoCoreError, ValueError) as error:  # the latter of an endpoint that is no URL
        raise ConfigError(f"{action}: {error}", hint="check the AWS config files and variables") from error


def code_of(error: boto.ClientError) -> str:
    """AWS's code of the error, such as `ThrottlingException`."""
    return str(error.response.get("Error", {}).get("Code", ""))


def from_client_error(error: boto.ClientError, action: str, on: str) -> SsmxError:
    """What AWS answered, as an error of ours."""
    code, said = code_of(error), str(error.response.get("Error", {}).get("Message", ""))
    if code in _DENIED or _REFUSAL.search(said):
        return _denied(action, on, said)
    if code in _EXPIRED:
        return SignInExpired(f"AWS does not accept these credentials any more ({code}): {said}")
    if code in _CREDENTIALS:
        return Refused(
            f"AWS refused {action} ({code}): {said}",
            hint="check the secret key, this machine's clock, and that the region is enabled for the account",
        )
    if code in _THROTTLED:
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
    found = _REFUSAL.search(said)
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
