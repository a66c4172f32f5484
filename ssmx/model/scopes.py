"""Which accounts and regions `-A` walks: what a file says of them, and what of it a command line means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ssmx.light import dataclass
from ssmx.model import toml
from ssmx.model import values as read
from ssmx.model.settings import Value

SCOPES = "scopes"  # the table of a file, or several of them
ENABLED = "enabled"  # in the place of a list: every region that the account has

_KEYS = ("profiles", "regions")
_HINT = 'profiles = ["prod", "dev"] and regions = ["eu-west-1", "us-east-1"], or regions = "enabled"'


@dataclass(frozen=True, slots=True)
class Scopes:
    """Some profiles, each with the same regions; `origin` is where that was said.

    No profiles: the one in use. No regions: those of the profiles themselves, or all that are `enabled`.
    """

    profiles: tuple[str, ...]
    regions: tuple[str, ...]
    origin: str
    enabled: bool = False

    @property
    def words(self) -> dict[str, str]:
        """What it says, by key, for people."""
        regions = ENABLED if self.enabled else ", ".join(self.regions)
        return {"profiles": ", ".join(self.profiles), "regions": regions}


@dataclass(frozen=True, slots=True)
class Part:
    """What is asked of one profile. Empty values are those in use; `enabled`: all of its account's regions."""

    profile: Value[str]
    regions: tuple[Value[str], ...]
    enabled: bool = False


def parse(file: toml.File) -> tuple[Scopes, ...]:
    """What the file says. Raises ConfigError with its line."""
    said = file.body.get(SCOPES, [])
    if isinstance(said, list):
        return tuple(_scopes(file, (SCOPES, str(at)), each) for at, each in enumerate(said))
    return (_scopes(file, (SCOPES,), said),)


def _scopes(file: toml.File, at: toml.Key, value: object) -> Scopes:
    rows = file.table(at, value, entries=_HINT) if isinstance(value, dict) else None
    if rows is None:
        raise file.error(at, f"{SCOPES} is no table", hint=f"write [{SCOPES}], and below it {_HINT}")
    for key in rows:
        if key not in _KEYS:
            raise file.unknown((*at, key), _KEYS, where=f" in {SCOPES}")
    if not rows:
        raise file.error(at, f"{SCOPES} names no profiles and no regions", hint=_HINT)
    said = rows.get("regions", [])
    profiles = file.taken((*at, "profiles"), read.listed(read.text), rows["profiles"]) if "profiles" in rows else ()
    if said == ENABLED:
        return Scopes(profiles, (), file.origin(*at), enabled=True)
    regions = file.taken((*at, "regions"), read.listed(read.region), said) if "regions" in rows else ()
    return Scopes(profiles, regions, file.origin(*at))


def narrowed(tables: Sequence[Scopes], profile: Value[str], region: Value[str]) -> list[Scopes]:
    """The tables, or of them only this profile and this region; empty values narrow nothing.

    One that no table lists is taken in the place of what they list.
    """
    found = list(tables)
    if profile.value:
        fitting = [each for each in found if profile.value in each.profiles]
        found = [replace(each, profiles=(profile.value,)) for each in fitting or found]
    if region.value:
        fitting = [each for each in found if not each.regions or region.value in each.regions]
        found = [replace(each, regions=(region.value,), enabled=False) for each in fitting or found]
    return found


def parts(tables: Sequence[Scopes], profile: Value[str], region: Value[str]) -> list[Part]:
    """What is asked of each profile, in the order of the tables, everything once.

    `profile` and `region` are those in use, for tables that name none.
    """
    found: dict[str, Part] = {}
    for table in tables:
        for name in table.profiles or (profile.value,):
            said = Value(name, table.origin) if table.profiles else profile
            part = found.get(name, Part(said, ()))
            regions = [Value(each, table.origin) for each in table.regions]
            regions += [] if table.regions or table.enabled else [region]
            known = {each.value for each in part.regions}
            regions = [each for each in regions if each.value not in known]
            found[name] = replace(part, regions=(*part.regions, *regions), enabled=part.enabled or table.enabled)
    return [*found.values()]
