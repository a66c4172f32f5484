"""Session documents: the ones AWS owns, and what a document becomes with the caller's parameters in it.

Names, defaults and patterns as in AWS's documents (copies in amazon-ssm-agent issue 389 and the user guide); the
texts of parameter errors are those Run Command gives, which StartSession's are not known to differ from.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PREFERENCES = "SSM-SessionManagerRunShell"

_PORT = r"^([1-9]|[1-9][0-9]{1,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])$"
_PORT_OR_ANY = r"^([0-9]|[1-9][0-9]{1,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])$"
_HOST = r"^[^,$^&\(\)!;'\"<>\`{}\[\]\|#=]{3,}$"
_PREFIX = r"^[0-9a-zA-Z\r\n_:-]{0,30}$"


def _string(default: str | None = None, pattern: str = "", *, kind: str = "String") -> dict[str, Any]:
    facts: dict[str, Any] = {"type": kind}
    if default is not None:
        facts["default"] = default
    if pattern:
        facts["allowedPattern"] = pattern
    return facts


def _document(
    description: str, kind: str, parameters: dict[str, Any], properties: dict[str, Any]
) -> dict[str, Any]:
    return {
        "schemaVersion": "1.0",
        "description": description,
        "sessionType": kind,
        "parameters": parameters,
        "properties": properties,
    }


_FORWARD = {
    "portNumber": "{{ portNumber }}",
    "type": "LocalPortForwarding",
    "localPortNumber": "{{ localPortNumber }}",
}
_COMMAND = {"commands": "{{ command }}", "runAsElevated": False}

AWS_OWNED: Mapping[str, dict[str, Any]] = {
    "AWS-StartSSHSession": _document(
        "Document to start SSH session over Session Manager",
        "Port",
        {"portNumber": _string("22", _PORT)},
        {"portNumber": "{{ portNumber }}"},
    ),
    "AWS-StartPortForwardingSession": _document(
        "Document to start port forwarding session over Session Manager",
        "Port",
        {"portNumber": _string("80", _PORT), "localPortNumber": _string("0", _PORT_OR_ANY)},
        _FORWARD,
    ),
    "AWS-StartPortForwardingSessionToRemoteHost": _document(
        "Document to start port forwarding session over Session Manager to remote host",
        "Port",
        {
            "host": _string("localhost", _HOST),
            "portNumber": _string("80", _PORT),
            "localPortNumber": _string("0", _PORT_OR_ANY),
        },
        {**_FORWARD, "host": "{{ host }}"},
    ),
    "AWS-StartInteractiveCommand": _document(
        "Document to run single interactive command on an instance",
        "InteractiveCommands",
        {"command": _string(kind="StringList")},
        {"linux": _COMMAND, "macos": _COMMAND, "windows": _COMMAND},
    ),
    "AWS-StartNonInteractiveCommand": _document(
        "Document to run single non-interactive command on an instance",
        "NonInteractiveCommands",
        {
            "command": _string(kind="StringList"),
            "separateOutputStream": _string("false", r"^(true|false)$"),
            "stdoutSeparatorPrefix": _string("", _PREFIX),
            "stderrSeparatorPrefix": _string("", _PREFIX),
        },
        {
            "linux": _COMMAND,
            "macos": _COMMAND,
            "windows": _COMMAND,
            "separateOutputStream": "{{ separateOutputStream }}",
            "stdOutSeparatorPrefix": "{{ stdoutSeparatorPrefix }}",
            "stdErrSeparatorPrefix": "{{ stderrSeparatorPrefix }}",
        },
    ),
}

DEFAULT_SHELL: Mapping[str, Any] = {"schemaVersion": "1.0", "sessionType": "Standard_Stream", "inputs": {}}


class WrongParameter(Exception):
    """The caller gives a parameter that the document does not take."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a session's agent has to do: a document with every parameter in its place."""

    document: str
    kind: str
    properties: Mapping[str, Any]
    kms_key: str = ""
    idle_minutes: float = 20.0
    profile: str = ""  # typed into the shell when it opens

    @property
    def command(self) -> str:
        """The command line of an InteractiveCommands or NonInteractiveCommands session on Linux."""
        system = self.properties.get("linux")
        return str(system.get("commands", "")) if isinstance(system, Mapping) else ""

    @property
    def separate(self) -> bool:
        """Whether a command's errors and status are to come apart from its output."""
        return str(self.properties.get("separateOutputStream", "")).lower() == "true"

    @property
    def port(self) -> int:
        """The far port of a Port session."""
        number = str(self.properties.get("portNumber", ""))
        return int(number) if number.isdecimal() else 0

    @property
    def host(self) -> str:
        """The far host of a Port session; empty for the node itself."""
        return str(self.properties.get("host", ""))

    @property
    def forwards(self) -> bool:
        """Whether a Port session is for connections of the client's; else it is one stream, as for ssh."""
        return self.properties.get("type") == "LocalPortForwarding"


def prepare(
    name: str,
    content: Mapping[str, Any],
    parameters: Mapping[str, list[str]],
    preferences: Mapping[str, Any] = DEFAULT_SHELL,
) -> Work:
    """The work that document `content` is, with these parameters; raises WrongParameter.

    `preferences` are the account's: they say whether sessions are encrypted where the document does not.
    """
    values = _values(content.get("parameters") or {}, parameters)
    filled = _fill(dict(content), values)
    inputs = {**(preferences.get("inputs") or {}), **(filled.get("inputs") or {})}
    kind = str(filled.get("sessionType", "Standard_Stream"))
    profile = inputs.get("shellProfile") or {}
    return Work(
        document=name,
        kind=kind,
        properties=filled.get("properties") or {},
        kms_key="" if kind == "Port" else str(inputs.get("kmsKeyId") or ""),
        idle_minutes=float(inputs.get("idleSessionTimeout") or 20),
        profile=str(profile.get("linux") or "") if kind == "Standard_Stream" else "",
    )


def _values(declared: Mapping[str, Any], given: Mapping[str, list[str]]) -> dict[str, str]:
    for name in given:
        if name not in declared:
            raise WrongParameter(f'Parameter "{name}" is not defined in the document.')
    values = {}
    for name, facts in declared.items():
        texts = given.get(name)
        if texts is None:
            if "default" not in facts:
                raise WrongParameter(f'Parameter "{name}" requires a value.')
            default = facts["default"]
            texts = default if isinstance(default, list) else [str(default)]
        elif facts.get("type") != "StringList" and len(texts) != 1:
            raise WrongParameter(f'Parameter "{name}" takes one value.')
        pattern = facts.get("allowedPattern")
        for text in texts:
            if pattern and name in given and not re.search(pattern, text):
                raise WrongParameter(f'Parameter "{name}" has value "{text}" not matching "{pattern}".')
        values[name] = " ".join(str(text) for text in texts)
    return values


def _fill(value: Any, values: Mapping[str, str]) -> Any:
    """`{{ name }}` is replaced wherever it stands; the agent does this, the service hands it plain strings."""
    if isinstance(value, str):
        return re.sub(r"\{\{\s*(\w+)\s*\}\}", lambda hit: values.get(hit[1], hit[0]), value)
    if isinstance(value, dict):
        return {key: inner if key == "parameters" else _fill(inner, values) for key, inner in value.items()}
    if isinstance(value, list):
        return [_fill(inner, values) for inner in value]
    return value


def text_of(name: str) -> str:
    """The content of an AWS-owned document, as GetDocument gives it."""
    return json.dumps(AWS_OWNED[name], indent=2)
