"""Tunnels that tests have running in a home of their own, and what is written down of them there."""

import json
import os
import signal
import socketserver
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

from ssmx.process import birth
from tests.waiting import until


def folder(env):
    """Where the user's tunnels are written down."""
    return Path(env["HOME"]) / ".local" / "state" / "ssmx" / "tunnels"


def write(env, name, pid, **changed):
    """Write a tunnel down that process `pid` is to keep; gives the file."""
    folder(env).mkdir(parents=True, exist_ok=True)
    body = {
        "pid": pid,
        "birth": birth(pid),
        "started": "2026-11-01T00:00:00+00:00",
        "tunnels": [{"name": name, "declared": {}}],
        "socket": str(folder(env) / f"{pid}.sock"),
        "log": "",
        "file": "",
        "machine": os.uname().nodename,
    }
    path = folder(env) / f"{pid}.json"
    path.write_text(json.dumps({**body, **changed}))
    return path


@contextmanager
def process(code):
    """A Python program that has said something and goes on, as a process of somebody else."""
    child = subprocess.Popen(
        [sys.executable, "-c", f"{code}\nprint('up', flush=True)\nimport time\ntime.sleep(600)"],
        stdout=subprocess.PIPE,
    )
    try:
        assert child.stdout.readline() == b"up\n"
        yield child
    finally:
        child.kill()
        child.wait()
        child.stdout.close()


def kill(pid):
    """End a keeper as a crash does, and wait until it is dead."""
    born = birth(pid)
    os.kill(pid, signal.SIGKILL)
    until(lambda: birth(pid) != born, seconds=20)


@contextmanager
def answering(path, answer):
    """Within it, whoever asks at `path` is answered as by a process that keeps tunnels: `answer(request)`."""

    class Asked(socketserver.StreamRequestHandler):
        def handle(self):
            self.wfile.write(json.dumps(answer(json.loads(self.rfile.readline()))).encode() + b"\n")

    with socketserver.ThreadingUnixStreamServer(str(path), Asked) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
            path.unlink(missing_ok=True)


@contextmanager
def kept(env, at, *tunnels, **changed):
    """Within it, a process keeps these tunnels and tells of them at the socket `at`; gives the process."""
    with process("") as child, answering(at, lambda _: {"tunnels": tunnels}):
        names = [{"name": each["name"], "declared": {}} for each in tunnels]
        path = write(env, "", child.pid, tunnels=names, socket=str(at), **changed)
        yield child
        path.unlink(missing_ok=True)


def asked(levers):
    """The operations that AWS was asked for."""
    return [each["operation"] for each in levers("GET", "requests")["requests"]]


def runs(ssmx, *words, **changed):
    """Run a command on the node; gives what it printed, and what ssmx said."""
    result = ssmx("run", *words, "--", "hostname", **changed)
    assert result.status == 0, result.err
    return result.out, result.err
