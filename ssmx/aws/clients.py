"""One botocore session: the profile, the region and where it came from, and a client for each service."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

import botocore.config
import botocore.httpsession
import botocore.session
from botocore.credentials import ProcessProvider, ReadOnlyCredentials, RefreshableCredentials
from botocore.exceptions import BotoCoreError, ProfileNotFound, RefreshWithMFAUnsupportedError

from ssmx import __version__
from ssmx.aws.errors import translated
from ssmx.aws.models import Models
from ssmx.aws.signing import upgrade_headers
from ssmx.errors import ConfigError, SignInExpired
from ssmx.model.session import is_aws_endpoint
from ssmx.model.settings import Value

_LENT_SECONDS = 5.0  # whoever needs credentials after that asks again: we know when they are to be renewed
_LENT_SETTINGS = ("ca_bundle", "endpoint_url", "use_fips_endpoint", "use_dualstack_endpoint")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who AWS says we are."""

    account: str
    arn: str


class Clients:
    """The AWS clients of this run. `profile` and `region` are the settings; `trace` hears of every call.

    `endpoints` are URLs by service that go before all settings, and so does `credential_process`, a command.
    `ask_secret` asks the user for an MFA code, or raises where there is nobody to ask. `models` are smaller ones
    than botocore's own.
    """

    def __init__(
        self,
        profile: Value[str],
        region: Value[str],
        *,
        endpoints: Mapping[str, str],
        trace: Callable[[str], None],
        ask_secret: Callable[[str], str],
        models: Models | None = None,
        credential_process: str = "",
    ) -> None:
        self._models = models
        self._credential_process = credential_process
        self._profile = profile
        self._region = region
        self._endpoints = endpoints
        self._trace = trace
        self._ask_secret = ask_secret
        self._lock = threading.Lock()
        self._renewing = threading.Lock()
        self._last: ReadOnlyCredentials | None = None
        self._made: dict[str, Any] = {}

    @cached_property
    def session(self) -> botocore.session.Session:
        """The botocore session. Raises ConfigError where the profile does not exist."""
        return self._new_session()

    def _new_session(self) -> botocore.session.Session:
        for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE"):
            if not os.environ.get(name, "unset"):
                del os.environ[name]  # set to nothing is not set: botocore would look for a profile called ""
        # A profile that was asked for beats keys in the environment; AWS_PROFILE, as in the aws command, does not.
        explicit = self._profile.value and not self._profile.is_from_aws
        session = botocore.session.Session(profile=self._profile.value if explicit else None)
        try:
            session.get_scoped_config()
        except ProfileNotFound as error:
            raise ConfigError(
                f"profile {self._profile.value!r} (from {self._profile.origin}) does not exist",
                hint=_profiles_hint(session),
                details={"profiles": session.available_profiles},
            ) from error
        except BotoCoreError as error:
            raise ConfigError(str(error), hint="check the AWS config files") from error
        providers = session.get_component("credential_provider")
        if self._credential_process:
            said = {"profiles": {"team": {"credential_process": self._credential_process}}}
            providers.providers.insert(0, ProcessProvider("team", lambda: said))
        assume_role = providers.get_provider("assume-role")
        assume_role._prompter = self._ask_secret  # getpass otherwise, which asks in CI and under --no-input too
        return session

    @property
    def profile(self) -> Value[str]:
        """The profile in use; an empty value is the default one."""
        if self._profile.value and not self._profile.is_from_aws:
            return self._profile
        if os.environ.get("AWS_ACCESS_KEY_ID"):  # which botocore takes before AWS_PROFILE
            return Value("", "AWS_ACCESS_KEY_ID")
        if self._profile.value:
            return self._profile
        return Value("default", "default") if "default" in self.session.available_profiles else self._profile

    @cached_property
    def region(self) -> Value[str]:
        """The region in use. Raises ConfigError where none is set."""
        if self._region.value:
            return self._region
        found = self.session.get_config_variable("region")
        if not found:
            raise ConfigError(
                "no AWS region is set",
                hint="give one with -r, or set AWS_REGION"
                + ("" if self._profile.value else f"; {_profiles_hint(self.session)}"),
            )
        return Value(str(found), f"profile {self.profile.value or 'default'} in {_config_file()}")

    def get(self, service: str, *, attempts: int = 0) -> Any:
        """The client of `service`, which tries a call so often, or as the user has set.

        Raises ConfigError, SignInExpired.
        """
        with self._lock:
            key = f"{service} {attempts}"
            if key not in self._made:
                self.credentials()
                config = _config(attempts or self.attempts)
                try:
                    client = self._client(service, config)
                except Exception:  # whatever a broken model leads to
                    if self._models is None or not self._models.withdraw(self.session):
                        raise
                    client = self._client(service, config)
                client.meta.events.register(f"before-call.{service}", self._before)
                client.meta.events.register(f"after-call.{service}", self._after)
                self._made[key] = client
            return self._made[key]

    def _client(self, service: str, config: botocore.config.Config) -> Any:
        if self._models is not None:
            self._models.lend(self.session, service)
        with translated(service):
            return self.session.create_client(
                service,
                region_name=self.region.value,
                endpoint_url=self._endpoints.get(service) or self._endpoints.get("*"),
                config=config,
            )

    @property
    def attempts(self) -> int:
        """How often a call is tried: AWS_MAX_ATTEMPTS or the profile's `max_attempts`, else 5."""
        try:
            given = int(self.session.get_config_variable("max_attempts") or 5)
        except ValueError:
            given = 0
        if given < 1:
            raise ConfigError(
                "AWS_MAX_ATTEMPTS (or max_attempts) is no number from 1 up", hint="set it to 5, or not"
            )
        return given

    def credentials(self) -> ReadOnlyCredentials:
        """The credentials as they are now, renewed where they can be; never show or store them."""
        self._last = self._frozen(self.session)
        return self._last

    def _frozen(self, session: botocore.session.Session) -> ReadOnlyCredentials:
        with translated("the sign-in"):
            try:
                found = session.get_credentials()
                if found is None:
                    raise ConfigError("no AWS credentials found", hint=_profiles_hint(session))
                return found.get_frozen_credentials()
            except (ValueError, OSError, AttributeError) as error:  # what a credential_process prints, or none
                raise ConfigError(
                    f"profile {self.profile.value or 'default'} gives no credentials: {error}",
                    hint="run its credential_process by hand",
                ) from error

    def sign(self, url: str) -> dict[str, str]:
        """The headers that sign a websocket's upgrade; never log them."""
        return upgrade_headers(url, self.credentials(), self.region.value)

    def renew(self) -> None:
        """Renew the credentials if that is needed, in the middle of a session.

        Renewed where that is possible: by their provider, by asking for an MFA code again, which botocore does
        not, or from the files, which another program may have rewritten. Raises SignInExpired, ConfigError; what
        was there before stays in use then. For any thread.
        """
        with self._renewing:
            with translated("the sign-in"):
                renewable = isinstance(self.session.get_credentials(), RefreshableCredentials)
            if not renewable:
                self._begin_anew()
            else:
                try:
                    self.credentials()
                except SignInExpired as error:
                    if not isinstance(error.__cause__, RefreshWithMFAUnsupportedError):
                        raise
                    self._begin_anew()

    def lent(self) -> dict[str, str | int]:
        """The credentials as they are now, as a credential_process prints them; they are to be asked for again.

        Renewed as by `renew`, which raises.
        """
        self.renew()
        return {**self.last_known(), "Expiration": _soon()}

    def last_known(self) -> dict[str, str | int]:
        """The keys that were good last, as a credential_process prints them."""
        found = self._last
        if found is None:
            return {}
        body: dict[str, str | int] = {
            "Version": 1,
            "AccessKeyId": found.access_key or "",
            "SecretAccessKey": found.secret_key or "",
        }
        return {**body, "SessionToken": found.token} if found.token else body

    @property
    def renewing(self) -> bool:
        """Whether somebody is renewing the sign-in, which may take as long as its user."""
        return self._renewing.locked()

    def with_last_known(self, service: str) -> Any:
        """A client with the keys that were good last: they may live longer than botocore lets them."""
        keys = self._last or ReadOnlyCredentials("", "", None)
        with translated(service):
            return self.session.create_client(
                service,
                region_name=self.region.value,
                config=_config(1),
                aws_access_key_id=keys.access_key,
                aws_secret_access_key=keys.secret_key,
                aws_session_token=keys.token,
            )

    def _begin_anew(self) -> None:
        """Read the configuration and sign in again, beside what there is; replace that once it has worked."""
        session = self._new_session()
        self._last = self._frozen(session)
        with self._lock:
            self.session = session
            self._made.clear()

    def lent_settings(self) -> dict[str, str]:
        """What else a program of AWS's needs from this profile to reach AWS as we do, as lines of its own."""
        found = {name: self.session.get_scoped_config().get(name) for name in _LENT_SETTINGS}
        return {name: str(value) for name, value in found.items() if value}

    @property
    def wants_mfa(self) -> bool:
        """Whether the profile's sign-in asks its user for a code."""
        return bool(self.session.get_scoped_config().get("mfa_serial")) and not self._credential_process

    @property
    def signed_in_until(self) -> datetime | None:
        """When the credentials in use end; None where they do not, or none are in use yet."""
        session = self.__dict__.get("session")  # which may not have been made
        return getattr(getattr(session, "_credentials", None), "_expiry_time", None)

    @cached_property
    def caller(self) -> Caller:
        """Who we are, asked of STS once. Raises SignInExpired and the like."""
        client = self.get("sts")
        with translated("sts:GetCallerIdentity"):
            answer = client.get_caller_identity()
            return Caller(answer["Account"], answer["Arn"])

    @property
    def account(self) -> str:
        """The account we are in, where STS was asked already; else empty."""
        caller = self.__dict__.get("caller")
        return caller.account if isinstance(caller, Caller) else ""

    @property
    def place(self) -> str:
        """The URL that is asked in the place of AWS; empty where AWS itself is."""
        url = str(self.get("ec2").meta.endpoint_url)
        return "" if is_aws_endpoint(url) else url

    def ca_bundle(self) -> str:
        """The file of certificate authorities: AWS_CA_BUNDLE, the profile's `ca_bundle`, or botocore's own."""
        return str(self.session.get_config_variable("ca_bundle") or botocore.httpsession.where())

    def _before(self, *, model: Any, context: dict[str, Any], **_: object) -> None:
        context["ssmx_started"] = time.monotonic()

    def _after(self, *, model: Any, context: dict[str, Any], http_response: Any, **_: object) -> None:
        taken = time.monotonic() - context.get("ssmx_started", time.monotonic())
        service = model.service_model.signing_name
        self._trace(f"{service}:{model.name} answered {http_response.status_code} in {taken * 1000:.0f} ms")


def _soon() -> str:
    """When whoever was lent credentials has to ask again."""
    return (datetime.now(UTC) + timedelta(seconds=_LENT_SECONDS)).isoformat(timespec="seconds")


def _config(attempts: int) -> botocore.config.Config:
    return botocore.config.Config(
        connect_timeout=5,
        read_timeout=30,
        # `standard` repeats what was throttled or lost, with growing random pauses.
        retries={"mode": "standard", "total_max_attempts": attempts},
        user_agent_extra=f"ssmx/{__version__}",
    )


def _profiles_hint(session: botocore.session.Session) -> str:
    names = session.available_profiles
    if not names:
        return "there is no AWS profile yet: run `aws configure sso`, or try `ssmx --sandbox`"
    shown = ", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")
    return f"choose a profile with -p: {shown}"


def _config_file() -> str:
    return os.environ.get("AWS_CONFIG_FILE", "~/.aws/config")
