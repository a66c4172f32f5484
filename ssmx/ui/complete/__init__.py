"""Write the completion script of a shell: the tree of commands as tables, below what that shell does with them.

Beside this file is what is written by hand: ssmx.bash, ssmx.zsh and ssmx.fish, and index.* of each, which reads the
index. A line `@name@` in it stands for index.*, or for lines that are made here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from ssmx.light import dataclass

SHELLS = ("bash", "zsh", "fish")

# Kinds of what a shell can offer; a kind `=a,b` is one of these words. Joined by +, all are offered; an argument's
# kind that ends in dots is that of all that follow. What each is made of, the scripts say.
ANY = "any"  # nothing is known of it
FILES = "file"
TARGET, PROFILE, REGION, DOCUMENT = "target", "profile", "region", "document"
SERVICE, NAMED = "service", "named"  # NAMED: an endpoint of the service that stands before
RUNNING, DECLARED, TEAM = "running", "declared", "team"  # TEAM: the file that declares tunnels
_HERE = Path(__file__).parent
_MARK = re.compile(r"^@(\w+)@$", re.MULTILINE)


def endpoint(*services: str) -> str:
    """The kind of an endpoint of these services, or of any."""
    return f"endpoint:{','.join(services)}"


def choice(choices: tuple[str, ...]) -> str:
    """The kind of one of these words."""
    return f"={','.join(choices)}"


@dataclass(frozen=True, slots=True)
class Option:
    """What an option is for, and the kind of its value; None for a flag."""

    about: str
    takes: str | None


@dataclass(frozen=True, slots=True)
class Node:
    """A command: its help, options, commands, and the kinds of its arguments."""

    about: str
    options: Mapping[str, Option]
    commands: Mapping[str, Node]
    arguments: tuple[str, ...] = ()


def render(shell: str, root: Node, known: Mapping[str, tuple[str, ...]]) -> str:
    """The script for `shell`; `known` are words that are always the same, by their kind."""
    dialect = _DIALECTS[shell]
    parts = {
        "index": _written(f"index.{shell}").rstrip("\n"),
        "places": "\n".join(dialect.places(root)),
        "words": "\n".join(dialect.words(root, known)),
    }
    return _MARK.sub(lambda found: parts[found[1]], _written(f"ssmx.{shell}"))


def _written(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


def _walk(node: Node, path: str = "ssmx") -> Iterator[tuple[str, Node]]:
    yield path, node
    for name, inner in node.commands.items():
        yield from _walk(inner, f"{path} {name}")


def _shared(root: Node) -> dict[str, Option]:
    """The options that mean the same wherever they stand."""
    nodes = [node for _, node in _walk(root)]
    options = root.options.items()
    return {name: each for name, each in options if all(node.options.get(name) == each for node in nodes)}


@dataclass(frozen=True, slots=True)
class _Dialect:
    """How a shell writes it: words in a variable, words with what they are for, and a case of its `case`."""

    assign: Callable[[str, Iterable[str]], str]
    explain: Callable[[str, Mapping[str, str]], Iterator[str]]
    opens: str
    closes: str

    def places(self, root: Node) -> Iterator[str]:
        """Of each command, what it has and not every one has."""
        shared = _shared(root)
        for path, node in _walk(root):
            own = {name: each for name, each in node.options.items() if name not in shared}
            lines = [*self._explained("commands", {name: each.about for name, each in node.commands.items()})]
            lines += self._options("", own)
            lines += [self.assign("arguments", node.arguments)] if node.arguments else []
            yield self.opens.format(_quoted(path))
            yield from (f"            {line}" for line in lines)
            if self.closes:
                yield f"            {self.closes}"

    def words(self, root: Node, known: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
        """What every command has, and words that are always the same."""
        yield from self._options("_ssmx_shared_", _shared(root))
        for kind, found in known.items():
            yield self.assign(f"_ssmx_{kind}s", found)

    def _options(self, prefix: str, options: Mapping[str, Option]) -> Iterator[str]:
        yield from self._explained(f"{prefix}options", {name: each.about for name, each in options.items()})
        takes = [f"{name}:{each.takes}" for name, each in options.items() if each.takes is not None]
        if takes:
            yield self.assign(f"{prefix}takes", takes)

    def _explained(self, name: str, words: Mapping[str, str]) -> Iterator[str]:
        return self.explain(name, words) if words else iter(())


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _fish_quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _in_one(name: str, words: Iterable[str]) -> str:
    return f"{name}={_quoted(' '.join(words))}"


def _in_a_list(name: str, words: Iterable[str]) -> str:
    return f"set {'-g ' if name.startswith('_') else ''}{name} {' '.join(_fish_quoted(each) for each in words)}"


def _bash_explained(name: str, words: Mapping[str, str]) -> Iterator[str]:
    yield _in_one(name, words)


def _zsh_explained(name: str, words: Mapping[str, str]) -> Iterator[str]:
    yield f"{name}=("
    yield from (f"    {_quoted(f'{word}:{about}')}" for word, about in words.items())
    yield ")"


def _fish_explained(name: str, words: Mapping[str, str]) -> Iterator[str]:
    yield f"set {'-g ' if name.startswith('_') else ''}{name} \\"
    rows = [f"    {_fish_quoted(word)}\\t{_fish_quoted(about)}" for word, about in words.items()]
    yield from (f"{row} \\" for row in rows[:-1])
    yield rows[-1]


_DIALECTS = {
    "bash": _Dialect(_in_one, _bash_explained, "        {})", ";;"),
    "zsh": _Dialect(_in_one, _zsh_explained, "        {})", ";;"),
    "fish": _Dialect(_in_a_list, _fish_explained, "        case {}", ""),
}
