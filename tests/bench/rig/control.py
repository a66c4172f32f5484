"""Start the rig as a process, and drive it."""

import asyncio
import json
import os
import subprocess
import sys
import urllib.parse
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parents[3]
TIMEOUT = 10
TARGET = "i-0123456789abcdef0"
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


def leave_with_parent(leave):
    """In the process that was started: set this event when the other end of the standard input closes."""

    def readable():
        if not os.read(0, 1024):
            loop.remove_reader(0)
            leave.set()

    loop = asyncio.get_running_loop()
    loop.add_reader(0, readable)


class Started:
    """A module of this checkout in a process of its own, which ends with this one."""

    def __init__(self, module, *options):
        env = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("AWS_") and name.lower() not in PROXIES
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", module, "--with-parent", *map(str, options)],
            cwd=ROOT,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        line = self.process.stdout.readline()
        if not line:
            self.close()
            raise RuntimeError(f"{module} did not start")
        self.where = json.loads(line)
        self.port, self.pid = self.where["port"], self.process.pid

    def close(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(TIMEOUT)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Rig(Started):
    """A rig of one's own; `options` are those of its command line."""

    def __init__(self, *options):
        super().__init__("tests.bench.rig", *options)
        self.endpoint = self.where["endpoint"]

    def call(self, operation, **request):
        """An API call."""
        headers = {"X-Amz-Target": f"AmazonSSM.{operation}"}
        return self._ask(urllib.request.Request(self.endpoint, json.dumps(request).encode(), headers))

    def start(self, document=None, **parameters):
        """StartSession: the request and its answer."""
        request = {"Target": TARGET}
        if document:
            request["DocumentName"] = document
        if parameters:
            request["Parameters"] = {name: [str(value)] for name, value in parameters.items()}
        return request, self.call("StartSession", **request)

    def new(self, document=None, **parameters):
        """A session by the control route: the answer of StartSession."""
        named = {"DocumentName": document} if document else {}
        return self.order("new", "", **named, **parameters)

    def status(self, session_id):
        """Counters, state and events of a session."""
        return self.order(session_id, "status")

    def order(self, session_id, what, **options):
        """Have something done to a session."""
        return self._ask(f"{self.endpoint}/_ctl/{session_id}/{what}?{urllib.parse.urlencode(options)}")

    def _ask(self, request):
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=TIMEOUT) as answer:
            return json.load(answer)
