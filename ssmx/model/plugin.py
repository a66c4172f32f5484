"""The official session-manager-plugin: which versions are good, when it carries a session, how it is installed.

Versions: AWS user guide, "Session Manager plugin latest version and release history", and the plugin's issues.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from enum import StrEnum

from ssmx.errors import NoPlugin
from ssmx.light import dataclass
from ssmx.model.plan import version
from ssmx.model.settings import Value

MINIMUM = "1.2.764.0"  # the first that signs the data channel; AWS: "will soon stop supporting earlier versions"
TUNNELS = "1.2.835.0"  # the first whose ports live on after a reconnect
ESCAPES = "1.2.835.0"  # the first that takes ~. for itself
LAST_WITHOUT_VARIABLE = "1.2.497.0"  # takes the token on its command line only, where `ps` shows it
FROM_SOURCE = "1.2.0.0"  # what every build of the public source calls itself

BAD: Mapping[tuple[int, ...], str] = {
    (1, 2, 458): "it does not start sessions; its users went back to the version before",
    (1, 2, 688): "AWS withdrew it: it refuses to work for callers without credentials of their own",
    (1, 2, 889): "AWS withdrew it on the day of its release",
}

_WORSE = "the plugin changes a lone line feed and sends 0.8 MB/s at most"
_VERSION = r"\d+(\.\d+){0,3}"


class Verdict(StrEnum):
    """What is to be thought of an executable called session-manager-plugin."""

    GOOD = "good"
    OLD = "old"
    BAD = "bad"
    UNKNOWN = "unknown"
    SHIM = "shim"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Plugin:
    """One executable, what it says its version is, and what is to be thought of it."""

    path: str
    version: str
    verdict: Verdict
    why: str = ""

    @property
    def supported(self) -> bool:
        """Whether ssmx uses it without being told to."""
        return self.verdict is Verdict.GOOD

    @property
    def usable(self) -> bool:
        """Whether it can be used at all: it is the official one and takes the token out of everybody's sight."""
        if self.verdict in (Verdict.SHIM, Verdict.BROKEN):
            return False
        return self.verdict is Verdict.UNKNOWN or version(self.version) > version(LAST_WITHOUT_VARIABLE)

    @property
    def escapes(self) -> bool:
        """Whether it has escape sequences of its own."""
        return version(self.version) >= version(ESCAPES)

    @property
    def label(self) -> str:
        """For a sentence."""
        return f"session-manager-plugin {self.version} ({self.path})" if self.version else self.path


def judge(path: str, said: str) -> Plugin:
    """The verdict on the executable in `path`, which answered `--version` with `said`."""
    if not re.fullmatch(_VERSION, said):
        return broken(path, f"it calls its version {said[:40]!r}" if said else "it does not tell its version")
    number = (*version(said), 0, 0, 0)[:4]
    if said == FROM_SOURCE:
        return Plugin(path, said, Verdict.UNKNOWN, "built from source, which does not know its own version")
    if why := BAD.get(number[:3]):
        return Plugin(path, said, Verdict.BAD, why)
    if number <= version(LAST_WITHOUT_VARIABLE):
        why = f"up to {LAST_WITHOUT_VARIABLE} it takes the session's token only where `ps` shows it"
        return Plugin(path, said, Verdict.OLD, why)
    if number < version(MINIMUM):
        return Plugin(path, said, Verdict.OLD, f"AWS asks for {MINIMUM} or newer")
    if number < version(TUNNELS):
        return Plugin(path, said, Verdict.GOOD, f"for tunnels {TUNNELS} is the oldest that survives a reconnect")
    return Plugin(path, said, Verdict.GOOD)


def broken(path: str, why: str) -> Plugin:
    """It cannot be run as a plugin."""
    return Plugin(path, "", Verdict.BROKEN, why)


def shim(path: str) -> Plugin:
    """It is ssmx itself under the plugin's name."""
    return Plugin(path, "", Verdict.SHIM, "it is ssmx under the plugin's name")


def best(found: list[Plugin]) -> Plugin | None:
    """The first that is supported, else the first that can be used at all."""
    usable = [each for each in found if each.usable]
    return next((each for each in usable if each.supported), usable[0] if usable else None)


class Kind(StrEnum):
    """The kinds of session."""

    SHELL = "shell, or a command on a terminal"
    FORWARD = "port forward"
    TUNNEL = "tunnel to a remote host"
    SSH = "ssh stream"
    COMMAND = "command without a terminal"


@dataclass(frozen=True, slots=True)
class Choice:
    """What carries a session on AWS, and why. `warning` is for the user to read before it starts."""

    carrier: str
    why: str
    plugin: Plugin | None = None
    """The one that carries it, or that is tried where our own client cannot; None where none may be used."""
    warning: str = ""


def automatic(kind: Kind, plugin: Plugin | None) -> Choice:
    """What `transport = "auto"` takes for a session of this kind, where `plugin` is the best installed."""
    if kind is not Kind.SHELL:
        return Choice("native", _WORSE, plugin)
    if plugin is None:
        return Choice("native", "no session-manager-plugin is installed that can be used")
    if not plugin.supported:
        why = f"session-manager-plugin {plugin.version} is {plugin.verdict}: {plugin.why}"
        return Choice("native", why, plugin)
    return Choice("plugin", f"session-manager-plugin {plugin.version} is installed", plugin)


def choose(kind: Kind, found: Iterable[Plugin], *, transport: Value[str], configured: Value[str]) -> Choice:
    """What is to carry a session, by the settings `transport` and `plugin` and by what is installed.

    `found` is read as far as the first supported one. Raises NoPlugin where one was asked for and none is usable.
    """
    if transport.value == "native":
        return Choice("native", f"transport is native ({transport.origin})")
    seen = []
    for each in found:
        seen.append(each)
        if each.supported:
            break
    plugin = best(seen)
    excuse = "; ".join(f"{each.label}: {each.why}" for each in seen) or "none is installed"
    if configured.value:
        excuse += f" (plugin from {configured.origin})"
    if transport.value == "plugin":
        if plugin is None:
            raise NoPlugin(
                f"no session-manager-plugin can be used: {excuse}",
                hint="`ssmx plugin status` says how to install one; `--transport native` needs none",
            )
        warning = "" if plugin.supported else f"warning: {plugin.label} is {plugin.verdict}: {plugin.why}"
        return Choice("plugin", f"transport is plugin ({transport.origin})", plugin, warning)
    choice = automatic(kind, plugin)
    return replace(choice, warning=excuse) if plugin is None and configured.value else choice


# AWS user guide, "Install the Session Manager plugin".
_DOWNLOADS = "https://s3.amazonaws.com/session-manager-downloads/plugin/latest"
_INSTALL: Mapping[str, tuple[str, ...]] = {
    "debian": (
        f"curl -fO {_DOWNLOADS}/ubuntu_{{bits}}/session-manager-plugin.deb",
        "sudo dpkg -i session-manager-plugin.deb",
    ),
    "redhat": (f"sudo dnf install -y {_DOWNLOADS}/linux_{{bits}}/session-manager-plugin.rpm",),
    "macos": (
        f"curl -fO {_DOWNLOADS}/{{mac}}/session-manager-plugin.pkg",
        "sudo installer -pkg session-manager-plugin.pkg -target /",
        "sudo ln -s /usr/local/sessionmanagerplugin/bin/session-manager-plugin /usr/local/bin/",
    ),
    "windows": (f"{_DOWNLOADS}/windows/SessionManagerPluginSetup.exe",),
}


def how_to_install(*, arm: bool) -> dict[str, list[str]]:
    """The commands that install the newest version, by platform, for ARM or x86-64."""
    words = {"bits": "arm64" if arm else "64bit", "mac": "mac_arm64" if arm else "mac"}
    return {platform: [line.format(**words) for line in lines] for platform, lines in _INSTALL.items()}
