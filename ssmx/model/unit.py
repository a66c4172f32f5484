"""The unit with which the user's own service manager runs ssmx: systemd's, or launchd's."""

from __future__ import annotations

import plistlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields

from ssmx.errors import ConfigError, Terminated, UsageError
from ssmx.model.settings import Settings

UNITS = ("systemd", "launchd")

_PAUSE = 10  # seconds before it is run again
_PATIENCE = 20  # seconds for it to end its sessions
_FINAL = (
    UsageError.exit,
    ConfigError.exit,
)  # exit statuses that another run would have too: words and settings that are wrong
_STOPPED = Terminated.exit  # what it exits with on SIGTERM

_PASSED = (
    *("PATH", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"),
    *("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION"),
    *("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_CA_BUNDLE"),
    *(f"SSMX_{each.name.upper()}" for each in fields(Settings)),
)
_PROXIES = ("HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy")

# What is a name in both systems, on a command line, and inside a comment of XML.
_LABEL = re.compile(r"[A-Za-z0-9_.]+(-[A-Za-z0-9_.]+)*")


def passed_on(environ: Mapping[str, str]) -> dict[str, str]:
    """What of an environment goes into a unit: settings, and nothing that is or has a secret."""
    found = {name: environ[name] for name in _PASSED if environ.get(name)}
    # Who signs in at a proxy is in its URL, before an @.
    found |= {name: environ[name] for name in _PROXIES if environ.get(name) and "@" not in environ[name]}
    return {name: value for name, value in found.items() if value.isprintable()}


def unit(kind: str, *, words: Sequence[str], folder: str, label: str, env: Mapping[str, str]) -> str:
    """A unit of that kind that runs `words`, whose first is a whole path, in `folder`. Raises UsageError."""
    if kind not in UNITS:
        raise UsageError(f"no unit of {kind!r}", hint=f"known are {', '.join(UNITS)}")
    if not _LABEL.fullmatch(label):
        raise UsageError(f"{label!r} is no name of a unit", hint="letters, digits, and . _ - between them")
    if not all(each.isprintable() for each in (*words, folder, *env.values())):
        raise UsageError("a unit has no place for control characters")
    return _WRITERS[kind](words, folder, label, env)


def _systemd(words: Sequence[str], folder: str, label: str, env: Mapping[str, str]) -> str:
    name = f"{label}.service"
    # Of the first word systemd replaces no variable.
    command = " ".join([_quoted(words[0]), *(_quoted(each.replace("$", "$$")) for each in words[1:])])
    lines = [
        f"# Save it as ~/.config/systemd/user/{name}, then:",
        f"#   systemctl --user daemon-reload && systemctl --user enable --now {name}",
        f"#   journalctl --user -u {name}     what it says",
        "#   loginctl enable-linger           to have it run while you are not signed in",
        "",
        "[Unit]",
        f"Description=ssmx ({label})",
        "# Few users' managers have this target; where yours has none, RestartSec does the waiting.",
        "Wants=network-online.target",
        "After=network-online.target",
        "StartLimitIntervalSec=0",
        "",
        "[Service]",
        "Type=exec",
        f"WorkingDirectory={_unspecified(folder)}",
        *(f"Environment={_quoted(f'{key}={value}')}" for key, value in env.items()),
        f"ExecStart={command}",
        "Restart=on-failure",
        f"RestartSec={_PAUSE}",
        f"RestartPreventExitStatus={' '.join(str(each) for each in _FINAL)}",
        "KillSignal=SIGTERM",
        f"SuccessExitStatus={_STOPPED}",
        f"TimeoutStopSec={_PATIENCE}",
        "",
        "[Install]",
        "WantedBy=default.target",
    ]
    return "\n".join(lines) + "\n"


def _unspecified(text: str) -> str:
    """Text in which systemd finds none of its specifiers."""
    return text.replace("%", "%%")


def _quoted(word: str) -> str:
    """One word of a line that systemd splits."""
    word = _unspecified(word)
    if re.fullmatch(r"[A-Za-z0-9_./:=,+@%$-]+", word):
        return word
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _launchd(words: Sequence[str], folder: str, label: str, env: Mapping[str, str]) -> str:
    log = f"{folder}/{label}.log"
    told = {
        "Label": label,
        "ProgramArguments": [*words],
        "WorkingDirectory": folder,
        "EnvironmentVariables": dict(env),
        "RunAtLoad": True,
        "KeepAlive": {"SuccessfulExit": False},
        "ThrottleInterval": _PAUSE,
        "ExitTimeOut": _PATIENCE,
        "ProcessType": "Interactive",  # others are slowed down, and with them whoever types through a tunnel
        "StandardOutPath": log,
        "StandardErrorPath": log,
    }
    text = plistlib.dumps(told, sort_keys=False).decode()
    place = f"~/Library/LaunchAgents/{label}.plist"
    comment = [
        f"<!-- Save it as {place}, then:",
        f"     launchctl bootstrap gui/$UID {place}",
        f"     launchctl bootout gui/$UID/{label}     ends it",
        "     launchd knows no exit status that is final: a wrong word or setting is tried again and again. -->",
    ]
    head, opening, rest = text.partition("<plist ")
    return head + "\n".join(comment) + "\n" + opening + rest


_WRITERS: Mapping[str, Callable[[Sequence[str], str, str, Mapping[str, str]], str]] = {
    "systemd": _systemd,
    "launchd": _launchd,
}
