"""What to ask AWS for: which document, which parameters, and what stands at the local end."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from ssmx.errors import AgentTooOld, UsageError
from ssmx.light import dataclass
from ssmx.model.settings import wrong_reason
from ssmx.model.target import Target
from ssmx.model.wording import host_port

INTERACTIVE_COMMAND = "AWS-StartInteractiveCommand"
COMMAND = "AWS-StartNonInteractiveCommand"
PORT = "AWS-StartPortForwardingSession"
REMOTE_PORT = "AWS-StartPortForwardingSessionToRemoteHost"
SSH = "AWS-StartSSHSession"
SHAKING = (COMMAND, PORT, REMOTE_PORT, SSH)  # whose sessions always begin with a handshake

# The oldest agent that carries a document (AWS user guide and amazon-ssm-agent release notes). Commands are carried
# by older ones too, which do not tell how they ended.
MINIMUM_AGENT: Mapping[str, tuple[int, ...]] = {
    "": (2, 3, 68, 0),
    INTERACTIVE_COMMAND: (2, 3, 668, 0),
    COMMAND: (3, 1, 1511, 0),
    PORT: (2, 3, 672, 0),
    REMOTE_PORT: (3, 1, 1374, 0),
    SSH: (2, 3, 672, 0),
}
DOCUMENTS = tuple(name for name in MINIMUM_AGENT if name)  # AWS's own


@dataclass(frozen=True, slots=True)
class Terminal:
    """The local end is the user's terminal."""


@dataclass(frozen=True, slots=True)
class Stdio:
    """Standard input and output are the bytes of a port of the node, as for ssh's ProxyCommand."""

    port: int


@dataclass(frozen=True, slots=True)
class Outputs:
    """Standard output and standard error of a command are ours; `timeout` in seconds, 0 for none."""

    timeout: float = 0.0


@dataclass(frozen=True, slots=True)
class Streams:
    """Connections of this machine, each a byte stream to `port` of `host`, or of the node where that is empty."""

    port: int
    host: str = ""

    @property
    def far(self) -> str:
        """`host:port` for people; the port alone where it is the node's."""
        return host_port(self.host, self.port) if self.host else f"port {self.port}"


LocalEnd = Terminal | Stdio | Outputs | Streams


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that is decided about a session before it starts; does nothing itself.

    An empty document is the account's default shell document, which StartSession takes without naming it.
    """

    target: Target
    local: LocalEnd
    document: str = ""
    parameters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    reason: str = ""

    def request(self) -> dict[str, Any]:
        """The parameters of ssm:StartSession."""
        request: dict[str, Any] = {"Target": self.target.id}
        if self.document:
            request["DocumentName"] = self.document
        if self.parameters:
            request["Parameters"] = {key: list(values) for key, values in self.parameters.items()}
        if self.reason:
            request["Reason"] = self.reason
        return request

    @property
    def streams(self) -> Streams:
        """The local end of a plan for connections."""
        assert isinstance(self.local, Streams)
        return self.local

    def aws_command(self, *, profile: str, region: str) -> str:
        """The `aws` command line, quoted for a shell, that starts the same session."""
        words = ["aws", "ssm", "start-session", "--target", self.target.id]
        if self.document:
            words += ["--document-name", self.document]
        if self.parameters:
            words += [
                "--parameters",
                json.dumps({key: list(values) for key, values in self.parameters.items()}),
            ]
        if self.reason:
            words += ["--reason", self.reason]
        if profile:
            words += ["--profile", profile]
        return shlex.join([*words, "--region", region])


def plan_shell(
    target: Target,
    *,
    document: str = "",
    parameters: Sequence[tuple[str, str]] = (),
    command: Sequence[str] = (),
    reason: str = "",
) -> Plan:
    """A session with a terminal: the account's shell, a document of yours, or one interactive command.

    One command word is a shell string and is passed as it is; several are quoted, so that each arrives as one.
    Raises UsageError for a request AWS would refuse, AgentTooOld where the node's agent cannot carry it.
    """
    collected: dict[str, tuple[str, ...]] = {}
    for key, value in parameters:
        collected[key] = (*collected.get(key, ()), value)
    if command:
        if not any(command):
            raise UsageError("an empty command after --", hint="leave -- out for a shell")
        if "command" in collected:
            raise UsageError("a command after -- and --parameter command=… at once", hint="give one of the two")
        document = document or INTERACTIVE_COMMAND
        collected["command"] = (command[0] if len(command) == 1 else shlex.join(command),)
    if collected and not document:
        raise UsageError("the default shell document takes no parameters", hint="give --document too")
    return _checked(Plan(target, Terminal(), document, collected, reason))


def plan_run(target: Target, command: Sequence[str], *, timeout: float = 0.0, reason: str = "") -> Plan:
    """A command without a terminal, whose output, errors and status come back apart.

    The node's agent splits the command as a shell would and starts it without one. So one word is a string for a
    shell of the node's, and several are the words of the command. On Windows the agent gives the words to
    PowerShell. `timeout` is in seconds, 0 for none. Raises UsageError and AgentTooOld.
    """
    if not any(command):
        raise UsageError("no command after --", hint="ssmx run TARGET -- COMMAND")
    words = list(command)
    if len(words) == 1 and not target.windows:
        words = ["sh", "-c", words[0]]
    parameters = {"command": (shlex.join(words),), "separateOutputStream": ("true",)}
    return _checked(Plan(target, Outputs(timeout), COMMAND, parameters, reason))


def plan_ssh(target: Target, *, port: int = 22, reason: str = "") -> Plan:
    """The bytes of a port of the node on standard input and output. Raises AgentTooOld, UsageError."""
    return _checked(Plan(target, Stdio(port), SSH, {"portNumber": (str(port),)}, reason))


def plan_forward(target: Target, *, port: int, host: str = "", reason: str = "") -> Plan:
    """Connections to a port of the node, or of `host` as seen from there. Raises AgentTooOld, UsageError."""
    parameters = {"portNumber": (str(port),)}
    if host:
        parameters["host"] = (host,)
    return _checked(Plan(target, Streams(port, host), REMOTE_PORT if host else PORT, parameters, reason))


def _checked(plan: Plan) -> Plan:
    if wrong := wrong_reason(plan.reason):
        raise UsageError(f"--reason: {wrong}", hint="one line of at most 256 characters, the API's limit")
    check_agent(plan.target.label, plan.target.agent_version, plan.document)
    return plan


def check_agent(label: str, agent_version: str, document: str) -> None:
    """Raise AgentTooOld where the agent on `label` cannot carry `document`; an unknown version may."""
    wanted = MINIMUM_AGENT.get(document, ())
    if agent_version and version(agent_version) < wanted:
        needed = ".".join(map(str, wanted))
        why = ": older ones do not tell how a command ended" if document == COMMAND else ""
        raise AgentTooOld(
            f"{label} runs agent {agent_version}; {document or 'a session'} needs {needed}{why}",
            hint="update it with the AWS-UpdateSSMAgent document",
        )


def version(text: str) -> tuple[int, ...]:
    """A dotted version as numbers, so that 3.10 is newer than 3.9; parts that are no numbers count as 0."""
    return tuple(int(part) if part.isdecimal() else 0 for part in text.split("."))
