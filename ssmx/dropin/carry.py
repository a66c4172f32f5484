"""Carry a session that somebody else has started, whatever kind it is, and end it."""

from __future__ import annotations

import asyncio
import os
from functools import partial
from pathlib import Path

from ssmx.app import App
from ssmx.channel.events import Ready
from ssmx.channel.handshake import COMMANDS, MUX_AFTER, PORTS, newer
from ssmx.dropin import words
from ssmx.dropin.contract import Call
from ssmx.dropin.plain import Plain
from ssmx.errors import Interrupted, SsmxError
from ssmx.lifetime import end_in_time
from ssmx.model.session import is_ssm_endpoint
from ssmx.model.settings import Value, merge
from ssmx.model.wording import printable
from ssmx.transport.interrupt import Interrupt
from ssmx.transport.link import Stream
from ssmx.transport.native.driver import Driver
from ssmx.transport.native.link import Link
from ssmx.transport.native.shell import Shell
from ssmx.transport.native.stdio import Stdio
from ssmx.transport.native.support import Support
from ssmx.tunnel.listener import Listener

_ORIGIN = "the caller"


def carry(app: App, call: Call) -> None:
    """Carry the session to its end, which is normal where this returns. Raises what ended it badly.

    A session that the service did not end itself is ended, whatever happened.
    """
    app.flags["region"] = Value(call.region, _ORIGIN)
    app.flags["profile"] = Value(call.profile, _ORIGIN)  # where that is empty, the AWS settings say
    if call.endpoint and is_ssm_endpoint(call.endpoint):  # `aws ecs execute-command` hands over that of ECS
        app.endpoints["ssm"] = call.endpoint
    session_id = call.session.id
    is_open = True
    with app.signals.held("ending the session first"):
        try:
            app.native_transport().meet(call.session, call.plan, partial(_carry, call))
            is_open = False
        except Interrupted:
            pass  # the user has ended it
        except SsmxError as error:
            is_open = "reason" not in error.details  # which is the service's
            raise
        finally:
            if is_open:
                _end(app, session_id)


def _end(app: App, session_id: str) -> None:
    """End the session, though the settings may not be readable, and say where that cannot be."""
    try:
        show = app.show
    except SsmxError:
        app.settings = merge(app.flags, {}, [])
        show = app.show
    if (failure := end_in_time(app, session_id)) is not None:
        show.note(f"could not end session {session_id}: {failure.message}")


async def _carry(call: Call, ready: Ready, driver: Driver, support: Support, interrupt: Interrupt) -> int:
    is_port = ready.session_type in PORTS
    if is_port and ready.properties.get("type") != "LocalPortForwarding":
        port = str(ready.properties.get("portNumber", ""))
        return await Stdio(call.plan, support, interrupt, port=int(port) if port.isdecimal() else 0).run(driver)
    words.say(words.starting(call.session.id))
    try:
        if is_port:
            await _forward(call, ready, driver, support, interrupt)
        elif ready.session_type in COMMANDS:
            await Plain(call.plan, support, interrupt, typed=False).run(driver)
        elif os.isatty(0):
            await Shell(call.plan, support, interrupt).run(driver)
        else:
            await Plain(call.plan, support, interrupt, typed=True).run(driver)
    except Interrupted:
        if is_port:
            words.say(words.INTERRUPTED)
        words.say(words.exiting(call.session.id))
        raise
    except SsmxError as error:
        if reason := error.details.get("reason"):
            words.say(words.closed(call.session.id, printable(str(reason))))
        raise
    words.say(words.exiting(call.session.id))
    return 0


async def _forward(call: Call, ready: Ready, driver: Driver, support: Support, interrupt: Interrupt) -> None:
    """Listen where the session's properties say, and carry connections until it ends."""
    multiplexed = newer(ready.agent_version, MUX_AFTER)
    told = False

    def connected() -> None:
        nonlocal told
        if not (multiplexed and told):
            words.mention(words.accepted(call.session.id, multiplexed=multiplexed))
        told = True

    link = Link(call.plan, support)

    def refused(_stream: Stream) -> bool:
        words.mention(words.REFUSED)
        return False

    listener = Listener(link, connected=connected, refused=refused)
    try:
        await interrupt.beside(link.begin(driver))
        await _listen(listener, ready, call.session.id)
        if multiplexed:
            words.say(words.WAITING)
        ended = await interrupt.beside(link.ended())
        if not link.ended_well:
            raise ended
    finally:
        await listener.close()
        await asyncio.shield(link.close())


async def _listen(listener: Listener, ready: Ready, session_id: str) -> None:
    wanted = {key: str(value or "") for key, value in ready.properties.items()}
    path = wanted.get("localUnixSocket", "")
    if wanted.get("localConnectionType") == "unix" and path:
        await listener.start_at(Path(path))
        words.say(words.socket_opened(path, session_id))
        return
    number = wanted.get("localPortNumber", "")
    port = await listener.start(int(number) if number.isdecimal() else 0)
    words.say(words.port_opened(port, session_id))
