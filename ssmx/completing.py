"""What a completion script asks of Python: `ssmx __complete KIND [FILE]` gives one candidate a line.

Names of nodes and endpoints it reads from the index by itself; here is what takes a parser. Tab waits for this: it
imports next to nothing (`json` and `tomllib` only where there is something for them), and whatever goes wrong, it
gives nothing and says nothing.
"""

from __future__ import annotations

import os
import stat
import sys

from ssmx.model.pointer import pointer
from ssmx.store.claim import AGAIN_SECONDS, claim
from ssmx.store.pointed import aws_files, config_file, index_folder, project_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any, NoReturn

_LARGEST = 1_000_000  # bytes


def run() -> NoReturn:
    """Answer `__complete …` or `__refresh …`, and leave at once: nobody waits for what Python tidies up."""
    words = sys.argv[1:]
    try:
        if words[:1] == ["__refresh"]:
            refresh(words[1:])
        else:
            found = [each for each in candidates(os.environ, words[1:]) if each.isprintable()]
            os.write(1, "".join(f"{each}\n" for each in dict.fromkeys(found)).encode(errors="surrogateescape"))
    finally:
        os._exit(0)


def refresh(words: list[str]) -> None:
    """Bring the index up to date where it is stale, for `[-p PROFILE] [-r REGION] [--sandbox]`.

    This process becomes the one that does it, apart from the terminal, unless another has begun in the last minute.
    """
    folder, environ = index_folder(os.environ), os.environ
    given = {"profile": _value(words, "-p"), "region": _value(words, "-r")}
    name = pointer(environ, **given, sandbox="--sandbox" in words, project=project_file(environ))
    if folder and claim(f"{folder}/claims/{name}", AGAIN_SECONDS):
        if os.getsid(0) != os.getpid():
            os.setsid()
        os.nice(5)
        asked = ["index", "refresh", "--stale", "--no-input", "--quiet", *words]
        os.execv(sys.executable, [sys.executable, "-P", "-m", "ssmx", *asked])


def _value(words: list[str], option: str) -> str:
    return words[words.index(option) + 1] if option in words[:-1] else ""


def candidates(environ: Mapping[str, str], words: list[str]) -> list[str]:
    """The candidates of the kind that the first word names; nothing where it is unknown or cannot be read."""
    kind, file = (words[0] if words else ""), (words[1] if len(words) > 1 else "")
    try:
        if kind == "profile":
            return list(_profiles(environ))
        if kind == "running":
            return list(_running(environ))
        if kind == "declared":
            return list(_table(os.path.expanduser(file) or project_file(environ), "tunnels"))
        if kind in ("alias", "target"):
            table = "aliases" if kind == "alias" else "targets"
            ours = (config_file(environ), project_file(environ))
            return [name for path in ours for name in _table(path, table)]
    except Exception:  # an error would be printed into the line that is being typed
        return []
    return []


def _profiles(environ: Mapping[str, str]) -> Iterator[str]:
    """The profiles of the AWS config and of the credentials, as they stand in the headings of their sections."""
    for path, marked in zip(aws_files(environ), (True, False), strict=True):
        for line in _read(os.path.expanduser(path)).splitlines():
            if not line.startswith("["):
                continue
            name = line[1:].partition("]")[0].strip()
            kind, _, rest = name.partition(" ")
            if marked and kind == "profile":
                yield rest.strip().strip("\"'")
            elif not marked or name == "default":
                yield name.strip("\"'")


def _running(environ: Mapping[str, str]) -> Iterator[str]:
    """The names of the tunnels whose processes live (store/running)."""
    home = environ.get("HOME", "")
    if sys.platform == "darwin":
        state = f"{home}/Library/Application Support"
    else:
        state = environ.get("XDG_STATE_HOME", "").strip() or f"{home}/.local/state"
    folder = f"{state}/ssmx/tunnels"
    for name in sorted(os.listdir(folder)):
        if name.endswith(".json"):
            yield from _kept(f"{folder}/{name}")


def _kept(path: str) -> list[str]:
    import json  # only where a tunnel runs

    try:
        body = json.loads(_read(path))
        os.kill(int(body["pid"]), 0)
        return [str(each["name"]) for each in body["tunnels"]]
    except (OSError, ValueError, KeyError, TypeError, OverflowError):
        return []


def _table(path: str, table: str) -> list[str]:
    """The names in a table of a TOML file."""
    text = _read(path)
    if table not in text:
        return []
    import tomllib  # only where there is something for it

    try:
        body: dict[str, Any] = tomllib.loads(text)
    except ValueError:
        return []
    return list(body[table]) if isinstance(body.get(table), dict) else []


def _read(path: str) -> str:
    """What is in a file; empty where there is none, or it is too large."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError):
        return ""
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return ""
        return os.read(descriptor, _LARGEST).decode("utf-8", "surrogateescape")
    except OSError:
        return ""
    finally:
        os.close(descriptor)
