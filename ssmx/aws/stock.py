"""botocore's session and clients, set up as ssmx needs them; imported where these are in use."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any

import botocore.config
import botocore.httpsession
import botocore.session
from botocore.credentials import ProcessProvider, ReadOnlyCredentials, RefreshableCredentials
from botocore.exceptions import BotoCoreError, ProfileNotFound, RefreshWithMFAUnsupportedError
from botocore.utils import parse_timestamp

from ssmx import __version__
from ssmx.aws.errors import translated
from ssmx.aws.lean.http import CONNECT_SECONDS, READ_SECONDS
from ssmx.errors import ConfigError
from ssmx.model.settings import Value

if TYPE_CHECKING:
    from ssmx.aws.calls import Calls


def new_session(
    profile: Value[str], *, explicit: bool, credential_process: str, ask_secret: Callable[[str], str]
) -> botocore.session.Session:
    """A session. `explicit`: the profile goes before keys of the environment. Raises ConfigError."""
    for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE"):
        if not os.environ.get(name, "unset"):
            del os.environ[name]  # set to nothing is not set: botocore would look for a profile called ""
    session = botocore.session.Session(profile=profile.value if explicit else None)
    try:
        session.get_scoped_config()
    except ProfileNotFound as error:
        raise ConfigError(
            f"profile {profile.value!r} (from {profile.origin}) does not exist",
            hint=profiles_hint(session),
            details={"profiles": session.available_profiles},
        ) from error
    except BotoCoreError as error:
        raise ConfigError(str(error), hint="check the AWS config files") from error
    session.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=_time)
    providers = session.get_component("credential_provider")
    if credential_process:
        said = {"profiles": {"team": {"credential_process": credential_process}}}
        providers.providers.insert(0, ProcessProvider("team", lambda: said))
    assume_role = providers.get_provider("assume-role")
    assume_role._prompter = ask_secret  # getpass otherwise, which asks in CI and under --no-input too
    return session


def frozen(session: botocore.session.Session, profile: Callable[[], Value[str]]) -> ReadOnlyCredentials:
    """The credentials as they are now. Raises ConfigError, SignInExpired."""
    with translated("the sign-in"):
        try:
            found = session.get_credentials()
            if found is None:
                raise ConfigError("no AWS credentials found", hint=profiles_hint(session))
            return found.get_frozen_credentials()
        except (ValueError, OSError, AttributeError) as error:  # what a credential_process prints, or none
            raise ConfigError(
                f"profile {profile().value or 'default'} gives no credentials: {error}",
                hint="run its credential_process by hand",
            ) from error


def is_renewable(session: botocore.session.Session) -> bool:
    """Whether a provider renews the credentials."""
    with translated("the sign-in"):
        return isinstance(session.get_credentials(), RefreshableCredentials)


def wants_a_new_code(error: BaseException | None) -> bool:
    """Whether they were not renewed because that needs an MFA code, for which botocore does not ask again."""
    return isinstance(error, RefreshWithMFAUnsupportedError)


def wants_mfa(session: botocore.session.Session) -> bool:
    """Whether the sign-in of the profile, or of one it is made of, asks its user for a code."""
    profiles, seen = session.full_config.get("profiles", {}), set()
    scoped = session.get_scoped_config()
    while not scoped.get("mfa_serial") and (source := scoped.get("source_profile")) and source not in seen:
        seen.add(source)
        scoped = profiles.get(source, {})
    return bool(scoped.get("mfa_serial"))


def config(attempts: int, calls: Calls | None = None) -> botocore.config.Config:
    """Timeouts and repetitions of a client."""
    return botocore.config.Config(
        connect_timeout=calls.limit if calls else CONNECT_SECONDS,
        read_timeout=calls.limit if calls else READ_SECONDS,
        # `standard` repeats what was throttled or lost, with growing random pauses; `calls` does that by itself.
        retries={"mode": "standard", "total_max_attempts": 1 if calls else attempts},
        user_agent_extra=f"ssmx/{__version__}",
    )


def ca_bundle(session: botocore.session.Session) -> str:
    """The file of certificate authorities: AWS_CA_BUNDLE, the profile's `ca_bundle`, or botocore's own."""
    return str(session.get_config_variable("ca_bundle") or botocore.httpsession.where())


def trust(client: Any, bundle: str, authorities: Callable[[], str]) -> None:
    """Let a client's TLS look names up in the folder of `authorities` instead of parsing `bundle`, its own."""
    session = client._endpoint.http_session
    set_up = getattr(session, "_setup_ssl_cert", None)
    if set_up is None:  # another botocore
        return

    def with_folder(pool: Any, url: str, verify: Any) -> None:
        set_up(pool, url, verify)
        if getattr(pool, "ca_certs", None) == bundle and hasattr(pool, "ca_cert_dir"):
            folder = authorities()
            if folder != bundle:
                pool.ca_certs, pool.ca_cert_dir = None, folder

    session._setup_ssl_cert = with_folder


def _time(value: Any) -> datetime:
    """A time in an answer, as botocore reads it; those of EC2 in a thirtieth of the time that dateutil takes."""
    if isinstance(value, str):
        with suppress(ValueError):
            found = datetime.fromisoformat(value)
            if found.tzinfo is not None:
                return found
    return parse_timestamp(value)


def profiles_hint(session: botocore.session.Session) -> str:
    """Which profiles there are."""
    names = session.available_profiles
    if not names:
        return "there is no AWS profile yet: run `aws configure sso`, or try `ssmx --sandbox`"
    shown = ", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")
    return f"choose a profile with -p: {shown}"
