"""Every error ssmx raises: what the user reads, its exit status, and a stable code for scripts.

The statuses follow sysexits.h where it has a word for the case. README lists them; a contract test compares.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar


class SsmxError(Exception):
    """What happened, in words for the user; `hint` is what to do about it, `advice` where nobody knows better.

    `details` are facts for `--output json` (candidates, names); never a secret.
    """

    exit: ClassVar[int] = 70
    code: ClassVar[str] = "internal"
    advice: ClassVar[str] = ""

    def __init__(self, message: str, *, hint: str = "", details: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint or self.advice
        self.details = details or {}


class UsageError(SsmxError):
    """The command line asks for something that has no meaning."""

    exit = 2
    code = "usage"
    advice = "ssmx --help"


class BadParameter(UsageError):
    """A session document does not take this parameter, or not in this form."""

    code = "bad-parameter"


class NoSuchTarget(SsmxError):
    """Nothing has that name where we looked."""

    exit = 68
    code = "no-such-target"


class AmbiguousTarget(SsmxError):
    """More than one node has that name, and ssmx does not guess."""

    exit = 68
    code = "ambiguous-target"


class NoSuchEndpoint(SsmxError):
    """No database or service has that name where we looked."""

    exit = 68
    code = "no-such-endpoint"


class AmbiguousEndpoint(SsmxError):
    """More than one database or service has that name, and ssmx does not guess."""

    exit = 68
    code = "ambiguous-endpoint"


class NoSuchSession(SsmxError):
    """No session of ours has that id."""

    exit = 68
    code = "no-such-session"


class NoSuchTunnel(SsmxError):
    """No tunnel has the name."""

    exit = 68
    code = "no-such-tunnel"
    advice = "`ssmx ps` lists those that run"


class TargetOffline(SsmxError):
    """The node exists but no session can reach it now."""

    exit = 69
    code = "target-offline"


class AgentTooOld(SsmxError):
    """The node's agent cannot carry this kind of session."""

    exit = 69
    code = "agent-too-old"


class SessionRefused(SsmxError):
    """The node's agent refused the session before it began; it says why."""

    exit = 69
    code = "session-refused"


class NoJump(SsmxError):
    """No node that ssmx may use reaches the endpoint."""

    exit = 69
    code = "no-jump"
    advice = "name a node with --via TARGET"


class PortUnreachable(SsmxError):
    """The node does not reach the port, or nobody answers there."""

    exit = 69
    code = "port-unreachable"


class DocumentMissing(SsmxError):
    """The session document does not exist here, or is no session document."""

    exit = 69
    code = "document-missing"


class KeyUnusable(SsmxError):
    """The account encrypts its sessions with a KMS key that cannot be used."""

    exit = 69
    code = "key-unusable"
    advice = "look at kmsKeyId in the account's session preferences (document SSM-SessionManagerRunShell)"


class NoTerminal(SsmxError):
    """A shell needs a terminal, and there is none."""

    exit = 73
    code = "no-terminal"


class NoPlugin(SsmxError):
    """The official session-manager-plugin was asked for and cannot be used."""

    exit = 73
    code = "no-plugin"
    advice = "`ssmx plugin status` looks at it; `--transport native` needs no plugin"


class LocalFault(SsmxError):
    """Something on this machine is in the way: a folder, a permission, a missing package."""

    exit = 73
    code = "local-fault"


class PortTaken(LocalFault):
    """Another program listens on a port of this machine."""

    code = "port-taken"


class SessionLost(SsmxError):
    """The session ended in the middle, or was ended by somebody else."""

    exit = 74
    code = "session-lost"
    advice = "run the command again"


class TryLater(SsmxError):
    """AWS throttled the call or did not answer in time: the same command may work later."""

    exit = 75
    code = "try-later"
    advice = "try again in a minute"


class Throttled(TryLater):
    """AWS takes no more calls of this kind for the moment."""

    code = "throttled"


class CommandTimedOut(TryLater):
    """The command on the node took longer than it was given, and was interrupted."""

    code = "command-timed-out"
    advice = "give it more with --timeout"


class ProtocolError(SsmxError):
    """The peer broke the data-channel protocol."""

    exit = 76
    code = "protocol"
    advice = "run it again with -v; a proxy may have changed what was sent"


class Refused(SsmxError):
    """AWS does not take the request from these credentials: a wrong key, a wrong clock, a region not enabled."""

    exit = 77
    code = "refused"


class AccessDenied(SsmxError):
    """AWS refused the call; the message names the action and the resource."""

    exit = 77
    code = "access-denied"


class SignInExpired(SsmxError):
    """The credentials were good once."""

    exit = 77
    code = "sign-in-expired"
    advice = "sign in again: `aws sso login`, `aws login`, or renew the keys of this profile"


class ConfigError(SsmxError):
    """Configuration, profile, region or credentials are missing or wrong."""

    exit = 78
    code = "config"


class ClientUnusable(SsmxError):
    """The program after `--` is there and cannot be run, as a shell says it."""

    exit = 126
    code = "client-unusable"


class NoClient(SsmxError):
    """There is no program of the name after `--`, as a shell says it."""

    exit = 127
    code = "no-client"


class HungUp(SsmxError):
    """The terminal went away (SIGHUP)."""

    exit = 129
    code = "hung-up"


class ReaderGone(SsmxError):
    """Whoever read our answer has enough of it (`| head`)."""

    exit = 141
    code = "reader-gone"


class Interrupted(SsmxError):
    """Ctrl-C, or SIGINT from elsewhere."""

    exit = 130
    code = "interrupted"


class Terminated(SsmxError):
    """SIGTERM."""

    exit = 143
    code = "terminated"


def told(error: SsmxError) -> dict[str, Any]:
    """An error as one process tells it to another."""
    return {"code": error.code, "message": error.message, "hint": error.hint}


def of_told(body: Mapping[str, Any]) -> SsmxError:
    """The error that another process has told."""
    kinds = [SsmxError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    kind = next((each for each in kinds if each.code == body.get("code")), SsmxError)
    return kind(str(body.get("message", "")), hint=str(body.get("hint", "")))
