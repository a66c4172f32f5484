"""Write the completion script of a shell from the tree of commands: no Python runs when Tab is pressed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

SHELLS = ("bash", "zsh", "fish")

_HEAD = "# Completion of ssmx for {shell}. Generated: ssmx completion show {shell}"


@dataclass(frozen=True, slots=True)
class Node:
    """A command: help, options (help, and the words they take; None for a flag), commands, words."""

    about: str
    options: Mapping[str, tuple[str, tuple[str, ...] | None]]
    commands: Mapping[str, Node]
    words: tuple[str, ...] = ()


def render(shell: str, root: Node) -> str:
    """The script for `shell`."""
    writers = {"bash": _bash, "zsh": _zsh, "fish": _fish}
    lines = [_HEAD.format(shell=shell), *writers[shell](root)]
    if shell == "zsh":
        lines[:2] = reversed(lines[:2])  # `#compdef` must stand in the first line
    return "".join(f"{line}\n" for line in lines)


def _walk(node: Node, path: str = "ssmx") -> Iterator[tuple[str, Node]]:
    yield path, node
    for name, inner in node.commands.items():
        yield from _walk(inner, f"{path} {name}")


def _valued(node: Node) -> list[str]:
    """The options that take a value, in the command and below."""
    return sorted(
        {name for _, each in _walk(node) for name, (_, takes) in each.options.items() if takes is not None}
    )


def _choosing(node: Node) -> dict[tuple[str, ...], list[str]]:
    """The words of options that take one of a few, with the options that take them."""
    found: dict[tuple[str, ...], list[str]] = {}
    for _, each in _walk(node):
        for name, (_, takes) in each.options.items():
            if takes and name not in found.setdefault(takes, []):
                found[takes].append(name)
    return found


def _place(root: Node) -> Iterator[str]:
    """Lines that bash and zsh share: go by each `word` before the cursor to the command that is meant, `place`."""
    yield f"            {'|'.join(_valued(root))}) ((at++)) ;;"
    yield "            -*) ;;"
    yield '            *) case "$place $word" in'
    for path, _ in list(_walk(root))[1:]:
        yield f'                "{path}") place="{path}" ;;'
    yield "            esac ;;"
    yield "        esac"
    yield "    done"


def _bash(root: Node) -> Iterator[str]:
    yield "_ssmx() {"
    yield "    local word place=ssmx at offered="
    yield "    local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}"
    yield "    COMPREPLY=()"
    yield "    for ((at = 1; at < COMP_CWORD; at++)); do"
    yield "        word=${COMP_WORDS[at]}"
    yield '        case "$word" in'
    yield "            --) return ;;  # what follows belongs to the user's command"
    yield from _place(root)
    yield '    case "$before" in'
    for words, options in _choosing(root).items():
        offered = f"COMPREPLY=($(compgen -W '{' '.join(words)}' -- \"$current\"))"
        yield f"        {'|'.join(options)}) {offered}; return ;;"
    yield f"        {'|'.join(_valued(root))}) return ;;"
    yield "    esac"
    yield '    case "$place" in'
    for path, node in _walk(root):
        yield f'        "{path}")'
        yield f"            if [[ $current == -* ]]; then offered='{' '.join(node.options)}'"
        yield f"            else offered='{' '.join([*node.commands, *node.words])}'; fi ;;"
    yield "    esac"
    yield '    COMPREPLY=($(compgen -W "$offered" -- "$current"))'
    yield "}"
    yield "complete -o default -F _ssmx ssmx"


def _zsh(root: Node) -> Iterator[str]:
    yield "#compdef ssmx"
    yield "_ssmx() {"
    yield "    local word place=ssmx at before=${words[CURRENT-1]}"
    yield "    local -a offered"
    yield "    for ((at = 2; at < CURRENT; at++)); do"
    yield "        word=${words[at]}"
    yield '        case "$word" in'
    yield "            --) _files; return ;;"
    yield from _place(root)
    yield '    case "$before" in'
    for words, options in _choosing(root).items():
        yield f"        {'|'.join(options)}) compadd -- {' '.join(words)}; return ;;"
    yield f"        {'|'.join(_valued(root))}) return ;;"
    yield "    esac"
    yield '    case "$place" in'
    for path, node in _walk(root):
        yield f'        "{path}")'
        yield "            if [[ $PREFIX == -* ]]; then offered=("
        yield from (f"                {_quoted(f'{name}:{about}')}" for name, (about, _) in node.options.items())
        yield "            ); else offered=("
        yield from (f"                {_quoted(f'{name}:{inner.about}')}" for name, inner in node.commands.items())
        yield from (f"                {_quoted(word)}" for word in node.words)
        yield "            ); fi ;;"
    yield "    esac"
    yield "    _describe ssmx offered"
    yield "}"
    yield 'if [[ $funcstack[1] == _ssmx ]]; then _ssmx "$@"; else compdef _ssmx ssmx; fi'


def _fish(root: Node) -> Iterator[str]:
    yield "complete -c ssmx -f"
    for path, node in _walk(root):
        condition = _fish_condition(path, root)
        for name, inner in node.commands.items():
            yield f"complete -c ssmx -n {_quoted(condition)} -a {name} -d {_quoted(inner.about)}"
        for word in node.words:
            yield f"complete -c ssmx -n {_quoted(condition)} -a {word}"
        for name, (about, takes) in node.options.items():
            dashed = f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}"
            value = "" if takes is None else " -x" + (f" -a {_quoted(' '.join(takes))}" if takes else "")
            yield f"complete -c ssmx -n {_quoted(condition)} {dashed}{value} -d {_quoted(about)}"


def _fish_condition(path: str, root: Node) -> str:
    names = path.split()[1:]
    node = root
    for name in names:
        node = node.commands[name]
    seen = [f"__fish_seen_subcommand_from {name}" for name in names]
    inner = [f"not __fish_seen_subcommand_from {' '.join(node.commands)}"] if node.commands else []
    return "; and ".join([*seen, *inner]) or "true"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
