"""Where the index is, and which part of it is that of the account in use, for whoever has no time: completion.

    index/at/POINTER              one line: the name of a scope. A pointer that is not newer than what decides its
                                  meaning is none: the AWS config and credentials files, ssmx's own, the project's.
    index/scopes/SCOPE/index      what is known of the scope (model/index)
    index/scopes/SCOPE/names      `ssmx 1 STALE COUNT`, then COUNT names, sorted by their bytes; STALE is the time,
                                  in seconds since 1970, from which on it should be refreshed
    index/scopes/SCOPE/words      the same of what else names nodes: ids, Key=Value, asg/NAME
    index/scopes/SCOPE/endpoints  the same of SERVICE/NAME
    index/scopes/SCOPE/documents  the same of session documents

A file of somebody else's, or a link, is as none. Light: only `os` and `sys` are imported here.
"""

from __future__ import annotations

import os
import stat
import sys

from ssmx.model.pointer import FILE, pointer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NAMES, WORDS, ENDPOINTS, DOCUMENTS = "names", "words", "endpoints", "documents"
_HEADER = ("ssmx", "1")
_LARGEST = 64_000_000  # bytes


def index_folder(environ: Mapping[str, str]) -> str:
    """The folder of the index: in XDG_CACHE_HOME, or where the system keeps caches; empty without HOME."""
    cache, home = environ.get("XDG_CACHE_HOME", ""), environ.get("HOME", "")
    if not cache.startswith("/") and home:  # a relative one is none, as XDG has it: it would be in any folder
        cache = f"{home}/Library/Caches" if sys.platform == "darwin" else f"{home}/.cache"
    return f"{cache}/ssmx/index" if cache.startswith("/") else ""


def config_file(environ: Mapping[str, str]) -> str:
    """ssmx's own config.toml, where it would be; empty without HOME."""
    config, home = environ.get("XDG_CONFIG_HOME", ""), environ.get("HOME", "")
    if not config.startswith("/") and home:
        config = f"{home}/Library/Application Support" if sys.platform == "darwin" else f"{home}/.config"
    return f"{config}/ssmx/config.toml" if config.startswith("/") else ""


def project_file(environ: Mapping[str, str]) -> str:
    """The nearest ssmx.toml from $PWD upwards, as a shell sees it: by the path it came, up to home or the root."""
    folder, home = environ.get("PWD", ""), environ.get("HOME", "")
    while folder.startswith("/"):
        path = f"{folder.rstrip('/')}/{FILE}"
        if os.path.lexists(path):
            return path
        if folder in ("/", home):
            return ""
        folder = folder.rpartition("/")[0] or "/"
    return ""


def aws_files(environ: Mapping[str, str]) -> tuple[str, str]:
    """The AWS config and the credentials file, as they are named: a tilde may stand before them."""
    home = environ.get("HOME", "")
    config = environ.get("AWS_CONFIG_FILE") or f"{home}/.aws/config"
    return config, environ.get("AWS_SHARED_CREDENTIALS_FILE") or f"{home}/.aws/credentials"


def deciding(environ: Mapping[str, str], project: str) -> list[str]:
    """The files that decide what a profile means, where they would be; and the folder of a link to one of AWS's,
    which is what changes where that leads elsewhere.
    """
    home = environ.get("HOME", "")
    aws = [f"{home}{each[1:]}" if each.startswith("~/") else each for each in aws_files(environ)]
    aws += [os.path.dirname(each) for each in aws if os.path.islink(each)]
    return [each for each in (*aws, config_file(environ), project) if each]


def scope_of(environ: Mapping[str, str], *, profile: str = "", region: str = "", sandbox: bool = False) -> str:
    """The folder of the scope that is in use; empty where it is not known."""
    folder, project = index_folder(environ), project_file(environ)
    if not folder:
        return ""
    name = pointer(environ, profile=profile, region=region, sandbox=sandbox, project=project)
    text = own(f"{folder}/at/{name}", newer_than=deciding(environ, project))
    scope = text.partition("\n")[0]
    return f"{folder}/scopes/{scope}" if scope and "/" not in scope and scope not in (".", "..") else ""


def lines(scope: str, kind: str) -> list[str]:
    """What a list of this scope holds; empty where there is none, or it is broken."""
    head, _, body = own(f"{scope}/{kind}").partition("\n")
    words = head.split(" ")
    found = body.split("\n")[:-1]
    return found if tuple(words[:2]) == _HEADER and words[3:4] == [str(len(found))] else []


def list_of(words: Sequence[str], stale: int) -> str:
    """The text of a list of words, which is stale from that time on."""
    return "\n".join([f"{' '.join(_HEADER)} {stale} {len(words)}", *words, ""])


def own(path: str, *, newer_than: list[str] | None = None) -> str:
    """The text of a file of the user's own; empty where it is none, or not newer than each of these."""
    return own_bytes(path, newer_than=newer_than).decode("utf-8", "replace")


def own_bytes(path: str, *, newer_than: list[str] | None = None) -> bytes:
    """The same as it lies there."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError):
        return b""
    try:
        about = os.fstat(descriptor)
        if not stat.S_ISREG(about.st_mode) or about.st_uid != os.getuid() or about.st_size > _LARGEST:
            return b""
        if any(changed(each) >= about.st_mtime_ns for each in newer_than or ()):
            return b""
        with os.fdopen(os.dup(descriptor), "rb") as file:
            return file.read()
    except OSError:
        return b""
    finally:
        os.close(descriptor)


def changed(path: str) -> int:
    """When a file was changed, in nanoseconds since 1970; 0 where there is none."""
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return 0
