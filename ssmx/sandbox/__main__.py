"""The sandbox's process: `python -m ssmx.sandbox --folder DIR`. `ssmx.sandbox.control` starts it."""

from __future__ import annotations

import argparse
import json
import os
import secrets
import signal
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import Any

from ssmx import garbage
from ssmx.process import birth
from ssmx.sandbox.control import CA, PROFILE, STATE, Running, running
from ssmx.sandbox.roster import ACCOUNT, REGION

_TICK = 0.5  # seconds between looks at the clock


def main() -> None:
    """Run until SIGTERM, or until nobody has used the sandbox for its idle time."""
    options = _options()
    if options.detach and os.fork():
        os._exit(0)  # before any thread, lock or file of ours
    for name in list(os.environ):
        if name.startswith(("AWS_", "MOTO_", "INITIAL_NO_AUTH")):
            del os.environ[name]
    os.environ |= {
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "MOTO_DISABLE_GLOBAL_CORS": "true",
    }
    os.umask(0o077)
    if options.ready >= 0:
        os.set_inheritable(options.ready, False)  # shells must not hold it open
    stop = threading.Event()

    def ask(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, ask)
    # What is ignored here is ignored in every shell (exec keeps it), and whoever started us may be a nohup.
    for number in (signal.SIGQUIT, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU):
        signal.signal(number, signal.SIG_DFL)
    _run(options, stop)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m ssmx.sandbox", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="where its files are; closed to other users")
    parser.add_argument("--idle-minutes", type=float, default=30.0, help="end after so long without a request")
    parser.add_argument("--first-output", type=float, default=0.1, help="seconds until a shell prints")
    parser.add_argument("--detach", action="store_true", help="leave the work to a child and end")
    parser.add_argument("--ready", type=int, default=-1, help="a file descriptor to close when it is ready")
    return parser.parse_args()


def _run(options: argparse.Namespace, stop: threading.Event) -> None:
    garbage.start()
    # moto takes a second to import, and reads the environment when it does
    from werkzeug.serving import make_server

    from ssmx.sandbox import fleet, seams
    from ssmx.sandbox.calls import Faults, Log
    from ssmx.sandbox.estate import databases, proxies
    from ssmx.sandbox.far import Far
    from ssmx.sandbox.gate import Gate
    from ssmx.sandbox.levers import Levers
    from ssmx.sandbox.nodes import Nodes
    from ssmx.sandbox.servers import postgres
    from ssmx.sandbox.servers.authority import Authority
    from ssmx.sandbox.servers.front import Front
    from ssmx.sandbox.servers.kubernetes import Kubernetes
    from ssmx.sandbox.servers.redis import Redis
    from ssmx.sandbox.services import Hosts, table
    from ssmx.sandbox.sessions import Sessions
    from ssmx.sandbox.stream import Agents

    nodes, faults, log = Nodes(), Faults(), Log()
    seams.correct()
    private = fleet.seed(nodes)
    authority, database, redis = Authority(), postgres.server(), Redis()
    names = [*databases.postgres_hosts(), *proxies.hosts()]
    front = Front(database, authority.server(names, folder=options.folder), find=seams.credential)
    hosts = Hosts(
        postgres=front.serve,
        postgres_hosts=names,
        redis=redis,
        kubernetes=Kubernetes(find=seams.credential).page,
        authority=authority,
        folder=options.folder,
    )
    agents = Agents(
        find=seams.credential,
        unwrap=seams.unwrap,
        faults=faults,
        folder=options.folder,
        far=Far(options.folder, table(hosts), barred=nodes.is_barred),
        silent=nodes.is_silent,
        first_output=options.first_output,
    )
    sessions = Sessions(f"ws://127.0.0.1:{agents.listen()}")
    agents.serve(sessions)
    application = seams.application(nodes, sessions, private, certificate=authority.pem)
    access_key, secret_key = fleet.own_key()
    gate = Gate(
        application,
        find=seams.credential,
        levers=Levers(sessions, nodes, log, faults, agents),
        log=log,
        faults=faults,
        secret_key=secret_key,
    )
    server = make_server("127.0.0.1", 0, gate, threaded=True, request_handler=seams.QuietHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    state = Running(
        pid=os.getpid(),
        started=birth(os.getpid()),
        endpoint=f"http://127.0.0.1:{server.server_port}",
        websocket=sessions.websocket,
        region=REGION,
        account=ACCOUNT,
        config_file=options.folder / "config",
        access_key=access_key,
        secret_key=secret_key,
    )
    _write(state.config_file, _profile(state))
    _write(options.folder / CA, authority.pem)
    garbage.carry_on()
    _write(options.folder / STATE, json.dumps(asdict(state), default=str))
    if options.ready >= 0:
        os.close(options.ready)
    _stay(gate, agents, sessions, stop, seconds=options.idle_minutes * 60)
    agents.stop()
    database.stop()
    redis.stop()
    if running(options.folder) == state:  # not that of one started since
        (options.folder / STATE).unlink(missing_ok=True)
    sys.stderr.flush()
    os._exit(0)  # moto's request threads would keep the process


def _stay(gate: Any, agents: Any, sessions: Any, stop: threading.Event, *, seconds: float) -> None:
    while not stop.wait(_TICK):
        sessions.end_idle()
        if agents.busy:
            gate.used = time.monotonic()
        if time.monotonic() - gate.used > seconds:
            return


def _profile(state: Running) -> str:
    return (
        f"[profile {PROFILE}]\n"
        f"region = {state.region}\n"
        f"endpoint_url = {state.endpoint}\n"
        f"aws_access_key_id = {state.access_key}\n"
        f"aws_secret_access_key = {state.secret_key}\n"
    )


def _write(path: Path, text: str) -> None:
    """Whole or not at all, and for nobody else's eyes."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
    draft.replace(path)


if __name__ == "__main__":
    main()
