"""How a session ends badly, told in the same words whatever carried it."""

from __future__ import annotations

from ssmx.errors import KeyUnusable, PortUnreachable, SessionLost, SessionRefused, SsmxError, UsageError
from ssmx.model.plan import Plan, Terminal

CHANNEL_HINT = "ask for ssmmessages:OpenDataChannel on * in your IAM policy, and check this machine's clock"


# What the agent says of a key, and what is to be done about it (amazon-ssm-agent 3.3.0.0).
_KEY_HINTS = (
    ("Fetching data key failed", "the node's role needs kms:Decrypt on the key of the session preferences"),
    ("ncryption challenge", "look whether the node reaches KMS, and at the key of the session preferences"),
)


def closed(reason: str, plan: Plan, *, ready: bool) -> SsmxError:
    """channel_closed came with a reason; before the session was ready it is the node's refusal."""
    said, label = " ".join(reason.replace("----------ERROR-------", "").split()), plan.target.label
    told = {"reason": said}
    if ready:
        return SessionLost(f"the session on {label} was ended: {said}", details=told)
    for words, hint in _KEY_HINTS:
        if words in said:
            return KeyUnusable(f"{label} cannot encrypt the session: {said}", hint=hint, details=told)
    hint = "the node's agent says so; -v shows more"
    return SessionRefused(f"{label} refused the session: {said}", hint=hint, details=told)


def too_early(plan: Plan, reason: str) -> SsmxError:
    """The session ended before it could carry anything; `reason` is the service's, empty where it gave none."""
    if reason.strip():
        return closed(reason, plan, ready=False)
    return SessionRefused(f"{plan.target.label} ended the session before it began", hint="-v shows more")


def quiet(plan: Plan) -> str:
    """A note: the session stands, and the node has said nothing, as before a command that waits for keys."""
    return f"nothing from {plan.target.label} yet; Ctrl-C ends"


def wrong_type(plan: Plan, session_type: str) -> SsmxError:
    """The document opens a session of another kind than was asked for."""
    if not isinstance(plan.local, Terminal):
        return UsageError(
            f"document {plan.document} opens a {session_type} session here", hint="look at the document"
        )
    return UsageError(
        f"document {plan.document} opens a {session_type} session, not a shell",
        hint="choose a document of type Standard_Stream or InteractiveCommands; `ssmx run` is for commands",
    )


def no_answer(plan: Plan) -> SsmxError:
    """The agent has not told that it connected to the port; it tells a refusal only after a minute, or never."""
    port = plan.parameters.get("portNumber", ("?",))[0]
    return PortUnreachable(
        f"port {port} of {plan.target.label} refuses, or does not answer",
        hint="look there whether a server listens on it: `ss -ltn`",
    )
