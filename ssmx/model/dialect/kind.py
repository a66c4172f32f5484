"""What a dialect is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from urllib.parse import quote, urlencode

from ssmx.light import dataclass
from ssmx.model.endpoint import Endpoint
from ssmx.model.wording import host_port

SNI = "others: {host}:{port}, with {name} as the name that the certificate is to have"


@dataclass(frozen=True, slots=True)
class Access:
    """How a client on this machine reaches an endpoint. `password` may be a token; it is never shown."""

    endpoint: Endpoint
    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    ca_bundle: str = ""
    """The file of certificates that the endpoint's own is verified with; empty for those the client has itself."""
    kubeconfig: str = ""

    @property
    def place(self) -> str:
        """`host:port` on this machine."""
        return host_port(self.host, self.port)


@dataclass(frozen=True, slots=True)
class Probe:
    """Words that harm nobody, and how a living server's answer may begin."""

    says: bytes
    answers: tuple[bytes, ...]


Words = Callable[[Access], Sequence[str]]
Variables = Callable[[Access, Mapping[str, str]], Mapping[str, str]]


def _no_words(access: Access) -> Sequence[str]:
    return ()


def _no_variables(access: Access, environ: Mapping[str, str]) -> Mapping[str, str]:
    return {}


def _no_limits(endpoint: Endpoint) -> str:
    return ""


def _never(endpoint: Endpoint, words: Sequence[str]) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Dialect:
    """What one kind of server wants of its clients.

    `programs` are its own clients, the best first; `words(access)` stand between such a program and what the user
    types, because no variable says them; `alone` where the user types nothing. `variables(access, environ)` are
    set for every client, and `removed` taken away. `recipe(access)` is how a person does it by hand, a line each;
    without it that is a program with its words. `others` says how other clients verify, with {host}, {port}, {name}
    and {ca} in it. `limits(endpoint)` is what one tunnel cannot give; `hangs(endpoint, words)` why this client
    would wait for ever. `needs_ca`: its clients have no authorities of their own. `tls_first`: TLS begins with the
    first byte. `signs_in_by_iam`: a token of IAM is a password. `user_variable` names who signs in. `tls_option`:
    what a program's --help has where it can do TLS, which not every build can.
    """

    programs: tuple[str, ...] = ()
    words: Words = _no_words
    alone: tuple[str, ...] = ()
    variables: Variables = _no_variables
    removed: tuple[str, ...] = ()
    recipe: Words | None = None
    others: str = ""
    limits: Callable[[Endpoint], str] = _no_limits
    hangs: Callable[[Endpoint, Sequence[str]], str] = _never
    needs_ca: bool = False
    tls_first: bool = True
    signs_in_by_iam: bool = False
    user_variable: str = ""
    tls_option: str = ""
    probe: Probe | None = None


def url(scheme: str, access: Access, database: str = "", **query: str) -> str:
    """A URL that leads to the tunnel, with the user and whatever of the query has a value; never a password."""
    user = f"{quote(access.user, safe='')}@" if access.user else ""
    asked = urlencode(given(**query), safe="/", quote_via=quote)
    return f"{scheme}://{user}{access.place}/{quote(database, safe='')}" + (f"?{asked}" if asked else "")


def program_of(words: Sequence[str]) -> str:
    """The name of the program that a command line runs, without its folder."""
    return words[0].rpartition("/")[2]


def given(**values: str) -> dict[str, str]:
    """Those that have a value."""
    return {name: value for name, value in values.items() if value}
