"""Whose keys they are, and what else the environment and the AWS files say: the plain cases, and no others.

Wherever these rules leave a doubt they give None, and botocore decides: a name that they do not know, in a file or
in the environment, may mean another account.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from importlib import import_module
from typing import NamedTuple

from ssmx.aws.lean import files
from ssmx.light import dataclass

_KNOWN = {  # variables whose meaning is known here, or which mean nothing to botocore
    "AWS_ACCESS_KEY_ID",
    "AWS_CA_BUNDLE",
    "AWS_CONFIG_FILE",
    "AWS_DEFAULT_OUTPUT",
    "AWS_DEFAULT_PROFILE",
    "AWS_DEFAULT_REGION",
    "AWS_DISABLE_HOST_PREFIX_INJECTION",  # no host of these calls has a prefix
    "AWS_EC2_METADATA_DISABLED",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_EC2",
    "AWS_ENDPOINT_URL_SSM",
    "AWS_MAX_ATTEMPTS",
    "AWS_PAGER",
    "AWS_PROFILE",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SHARED_CREDENTIALS_FILE",
}
_IN_A_PROFILE = {  # keys of which the same is true
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_session_token",
    "cli_auto_prompt",
    "cli_history",
    "cli_pager",
    "endpoint_url",
    "max_attempts",
    "output",
    "region",
    "s3",
}
_NEVER_EMPTY = ("AWS_CA_BUNDLE", "AWS_CONFIG_FILE", "AWS_DEFAULT_REGION", "AWS_SHARED_CREDENTIALS_FILE")
_PROXIES = ("http_proxy", "https_proxy", "all_proxy")
_KEY = re.compile(r"[A-Za-z0-9/+=_.-]+")
_NUMBER = re.compile(r"[1-9][0-9]{0,2}")
_TRIES = 5


class Keys(NamedTuple):
    """Credentials that stay; never show or store them."""

    access_key: str
    secret_key: str
    token: str | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """What is known without a doubt. `region` is that of the profile, empty where it has none.

    `urls` are endpoints by service, `*` that of all others; `ca_bundle` is empty for botocore's own. `names` are
    the profiles there are.
    """

    keys: Keys
    region: str
    attempts: int
    urls: Mapping[str, str]
    ca_bundle: str
    names: frozenset[str]


def settled(environ: Mapping[str, str], *, profile: str) -> Settled | None:
    """What is known; None where botocore has to decide. `profile` is one that goes before all variables."""
    if not _is_plain(environ) or files.has_models():
        return None
    config = files.read(environ.get("AWS_CONFIG_FILE", "~/.aws/config"))
    credentials = files.read(environ.get("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"))
    if config is None or credentials is None or (every := files.profiles(config, credentials)) is None:
        return None
    named = {each for each in (environ.get("AWS_DEFAULT_PROFILE"), environ.get("AWS_PROFILE")) if each}
    if not profile and len(named) > 1:
        return None
    name = profile or next(iter(named), "")
    if name and name not in every:
        return None
    scoped = every.get(name or "default", {})
    if not scoped.keys() <= _IN_A_PROFILE or not all(value for key, value in scoped.items() if key != "s3"):
        return None
    keys = None if profile else _of(environ, "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    if keys is None and (profile or not environ.get("AWS_ACCESS_KEY_ID")):
        keys = _of_files(config, credentials, name or "default")
    attempts = environ.get("AWS_MAX_ATTEMPTS", scoped.get("max_attempts", str(_TRIES)))
    if keys is None or not _NUMBER.fullmatch(attempts):
        return None
    urls = {"*": scoped["endpoint_url"]} if "endpoint_url" in scoped else {}
    for service, variable in (
        ("*", "AWS_ENDPOINT_URL"),
        ("ec2", "AWS_ENDPOINT_URL_EC2"),
        ("ssm", "AWS_ENDPOINT_URL_SSM"),
    ):
        if variable in environ:
            urls[service] = environ[variable]
    return Settled(
        keys=keys,
        region=scoped.get("region", ""),
        attempts=int(attempts),
        urls=urls,
        ca_bundle=environ.get("AWS_CA_BUNDLE", ""),
        names=frozenset(every),
    )


def _is_plain(environ: Mapping[str, str]) -> bool:
    """Whether no variable means something that is not known here, and no proxy is to be asked."""
    for name, value in environ.items():
        if name.startswith("AWS_") and name not in _KNOWN and not name.startswith("AWS_ENDPOINT_URL_"):
            return False
        if name.startswith("BOTOCORE_"):  # plugins, which may change every call
            return False
        if value and name.lower() in _PROXIES:
            return False
        if name in _NEVER_EMPTY and not value:
            return False
    # The proxies of macOS's own settings, which botocore takes too.
    return sys.platform != "darwin" or not import_module("_scproxy")._get_proxies()


def _of_files(config: files.Sections, credentials: files.Sections, name: str) -> Keys | None:
    """Those of a profile: the credentials file goes first, and half of a pair is none."""
    theirs = credentials.get(name, {})
    # A default that is written `profile default` is one that botocore's parts do not agree on.
    ours = config.get(f"profile {name}", {}) if name != "default" else config.get("default", {})
    for section, other in ((theirs, ours), (ours, theirs)):
        if "aws_access_key_id" in section:
            halves = {"aws_secret_access_key", "aws_session_token"} & (other.keys() - section.keys())
            return (
                None if halves else _of(section, "aws_access_key_id", "aws_secret_access_key", "aws_session_token")
            )
    return None


def _of(values: Mapping[str, str], access: str, secret: str, token: str) -> Keys | None:
    found = values.get(access), values.get(secret), values.get(token)
    access_key, secret_key, session_token = found
    if not access_key or not secret_key or not all(_KEY.fullmatch(each) for each in found if each):
        return None
    return Keys(access_key, secret_key, session_token or None)
