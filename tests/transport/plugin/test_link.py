"""A link through the plugin: whose the end of a connection is."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest

from ssmx.model.plan import plan_shell
from ssmx.model.plugin import judge
from ssmx.model.session import Session
from ssmx.model.target import Target
from ssmx.process import birth
from ssmx.transport.plugin.link import PluginLink

PLUGIN = """
import socket, time
server = socket.create_server(("127.0.0.1", 0))
print(f"Port {server.getsockname()[1]} opened for sessionId ravi-1.", flush=True)
connection = server.accept()[0]
connection.sendall(b"hello")
time.sleep(600)
"""


class Receiver:
    """The user's side of a stream. `ended` is why it has failed, or whether it was refused."""

    def __init__(self):
        self.came = asyncio.Event()
        self.ended = asyncio.get_running_loop().create_future()

    def arrived(self, data):
        self.came.set()

    def finished(self, *, refused):
        self.ended.set_result(refused)

    def failed(self, error):
        self.ended.set_result(error)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="only proc(5) tells of a process that is ending")
def test_a_plugin_that_is_dying_has_not_said_that_this_was_all():
    """Linux closes its connections before its standard output, and both before anybody can hear of its end."""

    async def work():
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", PLUGIN, stdout=PIPE)
        plan = plan_shell(Target("i-0123456789abcdef0", "eu-west-1"))
        link = PluginLink(process, Session("ravi-1", "", ""), plan, judge("/p", "1.2.896.0"), on_close=process.wait)
        await link.begin()
        receiver = Receiver()
        stream = await link.stream(receiver)
        stream.listen(on=True)
        await receiver.came.wait()
        assert not link.is_over
        os.kill(process.pid, signal.SIGKILL)
        while birth(process.pid):  # and meanwhile nobody is told of anything
            pass
        assert link.is_over
        assert "the plugin has ended" in str(await receiver.ended)
        await link.close()

    asyncio.run(work())
