"""AWS's two files, as far as they are plain: read as botocore reads them, or not at all."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

Sections = dict[str, dict[str, str]]

_SECTION = re.compile(r"\[([A-Za-z0-9_.@/+ -]+)\]\s*")
_PAIR = re.compile(r"([A-Za-z0-9_]+)\s*=\s*(.*)")
_PROFILE = re.compile(r"profile ([A-Za-z0-9_.@/+-]+)")
_OTHERS = ("services ", "sso-session ")  # sections of which nothing is taken unless a profile refers to them


def read(path: str) -> Sections | None:
    """The sections of the file at `path`, none where there is no such file; None where there is any doubt."""
    if not path or "$" in path:
        return None
    path = os.path.expanduser(path)  # noqa: PTH111  # as botocore does, which may be no path at all
    if not os.path.isfile(path):  # noqa: PTH113
        return {}
    try:
        with open(path) as file:  # noqa: PTH123  # in the encoding that configparser takes
            return parsed(file)
    except (OSError, UnicodeError):
        return None


def has_models() -> bool:
    """Whether there are models of the user's own, which may tell botocore other URLs."""
    return os.path.lexists(os.path.expanduser("~/.aws/models"))  # noqa: PTH111  # as botocore does


def parsed(lines: Iterable[str]) -> Sections | None:
    """The sections as configparser finds them; None where they are not as plain as these can be.

    A value that goes on in indented lines is left out, and a mark in its place: the name with an empty value.
    """
    found: Sections = {}
    section: dict[str, str] | None = None
    name = ""
    for line in lines:
        text = line.strip()
        if not text or text.startswith(("#", ";")):
            continue
        if line[0].isspace():
            if section is None or not name or not all("=" in each for each in text.splitlines()):
                return None
            section[name] = ""
        elif text.startswith("["):
            match = _SECTION.fullmatch(text)
            if match is None or match[1] == "DEFAULT" or match[1] in found:
                return None
            section, name = found.setdefault(match[1], {}), ""
        else:
            pair = _PAIR.fullmatch(text)
            if pair is None or section is None or (name := pair[1].lower()) in section:
                return None
            section[name] = pair[2]
    return found


def profiles(config: Sections, credentials: Sections) -> Sections | None:
    """The profiles of both files, as botocore puts them together; None where there is any doubt."""
    found: Sections = {}
    for title, section in config.items():
        if title == "default":
            name = title
        elif match := _PROFILE.fullmatch(title):
            name = match[1]
        elif title.startswith(_OTHERS):
            continue
        else:
            return None
        if name in found:
            return None
        found[name] = dict(section)
    for name, section in credentials.items():
        found.setdefault(name, {}).update(section)
    return found
