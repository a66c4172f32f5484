"""A connection to Systems Manager, begun before the words are read: until they are, half of a short run has passed.

Only where the words are sure to start a session and nothing but AWS's own settings says where: a connection that
turns out to lead elsewhere is left unused, and nothing was sent on it.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path

from ssmx.store import pointed

_STARTING = ("shell", "run", "forward", "tunnel", "db")
# The last of them forks, which is to come before any thread: in the child none would end what one has begun.
_ELSEWHERE = ("--profile", "--region", "--sandbox", "--help", "--dry-run", "--background")
_ELSEWHERE_SHORT = {"p", "r", "h"}  # in one word with others, too: -vr us-east-1
_VARIABLES = ("SSMX_PROFILE", "SSMX_REGION", "SSMX_SANDBOX")


def begin(words: Sequence[str], environ: Mapping[str, str]) -> None:
    """Connect on a thread, if it is plain whereto.

    All but the connecting is done here: a thread that imports waits for its turn as long as others import.
    """
    ours = list(words[: words.index("--")] if "--" in words else words)
    if not ours or ours[0] not in _STARTING or not _is_plain(ours, environ):
        return
    region = environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION", "")
    folder = os.path.dirname(pointed.index_folder(environ))
    cache = (lambda: Path(folder)) if folder else None  # without a home: no folder, not that we are in
    with suppress(Exception):  # what is wrong is told where it is used; a machine may have no thread left
        found = import_module("ssmx.aws.hot").hot("", region, cache)
        if found is not None:
            threading.Thread(target=found.connect, daemon=True).start()


def _is_plain(words: Sequence[str], environ: Mapping[str, str]) -> bool:
    """Whether nothing of ssmx's own says where AWS is asked."""
    for word in words[1:]:
        short = word.startswith("-") and not word.startswith("--")
        if word.startswith(_ELSEWHERE) or "%" in word or word == "-" or (short and _ELSEWHERE_SHORT & {*word}):
            return False
    files = (pointed.config_file(environ), pointed.project_file(environ))
    return not any(environ.get(name) for name in _VARIABLES) and not any(map(os.path.lexists, filter(None, files)))
