"""How a session ends badly, told in the same words whatever carried it."""

from __future__ import annotations

from ssmx.errors import SessionLost, SessionRefused, SsmxError, UsageError
from ssmx.model.plan import Plan


def closed(reason: str, plan: Plan, *, ready: bool) -> SsmxError:
    """channel_closed came with a reason; before the session was ready it is the node's refusal."""
    said = " ".join(reason.replace("----------ERROR-------", "").split())
    if ready:
        return SessionLost(f"the session on {plan.target.label} was ended: {said}")
    return SessionRefused(
        f"{plan.target.label} refused the session: {said}", hint="the node's agent says so; -v shows more"
    )


def wrong_type(plan: Plan, session_type: str) -> SsmxError:
    """The document opens a session of a kind that has no terminal."""
    return UsageError(
        f"document {plan.document} opens a {session_type} session, not a shell",
        hint="choose a document of type Standard_Stream or InteractiveCommands",
    )
