"""Which processes keep tunnels, and that no other is signalled."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack

import pytest

from ssmx.errors import LocalFault
from ssmx.model.running import Kept
from ssmx.process import _birth_by_ps, birth, signal_process
from ssmx.store.running import Keepers


@pytest.fixture
def other():
    """A process of somebody else."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    yield child
    child.kill()
    child.wait()


def test_a_process_is_signalled_by_its_pid_and_birth(other):
    assert signal_process(other.pid, birth(other.pid), signal.SIGTERM)
    assert other.wait(10) == -signal.SIGTERM


@pytest.mark.parametrize("born", ["", "another"])
def test_a_process_of_another_birth_is_never_signalled(other, born):
    assert not signal_process(other.pid, born, signal.SIGKILL)
    assert not signal_process(other.pid, birth(os.getpid()), signal.SIGKILL)
    assert birth(other.pid)
    other.send_signal(signal.SIGTERM)
    assert other.wait(10) == -signal.SIGTERM, "no other signal came before"


def test_a_dead_process_is_not_signalled(other):
    born = birth(other.pid)
    other.kill()
    assert other.wait(10)
    assert not signal_process(other.pid, born, signal.SIGTERM)


def test_a_process_is_known_while_it_keeps_tunnels(tmp_path):
    keepers = Keepers(tmp_path)
    with keepers.entered([Kept("orders")], log="/log") as entry:
        assert keepers.living() == [entry.keeper]
        assert (entry.keeper.pid, entry.keeper.names, entry.keeper.log) == (os.getpid(), ("orders",), "/log")
        with pytest.raises(LocalFault):
            keepers.check_free("orders")
    assert keepers.living() == []
    assert list(tmp_path.glob("*.json")) == []


def test_of_a_dead_process_file_and_socket_are_removed_and_its_name_is_free(tmp_path, other):
    keepers = Keepers(tmp_path)
    with keepers.entered([Kept("orders")]) as entry:
        body = {**entry.keeper.as_json(), "machine": os.uname().nodename}
    file, sock = tmp_path / f"{other.pid}.json", tmp_path / f"{other.pid}.sock"
    for born in (birth(other.pid) + "0", ""):
        sock.touch()
        file.write_text(json.dumps({**body, "pid": other.pid, "birth": born, "socket": str(sock)}))
        keepers.check_free("orders")
        assert not file.exists()
        assert not sock.exists()


def test_a_process_is_known_though_its_machine_is_called_otherwise_by_now(tmp_path, other):
    """A laptop has another name in another network; and a home is shared by machines, whose files stay."""
    keepers = Keepers(tmp_path)
    with keepers.entered([Kept("orders")]) as entry:
        body = {**entry.keeper.as_json(), "pid": other.pid, "birth": birth(other.pid), "machine": "elsewhere"}
    file = tmp_path / f"{other.pid}.json"
    file.write_text(json.dumps(body))
    assert [each.names for each in keepers.living()] == [("orders",)]
    file.write_text(json.dumps({**body, "birth": "another"}))
    assert keepers.living() == []
    assert file.exists()


def test_they_are_known_in_the_order_in_which_they_began(tmp_path):
    keepers = Keepers(tmp_path)
    names = [f"tunnel-{number}" for number in range(8)]
    with ExitStack() as stack:
        for name in names:
            stack.enter_context(keepers.entered([Kept(name)]))
            time.sleep(0.002)
        assert [each.names[0] for each in keepers.living()] == names


def test_a_birth_is_the_same_in_every_time_zone(monkeypatch):
    """macOS has no other than that which `ps` prints."""
    born = []
    for zone in ("UTC0", "XXX-5"):
        monkeypatch.setenv("TZ", zone)
        born.append(_birth_by_ps(os.getpid()))
    assert born[0]
    assert born[0] == born[1]


@pytest.mark.parametrize("key", ["machine", "namespace"])
def test_a_file_of_another_machine_or_container_is_left_alone(tmp_path, key):
    with Keepers(tmp_path).entered([Kept("orders")]):
        [path] = tmp_path.glob("*.json")
        body = json.loads(path.read_text())
    path.write_text(json.dumps({**body, key: "another", "birth": "another"}))  # whose process does not live here
    assert Keepers(tmp_path).living() == []
    assert path.exists()
