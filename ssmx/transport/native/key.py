"""Get the data key of an encrypted session, in the time the agent waits for it."""

from __future__ import annotations

import asyncio

from ssmx.channel.encryption import AGENT_WAITS, Cipher, context
from ssmx.channel.events import KeyNeeded
from ssmx.errors import KeyUnusable, TryLater
from ssmx.model.plan import Plan
from ssmx.model.session import Session
from ssmx.transport.interrupt import on_thread
from ssmx.transport.native.support import Support

# The rest is for the answer's way, and for the challenge that follows it.
_SECONDS = AGENT_WAITS - 4.0

_NEWER = "update the AWS CLI: those of 2019 and older do not hand over the request"


async def find_key(support: Support, session: Session, plan: Plan, needed: KeyNeeded) -> tuple[Cipher, bytes]:
    """The session's cipher, and its key as the agent can unwrap it. Raises AccessDenied, KeyUnusable, TryLater…"""
    support.detail(f"the session is to be encrypted with the KMS key {needed.key_id}")
    if not plan.target.id:
        raise KeyUnusable("the caller does not tell which node this is, and the key is for one", hint=_NEWER)
    wanted = context(session.id, plan.target.id, needed.challenge)
    try:
        async with asyncio.timeout(_SECONDS):
            return await on_thread(lambda: support.session_key(needed.key_id, wanted))
    except TimeoutError as error:
        said = f"kms:GenerateDataKey has not answered in {_SECONDS:.0f} seconds"
        raise TryLater(
            f"{said}, and {plan.target.label} waits no longer",
            hint="check the way to KMS: the network, HTTPS_PROXY, a VPC endpoint for kms",
        ) from error
