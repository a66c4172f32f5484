"""Read the user's config.toml; each value remembers its line."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from ssmx.errors import ConfigError
from ssmx.model.settings import Value


def read(path: Path) -> dict[str, Value[Any]]:
    """The values of `path`, none where there is no such file. Raises ConfigError with file and line."""
    try:
        text = path.read_text("utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):  # HOME=/dev/null, as services have it
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read {path}: {error}", hint="it is a TOML file, in UTF-8") from error
    try:
        body = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"line (\d+)", str(error))
        line = at[1] if at else len(text.splitlines())
        raise ConfigError(f"{path}:{line}: {error}", hint='write NAME = "text", NAME = true or NAME = 5') from error
    return {name: Value(value, f"{path}:{_line_of(name, text)}") for name, value in body.items()}


def _line_of(name: str, text: str) -> int:
    """The line that sets `name` at the top level; tomllib does not tell."""
    key = re.compile(rf"\s*(?:\[+\s*)?[\"']?{re.escape(name)}[\"']?\s*[=.\]]")
    for number, line in enumerate(text.splitlines(), 1):
        if key.match(line):
            return number
    return 1
