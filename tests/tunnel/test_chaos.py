"""Many clients of one tunnel to PostgreSQL, while everything behind the port breaks again and again."""

import os
import signal
import threading
import time
from contextlib import suppress

import psycopg
import pytest

from tests.standin import dead

from .test_plugin import Plugin
from .test_supervision import no_session_is_open

ROWS = 200


class Clients:
    """Threads that query, and try again where that fails; a port that refuses ends everything."""

    def __init__(self, count, port, host, token, ca):
        self.port, self.faults, self.answers = port, [], [0] * count
        self.failures = 0
        self._over = threading.Event()
        self._words = (
            f"host={host} hostaddr=127.0.0.1 port={port} user=ravi dbname=payments password={token}"
            f" sslmode=verify-full sslrootcert={ca} connect_timeout=20"
        )
        self._threads = [threading.Thread(target=self._run, args=(number,)) for number in range(count)]

    def _run(self, number):
        while not self._over.is_set():
            try:
                with psycopg.connect(self._words, autocommit=True) as connection:
                    while not self._over.is_set():
                        [count] = connection.execute("select count(*) from payments").fetchone()
                        assert count == ROWS
                        self.answers[number] += 1
                        self._over.wait(0.5)
            except psycopg.OperationalError as error:
                self.failures += 1
                if "refused" in str(error):
                    self.faults.append(str(error))
                    return
                self._over.wait(0.2)
            except Exception as error:
                self.faults.append(repr(error))
                return

    def __enter__(self):
        for each in self._threads:
            each.start()
        return self

    def __exit__(self, *_):
        before = [*self.answers]
        deadline = time.monotonic() + 30
        while any(now == then for now, then in zip(self.answers, before, strict=True)):
            if self.faults or time.monotonic() > deadline:
                break
            time.sleep(0.1)
        self.stuck = [at for at in range(len(before)) if self.answers[at] == before[at]]
        self._over.set()
        for each in self._threads:
            each.join()


@pytest.fixture
def chaos(tunnel, levers, aws, env):
    """Run clients through a tunnel and `disturb(running, turn)` every second; whoever tries again succeeds."""

    def run(*words, disturb, seconds, clients, **changed):
        running = tunnel("tunnel", "rds", "payments-prod", *words, **changed)
        ready = running.event("ready")
        host = ready["host"]
        token = aws["rds"].generate_db_auth_token(host, 5432, "ravi")
        with Clients(clients, ready["local_port"], host, token, env["SSMX_CA_BUNDLE"]) as querying:
            for turn in range(seconds):
                time.sleep(1)
                disturb(running, turn)
        assert querying.faults == []
        assert querying.stuck == []
        assert querying.failures > 0
        assert running.process.poll() is None
        assert running.stop() == 130
        assert "Traceback" not in running.said
        assert no_session_is_open(levers)
        return running

    return run


LENGTHS = [
    pytest.param(5, 10, id="5 s", marks=pytest.mark.waits),
    pytest.param(60, 50, id="60 s", marks=pytest.mark.long),
]


@pytest.mark.parametrize(("seconds", "clients"), LENGTHS)
def test_a_link_that_is_cut_every_second(chaos, levers, seconds, clients):
    """In turn the connection is lost, which is resumed, and the session is ended, which is replaced."""

    def disturb(running, turn):
        for session in levers.open_sessions():
            what = "cut" if turn % 2 else "close?output=ended"
            with suppress(OSError):  # it may have ended meanwhile
                levers("POST", f"session/{session['id']}/{what}")

    running = chaos(disturb=disturb, seconds=seconds, clients=clients)
    assert running.kinds.count("ready") > seconds // 4


@pytest.mark.parametrize(("seconds", "clients"), LENGTHS)
def test_a_plugin_that_is_killed_every_second(chaos, tmp_path, scratch, seconds, clients):
    plugin = Plugin(tmp_path)

    def disturb(running, turn):
        with suppress(ProcessLookupError):
            os.kill(plugin.pids[-1], signal.SIGKILL)

    changed = {**plugin.env, "TMPDIR": str(scratch)}
    chaos(*plugin.options, disturb=disturb, seconds=seconds, clients=clients, **changed)
    assert len(plugin.pids) > seconds // 4
    assert all(dead(pid) for pid in plugin.pids)


@pytest.mark.parametrize(("seconds", "clients"), LENGTHS)
def test_a_node_that_is_replaced_by_another_of_its_name(chaos, launched, aws, seconds, clients):
    nodes = [launched("phoenix")]

    def disturb(running, turn):
        if turn % 15 == 1:
            nodes.append(launched("phoenix"))
            aws["ec2"].terminate_instances(InstanceIds=[nodes[-2]])

    running = chaos("--via", "phoenix", disturb=disturb, seconds=seconds, clients=clients)
    assert {each["target"] for each in running.events if each["event"] == "ready"} == {*nodes}
