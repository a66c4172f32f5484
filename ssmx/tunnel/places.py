"""Where this machine listens: the port that was asked for, or one that is the same the next time."""

from __future__ import annotations

from itertools import chain, islice
from pathlib import Path

from ssmx.errors import LocalFault, PortTaken
from ssmx.model.forward import LOOPBACK, Local
from ssmx.model.wording import host_port
from ssmx.transport.interrupt import on_thread
from ssmx.tunnel.listener import Listener
from ssmx.tunnel.support import Place, Support

_TRIES = 100  # ports


async def listen(support: Support, listener: Listener, local: Local, *, key: str) -> Place:
    """Let `listener` listen where `local` says; `key` is what the port is remembered for. Raises LocalFault."""
    if local.socket:
        path = Path(local.socket).absolute()
        await listener.start_at(path)
        return Place(socket=str(path), label=str(path))
    bind = "" if local.bind == LOOPBACK else local.bind
    if local.port is not None:
        try:
            return _place(local, await listener.start(local.port, bind=bind))
        except PortTaken as error:
            by = await on_thread(lambda: support.holder(local.port or 0))
            raise PortTaken(f"{error.message}{f' by {by}' if by else ''}", hint=error.hint) from error
    wanted = chain(filter(None, [local.preferred]), islice(support.ports.candidates(key), _TRIES))
    first: LocalFault | None = None
    for port in wanted:
        try:
            started = await listener.start(port, bind=bind)
        except LocalFault as fault:
            if port == local.preferred:
                support.note(f"{fault.message}; another port is taken")
            else:
                support.detail(fault.message)
            first = first or fault
        else:
            if port != local.preferred:
                support.ports.keep(key, port)
            return _place(local, started)
    raise first or LocalFault("no port is free")


def _place(local: Local, port: int) -> Place:
    return Place(local.dialled, port, label=host_port(local.bind, port))
