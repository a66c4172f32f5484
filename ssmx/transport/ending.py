"""How a session ends badly, told in the same words whatever carried it."""

from __future__ import annotations

from ssmx.errors import PortUnreachable, SessionLost, SessionRefused, SsmxError, UsageError
from ssmx.model.plan import Plan, Terminal

CHANNEL_HINT = "ask for ssmmessages:OpenDataChannel on * in your IAM policy, and check this machine's clock"


def closed(reason: str, plan: Plan, *, ready: bool) -> SsmxError:
    """channel_closed came with a reason; before the session was ready it is the node's refusal."""
    said = " ".join(reason.replace("----------ERROR-------", "").split())
    if ready:
        return SessionLost(f"the session on {plan.target.label} was ended: {said}")
    return SessionRefused(
        f"{plan.target.label} refused the session: {said}", hint="the node's agent says so; -v shows more"
    )


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
