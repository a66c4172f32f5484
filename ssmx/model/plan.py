"""What to ask AWS for: which document, which parameters, and what stands at the local end."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ssmx.errors import AgentTooOld, UsageError
from ssmx.model.target import Target

INTERACTIVE_COMMAND = "AWS-StartInteractiveCommand"

# The oldest agent that carries a document (AWS user guide and amazon-ssm-agent release notes).
MINIMUM_AGENT: Mapping[str, tuple[int, ...]] = {
    "": (2, 3, 68, 0),
    INTERACTIVE_COMMAND: (2, 3, 668, 0),
}


@dataclass(frozen=True, slots=True)
class Terminal:
    """The local end is the user's terminal."""


LocalEnd = Terminal


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
    if len(reason) > 256 or "\n" in reason:
        raise UsageError(
            f"--reason has {len(reason)} characters in {len(reason.splitlines())} lines",
            hint="one line of at most 256 characters, the API's limit",
        )
    _check_agent(target, document)
    return Plan(target, Terminal(), document, collected, reason)


def _check_agent(target: Target, document: str) -> None:
    wanted = MINIMUM_AGENT.get(document, ())
    if target.agent_version and version(target.agent_version) < wanted:
        needed = ".".join(map(str, wanted))
        raise AgentTooOld(
            f"{target.label} runs agent {target.agent_version}; {document or 'a session'} needs {needed}",
            hint="update it with the AWS-UpdateSSMAgent document",
        )


def version(text: str) -> tuple[int, ...]:
    """A dotted version as numbers, so that 3.10 is newer than 3.9; parts that are no numbers count as 0."""
    return tuple(int(part) if part.isdecimal() else 0 for part in text.split("."))
