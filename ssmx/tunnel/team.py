"""A team's file, as those who keep its tunnels see it. Light: it needs no event loop."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from ssmx.errors import SsmxError, told
from ssmx.light import dataclass
from ssmx.tunnel.support import Tunnel


@dataclass(frozen=True, slots=True)
class Declared:
    """A tunnel as the file says it: where `said` is another, it is another tunnel. `make` makes it."""

    name: str
    said: object
    make: Callable[[], Tunnel]


class Team(Protocol):
    """The file, and the place where other ssmx read what is kept of it. For any thread."""

    def read(self) -> Sequence[Declared]:
        """What the file says now. Raises ConfigError."""

    def adopt(self, signed_in: Mapping[str, str]) -> None:
        """Sign in with these variables from now on: whoever wants tunnels up has newer ones."""

    def write(self, names: Sequence[str]) -> None:
        """Tell others that these are kept. Raises LocalFault where one is another's."""


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a tunnel: up, kept as it was, changed, down, or failed, and then why."""

    name: str
    how: str
    error: SsmxError | None = None

    def as_json(self) -> dict[str, Any]:
        """As one process tells it another."""
        return {"name": self.name, "how": self.how, "failed": told(self.error) if self.error else None}


# Is told once what became of each tunnel, as whoever asks and orders is.
Ready = Callable[[Mapping[str, Any]], None]
