"""Read the user's config.toml; each value remembers its line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ssmx.errors import ConfigError
from ssmx.model import toml
from ssmx.model.settings import Value


def read(path: Path) -> dict[str, Value[Any]]:
    """The values of `path`, none where there is no such file. Raises ConfigError with file and line."""
    try:
        text = path.read_text("utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):  # HOME=/dev/null, as services have it
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read {path}: {error}", hint="it is a TOML file, in UTF-8") from error
    body, lines = toml.parse(text, str(path), hint='write NAME = "text", NAME = true or NAME = 5')
    return {name: Value(value, f"{path}:{lines.get((name,), 1)}") for name, value in body.items()}
