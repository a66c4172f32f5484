"""One botocore session: the profile, the region and where it came from, and a client for each service."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ssmx.aws.authorities import hashed
from ssmx.aws.errors import translated
from ssmx.aws.hot import SERVICES, Hot, hot
from ssmx.aws.lean.keys import Keys
from ssmx.aws.signing import Credentials, upgrade_headers
from ssmx.errors import ConfigError, SignInExpired, SsmxError
from ssmx.light import dataclass
from ssmx.model.session import is_aws_endpoint
from ssmx.model.settings import Value

if TYPE_CHECKING:
    import botocore.config
    import botocore.session

    from ssmx.aws.calls import Calls
    from ssmx.aws.models import Models

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
    `ask_secret` asks the user for an MFA code, or raises where there is nobody to ask. `cache` gives the folder of
    what can be made anew: smaller models than botocore's own, a bundle of authorities taken apart. `sent` is called
    while a StartSession is on its way. `calls`, where it is set before the first client is made, says how long a
    call may take.

    botocore is imported when something is asked for that cannot be done without.
    """

    calls: Calls | None = None

    def __init__(
        self,
        profile: Value[str],
        region: Value[str],
        *,
        endpoints: Mapping[str, str],
        trace: Callable[[str], None],
        ask_secret: Callable[[str], str],
        cache: Callable[[], Path] | None = None,
        credential_process: str = "",
        sent: Callable[[], None] = lambda: None,
    ) -> None:
        self._cache = cache
        self._sent = sent
        self._credential_process = credential_process
        self._profile = profile
        self._region = region
        self._endpoints = endpoints
        self._trace = trace
        self._ask_secret = ask_secret
        self._lock = threading.Lock()
        self._renewing = threading.Lock()
        self._last: Credentials | None = None
        self._made: dict[str, Any] = {}
        self._first: Clients | None = None
        self._beginning = threading.Lock()
        self._asking_who = threading.Lock()
        self._nobody: SsmxError | None = None

    def beside(self, region: Value[str], calls: Calls, *, trace: Callable[[str], None]) -> Clients:
        """Those of another region, with the session and the sign-in of these."""
        made = Clients(
            self._profile,
            region,
            endpoints=self._endpoints,
            trace=trace,
            ask_secret=self._ask_secret,
            cache=self._cache,
            credential_process=self._credential_process,
        )
        made.calls, made._first, made._lock = calls, self, self._lock
        return made

    @cached_property
    def session(self) -> botocore.session.Session:
        """The botocore session. Raises ConfigError where the profile does not exist."""
        if self._first is not None:
            with self._first._beginning:
                return self._first.session
        return self._new_session()

    def _new_session(self) -> botocore.session.Session:
        made: botocore.session.Session = import_module("ssmx.aws.stock").new_session(
            self._profile,
            explicit=self._is_explicit,
            credential_process=self._credential_process,
            ask_secret=self._ask_secret,
        )
        return made

    @property
    def _is_explicit(self) -> bool:
        """A profile that was asked for beats keys in the environment; AWS_PROFILE does not, as in aws."""
        return bool(self._profile.value) and not self._profile.is_from_aws

    @cached_property
    def _hot(self) -> Hot | None:
        """What is settled without botocore; None where it has to be asked."""
        if self._first is not None:
            return self._first._hot.beside(self._region.value) if self._first._hot is not None else None
        if self._endpoints or self._credential_process or "session" in self.__dict__:
            return None
        return hot(self._profile.value if self._is_explicit else "", self._region.value, self._cache)

    @cached_property
    def _models(self) -> Models | None:
        return None if self._cache is None else import_module("ssmx.aws.models").Models(self._cache)

    @property
    def profile(self) -> Value[str]:
        """The profile in use; an empty value is the default one."""
        if self._is_explicit:
            return self._profile
        if os.environ.get("AWS_ACCESS_KEY_ID"):  # which botocore takes before AWS_PROFILE
            return Value("", "AWS_ACCESS_KEY_ID")
        if self._profile.value:
            return self._profile
        names = self._hot.known.names if self._hot is not None else self.session.available_profiles
        return Value("default", "default") if "default" in names else self._profile

    @cached_property
    def region(self) -> Value[str]:
        """The region in use. Raises ConfigError where none is set."""
        if self._region.value:
            return self._region
        found = self._hot.region if self._hot is not None else self.session.get_config_variable("region")
        if not found:
            raise ConfigError(
                "no AWS region is set",
                hint="give one with -r, or set AWS_REGION"
                + (
                    ""
                    if self._profile.value
                    else f"; {import_module('ssmx.aws.stock').profiles_hint(self.session)}"
                ),
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
                times = attempts or self.attempts
                if self._hot is not None and service in SERVICES:
                    self._made[key] = self._hot.client(
                        service,
                        attempts=times,
                        stock=lambda: self._stock(service, max(1, times - 1)),
                        trace=self._trace,
                        sent=self._sent,
                        calls=self.calls,
                    )
                else:
                    self._made[key] = self._new_client(service, times)
            return self._made[key]

    def _stock(self, service: str, attempts: int) -> Any:
        """botocore's client, for what the other does not do."""
        with self._lock:
            key = f"{service} {attempts} stock"
            if key not in self._made:
                self._made[key] = self._new_client(service, attempts)
            return self._made[key]

    def _new_client(self, service: str, attempts: int) -> Any:
        config = import_module("ssmx.aws.stock").config(attempts, self.calls)
        try:
            client = self._client(service, config)
        except Exception:  # whatever a broken model leads to
            if self._models is None or not self._models.withdraw(self.session):
                raise
            client = self._client(service, config)
        import_module("ssmx.aws.stock").trust(client, self.ca_bundle(), self.authorities)
        if self.calls is not None:
            import_module("ssmx.aws.limited").attach(client, self.calls)
        own = client.meta.service_model.service_id.hyphenize()  # as events name it
        client.meta.events.register(f"before-call.{own}", self._before)
        client.meta.events.register(f"after-call.{own}", self._after)
        return client

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
        if self._hot is not None:
            return self._hot.known.attempts
        try:
            given = int(self.session.get_config_variable("max_attempts") or 5)
        except ValueError:
            given = 0
        if given < 1:
            raise ConfigError(
                "AWS_MAX_ATTEMPTS (or max_attempts) is no number from 1 up", hint="set it to 5, or not"
            )
        return given

    def credentials(self) -> Credentials:
        """The credentials as they are now, renewed where they can be; never show or store them."""
        self._last = self._hot.known.keys if self._hot is not None else self._frozen(self.session)
        return self._last

    def _frozen(self, session: botocore.session.Session) -> Credentials:
        found: Credentials = import_module("ssmx.aws.stock").frozen(session, lambda: self.profile)
        return found

    def sign(self, url: str) -> dict[str, str]:
        """The headers that sign a websocket's upgrade; never log them."""
        return upgrade_headers(url, self.credentials(), self.signing_region)

    @property
    def signing_region(self) -> str:
        """What requests are signed for: the region, also where it was named fips-us-gov-west-1."""
        return self.region.value.replace("fips-", "").replace("-fips", "")

    def renew(self) -> None:
        """Renew the credentials if that is needed, in the middle of a session.

        Renewed where that is possible: by their provider, by asking for an MFA code again, which botocore does
        not, or from the files, which another program may have rewritten. Raises SignInExpired, ConfigError; what
        was there before stays in use then. For any thread.
        """
        stock = import_module("ssmx.aws.stock")
        with self._renewing:
            if self._hot is not None or not stock.is_renewable(self.session):
                self._begin_anew()
            else:
                try:
                    self.credentials()
                except SignInExpired as error:
                    if not stock.wants_a_new_code(error.__cause__):
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
        keys = self._last or Keys("", "")
        with translated(service):
            return self.session.create_client(
                service,
                region_name=self.region.value,
                config=import_module("ssmx.aws.stock").config(1),
                aws_access_key_id=keys.access_key,
                aws_secret_access_key=keys.secret_key,
                aws_session_token=keys.token,
            )

    def _begin_anew(self) -> None:
        """Read the configuration and sign in again, beside what there is; replace that once it has worked."""
        session = self._new_session()
        self._last = self._frozen(session)
        with self._lock:
            self._hot = None  # from now on botocore knows
            self.session = session
            self._made.clear()

    def lent_settings(self) -> dict[str, str]:
        """What else a program of AWS's needs from this profile to reach AWS as we do, as lines of its own."""
        found = {name: self.session.get_scoped_config().get(name) for name in _LENT_SETTINGS}
        return {name: str(value) for name, value in found.items() if value}

    @property
    def wants_mfa(self) -> bool:
        """Whether the profile's sign-in, or that of one it is made of, asks its user for a code."""
        asks = self._hot is None and import_module("ssmx.aws.stock").wants_mfa(self.session)
        return bool(asks) and not self._credential_process

    @property
    def signed_in_until(self) -> datetime | None:
        """When the credentials in use end; None where they do not, or none are in use yet."""
        session = self.__dict__.get("session")  # which may not have been made
        return getattr(getattr(session, "_credentials", None), "_expiry_time", None)

    @cached_property
    def caller(self) -> Caller:
        """Who we are, asked of STS once. Raises SignInExpired and the like."""
        if self._first is not None:
            return self._first._caller_of_all()
        client = self.get("sts")
        with translated("sts:GetCallerIdentity"):
            answer = client.get_caller_identity()
            return Caller(answer["Account"], answer["Arn"])

    def _caller_of_all(self) -> Caller:
        """The same for those beside these: asked once, also where an error answers, for which all would wait."""
        with self._asking_who:
            if self._nobody is not None:
                raise self._nobody
            try:
                return self.caller
            except SsmxError as error:
                self._nobody = error
                raise

    @property
    def account(self) -> str:
        """The account we are in, where STS was asked already; else empty."""
        caller = (self._first or self).__dict__.get("caller")
        return caller.account if isinstance(caller, Caller) else ""

    @property
    def place(self) -> str:
        """The URL that is asked in the place of AWS; empty where AWS itself is."""
        url = str(self.get("ec2").meta.endpoint_url)
        return "" if is_aws_endpoint(url) else url

    def ca_bundle(self) -> str:
        """The file of certificate authorities: AWS_CA_BUNDLE, the profile's `ca_bundle`, or botocore's own."""
        if self._hot is not None:
            return self._hot.ca_bundle
        return str(import_module("ssmx.aws.stock").ca_bundle(self.session))

    def authorities(self) -> str:
        """The same as a folder that OpenSSL looks names up in; or the file, where that cannot be made."""
        bundle = self.ca_bundle()
        return (hashed(bundle, self._cache) if self._cache is not None else "") or bundle

    def _before(self, *, model: Any, context: dict[str, Any], **_: object) -> None:
        context["ssmx_started"] = time.monotonic()

    def _after(self, *, model: Any, context: dict[str, Any], http_response: Any, **_: object) -> None:
        taken = time.monotonic() - context.get("ssmx_started", time.monotonic())
        service = model.service_model.signing_name
        self._trace(f"{service}:{model.name} answered {http_response.status_code} in {taken * 1000:.0f} ms")


def _soon() -> str:
    """When whoever was lent credentials has to ask again."""
    return (datetime.now(UTC) + timedelta(seconds=_LENT_SECONDS)).isoformat(timespec="seconds")


def _config_file() -> str:
    return os.environ.get("AWS_CONFIG_FILE", "~/.aws/config")
