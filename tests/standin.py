"""A session-manager-plugin for tests: an executable that does what its script says, and records what befalls it."""

import json
import os
import stat
import sys
import time
from pathlib import Path

from ssmx.process import birth

VERSION = "1.2.896.0"
STARTING = "\nStarting session with SessionId: {id}\n"
EXITING = "\n\nExiting session with sessionId: {id}.\n\n"


class StandIn:
    """`folder` is for the front of PATH. Steps are names of functions below `_PROGRAM`, with their arguments."""

    def __init__(self, folder, *steps, version=VERSION):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.path = self.folder / "session-manager-plugin"
        self.path.write_text(f"#!{sys.executable}\n{_PROGRAM}")
        self.path.chmod(0o755)
        self.plays(*steps, version=version)

    def plays(self, *steps, version=VERSION):
        steps = [list(step) if isinstance(step, tuple) else [step] for step in steps]
        (self.folder / "script.json").write_text(json.dumps({"version": version, "steps": steps}))

    @property
    def env(self):
        return {"PATH": f"{self.folder}:{os.environ['PATH']}"}

    def records(self):
        try:
            return [json.loads(line) for line in (self.folder / "record.jsonl").read_text().splitlines()]
        except FileNotFoundError:
            return []

    def fact(self, name, *, seconds=15):
        """The first record of this name, waited for."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for record in self.records():
                if name in record:
                    return record[name]
            time.sleep(0.02)
        raise AssertionError(f"no {name} in {self.records()}")

    def facts(self, name):
        return [record[name] for record in self.records() if name in record]


def mode(path):
    return stat.S_IMODE(Path(path).stat().st_mode)


def dead(pid, *, seconds=10):
    """Whether this process ends in time."""
    end = time.monotonic() + seconds
    while birth(pid):
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


_PROGRAM = r'''
import json, os, signal, subprocess, sys, termios, time
from pathlib import Path

HERE = Path(__file__).parent
SCRIPT = json.loads((HERE / "script.json").read_text())
RESPONSE = json.loads(os.environ.get(sys.argv[1] if len(sys.argv) > 1 else "", "{}") or "{}")


def record(**facts):
    descriptor = os.open(HERE / "record.jsonl", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(descriptor, (json.dumps(facts) + "\n").encode())
    os.close(descriptor)


def put(data):
    while data:
        data = data[os.write(1, data):]


def say(text):
    put(text.replace("{id}", RESPONSE.get("SessionId", "")).encode())


def sleep(seconds):
    time.sleep(seconds)


def hang():
    while True:
        time.sleep(60)


def ignore(*names):
    for name in names:
        signal.signal(getattr(signal, "SIG" + name), signal.SIG_IGN)


def notice(*names):
    for name in names:
        signal.signal(getattr(signal, "SIG" + name), lambda number, frame, name=name: record(signal=name))


def stty():
    """As the real one makes its terminal."""
    subprocess.run(["stty", "cbreak"])
    subprocess.run(["stty", "-echo"])


def keys(last):
    """Take keys until `last` is one of them."""
    taken = b""
    while last.encode() not in taken:
        taken += os.read(0, 4096)
    record(keys=taken.decode("latin-1"))


def count(last):
    """Take keys until `last`, slowly enough to fall behind a paste; tell how many."""
    taken = 0
    while True:
        data = os.read(0, 1024)
        taken += len(data)
        if last.encode() in data:
            break
        time.sleep(0.001)
    record(count=taken)


def size():
    at = os.get_terminal_size(0)
    record(size=[at.columns, at.lines])


def resized(columns, lines):
    """Wait until the terminal has this size."""
    while tuple(os.get_terminal_size(0)) != (columns, lines):
        time.sleep(0.02)


def flood(lines, text):
    for number in range(lines):
        put(text.encode())


def child():
    """A process that outlives this one wherever it can."""
    pid = os.fork()
    if not pid:
        ignore("HUP", "INT", "TERM")
        hang()
    record(child=pid)


def close():
    """Give up the terminal and live on."""
    for descriptor in (0, 1, 2):
        os.close(descriptor)


def credentials():
    """What an SDK gets from the profile: the output of its credential_process."""
    config = Path(os.environ["AWS_CONFIG_FILE"])
    line = next(line for line in config.read_text().splitlines() if line.startswith("credential_process"))
    done = subprocess.run(["sh", "-c", line.partition("= ")[2]], capture_output=True, text=True)
    record(credentials=[done.returncode, done.stdout, done.stderr], config=str(config), text=config.read_text())


def background():
    """Ask for credentials, and do not wait for them."""
    line = next(line for line in Path(os.environ["AWS_CONFIG_FILE"]).read_text().splitlines() if "_process" in line)
    subprocess.Popen(["sh", "-c", line.partition("= ")[2]], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def modes():
    folder = Path(os.environ["AWS_CONFIG_FILE"]).parent
    found = {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}
    record(modes={"": folder.stat().st_mode & 0o777, **found})


def caller():
    """Who AWS says this process is, through botocore and nothing but the environment."""
    import botocore.session
    session = botocore.session.Session(profile=sys.argv[4])
    client = session.create_client("sts", region_name=sys.argv[2], endpoint_url=sys.argv[6])
    record(caller=client.get_caller_identity()["Arn"], key=session.get_credentials().access_key)


def resume():
    """ResumeSession, as after a lost connection."""
    import botocore.session
    session = botocore.session.Session(profile=sys.argv[4])
    client = session.create_client("ssm", region_name=sys.argv[2], endpoint_url=sys.argv[6])
    answer = client.resume_session(SessionId=RESPONSE["SessionId"])
    record(resumed=bool(answer["TokenValue"]), key=session.get_credentials().access_key)


def crash(name):
    os.kill(os.getpid(), getattr(signal, "SIG" + name))


def end(status):
    os._exit(status)


if sys.argv[1:] == ["--version"]:
    version = SCRIPT["version"]
    if version == "hang":
        ignore("TERM", "INT")
        record(version=os.getpid())
        hang()
    if version == "flood":
        record(version=os.getpid())
        while True:
            put(b"1.2.896.0\n" * 100)
    print(version)
    os._exit(0)

record(
    argv=sys.argv[1:],
    env={name: value for name, value in os.environ.items() if name.startswith(("AWS_", "SSMX_"))},
    pid=os.getpid(),
    group=os.getpgid(0),
    session=os.getsid(0),
    foreground=os.tcgetpgrp(0),
)
for name, *arguments in SCRIPT["steps"]:
    globals()[name](*arguments)
'''
