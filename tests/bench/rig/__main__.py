"""`python -m tests.bench.rig`: serve on loopback, and print where as one line of JSON."""

import argparse
import asyncio
import json
import os
import signal

from tests.bench.rig.control import leave_with_parent
from tests.bench.rig.server import Connection
from tests.bench.rig.site import Site


def options():
    """The options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--host", default="127.0.0.1", choices=["127.0.0.1", "::1"])
    add("--port", type=int, default=0)
    add("--agent-version", default="3.3.987.0", help="above 3.0.196.0: many connections at a time")
    add("--handshake", default="agent", choices=["agent", "always", "never"], help="agent: like the real one")
    add("--pace", default="none", choices=["none", "agent"], help="agent: 1 ms of sleep after each message")
    add("--payload-size", type=int, default=1024)
    add("--delay-ms", type=float, default=0, help="one way, in each direction")
    add("--start-delay", type=float, default=0, help="seconds from the opening to the first message")
    add("--shell", default="/bin/bash --norc --noprofile -i")
    add("--ps1", default="fake$ ")
    add("--smux-version", type=int, default=1)
    add("--kms-key", help="encrypt sessions that are not of ports")
    add("--extra-action", help="an unknown action in the handshake")
    add("--customer-message", default="")
    add("--cell-number", default="", help="appended to the StreamUrl")
    add("--record-input", help="append all input to this file")
    add("--with-parent", action="store_true", help="leave at the end of the standard input")
    add("-v", "--verbose", action="store_true")
    return parser.parse_args()


async def serve(chosen):
    """Serve until a signal says to leave, or the parent is gone."""
    loop = asyncio.get_running_loop()
    site = Site(chosen)
    server = await loop.create_server(lambda: Connection(site), chosen.host, chosen.port, backlog=1024)
    site.port = server.sockets[0].getsockname()[1]
    host = f"[{chosen.host}]" if ":" in chosen.host else chosen.host
    where = {"port": site.port, "endpoint": f"http://{host}:{site.port}/{site.secret}", "pid": os.getpid()}
    print(json.dumps(where), flush=True)
    leave = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, leave.set)
    if chosen.with_parent:
        leave_with_parent(leave)
    await leave.wait()
    for session in site.sessions.values():
        if session.end:
            session.end.stop()
    server.close()
    rest = asyncio.all_tasks() - {asyncio.current_task()}
    for task in rest:
        task.cancel()
    if rest:
        await asyncio.wait(rest, timeout=1)


def main():
    try:
        import uvloop
    except ImportError:
        asyncio.run(serve(options()))
    else:
        uvloop.run(serve(options()))


if __name__ == "__main__":
    main()
