"""Completion scripts where shells look for them: written whole, and only one of ours is replaced or removed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ssmx.errors import LocalFault
from ssmx.store import whole
from ssmx.store.paths import home_folder

_OURS = "Generated: ssmx completion show"  # in one of the first two lines
# Where the bash-completion package lies, which loads scripts of a user by itself.
_PACKAGE = (
    "/usr/share/bash-completion/bash_completion",
    "/etc/bash_completion",
    "/usr/local/share/bash-completion/bash_completion",
    "/usr/local/etc/profile.d/bash_completion.sh",
    "/opt/homebrew/etc/profile.d/bash_completion.sh",
)


def place(shell: str, environ: Mapping[str, str]) -> Path:
    """Where a user's script for this shell belongs. LocalFault without a home."""
    home = home_folder()
    if shell == "bash":
        data = Path(environ.get("XDG_DATA_HOME") or home / ".local" / "share")
        return Path(environ.get("BASH_COMPLETION_USER_DIR") or data / "bash-completion") / "completions" / "ssmx"
    if shell == "zsh":
        return Path(environ.get("ZDOTDIR") or home) / ".zfunc" / "_ssmx"
    return Path(environ.get("XDG_CONFIG_HOME") or home / ".config") / "fish" / "completions" / "ssmx.fish"


def wanted(shell: str, path: Path) -> tuple[str, str] | None:
    """The line that the user's own file needs for the script to be loaded, and that file; None where none does."""
    if shell == "zsh":
        return f"fpath=({_word(path.parent)} $fpath); autoload -Uz compinit && compinit", ".zshrc"
    if shell == "bash" and not any(Path(each).exists() for each in _PACKAGE):
        return f"source {_word(path)}", ".bashrc"
    return None


def install(path: Path, text: str) -> None:
    """Write the script. Raises LocalFault where that cannot be done, or a file that is not ours is there."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if _lies_at(path) and not _is_ours(path):
            raise LocalFault(f"{path} is not of ssmx", hint="move it away, and install again")
        whole.write(path, text.encode())
    except OSError as error:
        raise LocalFault(f"cannot write {path}: {error.strerror}", hint="check who may write there") from error


def uninstall(path: Path) -> bool:
    """Remove the script; False where there is none. Raises LocalFault for a file that is not ours."""
    try:
        if not _lies_at(path):
            return False
        if not _is_ours(path):
            raise LocalFault(f"{path} is not of ssmx", hint="remove it yourself, if nothing else needs it")
        path.unlink()
    except OSError as error:
        raise LocalFault(f"cannot remove {path}: {error.strerror}", hint="check who may write there") from error
    return True


def _lies_at(path: Path) -> bool:
    return path.is_symlink() or path.exists()


def _is_ours(path: Path) -> bool:
    """A link is nobody's: what it leads to may be ours, the link is the user's."""
    if path.is_symlink() or not path.is_file():
        return False
    with path.open(encoding="utf-8", errors="replace") as file:
        return any(_OURS in file.readline(200) for _ in range(2))


def _word(path: Path) -> str:
    return "'" + str(path).replace("'", "'\\''") + "'"
