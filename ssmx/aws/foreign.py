"""botocore's errors in our words; imported where botocore is in use."""

from __future__ import annotations

from botocore import exceptions as boto
from botocore.parsers import ResponseParserError

from ssmx.aws.errors import late, unreachable, unreadable
from ssmx.errors import BadParameter, ConfigError, SignInExpired, SsmxError


def ours(error: Exception, action: str) -> SsmxError | None:
    """What an error of botocore's is, but for an answer's; None of one that is not botocore's."""
    if isinstance(error, boto.ConnectTimeoutError | boto.ReadTimeoutError):
        return late(action, error)
    if isinstance(error, boto.ConnectionError | boto.HTTPClientError):
        return unreachable(action, error)
    if isinstance(error, ResponseParserError):
        return unreadable(action, error)
    return _of_sign_in(error) or _of_words(error, action)


def _of_sign_in(error: Exception) -> SsmxError | None:
    match error:
        case boto.ProfileNotFound():
            return ConfigError(str(error), hint="`aws configure list-profiles` lists those there are")
        case (
            boto.UnauthorizedSSOTokenError()
            | boto.TokenRetrievalError()
            | boto.SSOTokenLoadError()
            | boto.RefreshWithMFAUnsupportedError()
        ):
            return SignInExpired(f"the sign-in has expired: {error}")
        case boto.NoCredentialsError() | boto.PartialCredentialsError() | boto.CredentialRetrievalError():
            hint = "choose a profile with -p, or sign in with `aws sso login`"
            return ConfigError(f"no usable AWS credentials: {error}", hint=hint)
        case boto.NoRegionError():
            return ConfigError("no AWS region is set", hint="give one with -r, or set AWS_REGION")
        case _:
            return None


def _of_words(error: Exception, action: str) -> SsmxError | None:
    match error:
        case boto.ParamValidationError():
            said = " ".join(str(error).split())
            return BadParameter(f"{action}: {said}", hint="check what was given to the command")
        case boto.BotoCoreError() | ValueError():  # the latter of an endpoint that is no URL
            return ConfigError(f"{action}: {error}", hint="check the AWS config files and variables")
        case _:
            return None
