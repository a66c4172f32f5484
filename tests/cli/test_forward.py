"""ssmx forward: ports, sockets, clients; what is wrong is said before a session begins."""

import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time

import pytest

PAGE = "<h1>ip-10-0-12-87</h1>"
FETCH = "import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1]).read().decode())"
PYTHON = sys.executable


@pytest.fixture
def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


def test_a_client_runs_while_the_port_is_there_and_its_status_is_ours(ssmx, levers):
    code = f"{FETCH}; import os; print(os.environ['SSMX_HOST'], os.environ['SSMX_ENDPOINT']); sys.exit(7)"
    result = ssmx("forward", "payments-api", "0:80", "--", PYTHON, "-c", code, "http://{host}:{port}/")
    assert result.status == 7
    assert PAGE in result.out
    assert result.out.splitlines()[-1] == "127.0.0.1 port 80"
    assert re.fullmatch(r"ssmx: localhost:\d+ leads to port 80 of payments-api \(i-[0-9a-f]{17}\)\n", result.err), (
        result.err
    )
    assert levers.open_sessions() == []


def test_a_port_is_the_same_the_next_time_and_another_while_that_is_taken(ssmx):
    # No other test has this port, in another worker.
    words = ("forward", "payments-api", "0:4711", "--", PYTHON, "-c", "print({port})")
    first = ssmx(*words).out
    assert ssmx(*words).out == first
    with socket.create_server(("127.0.0.1", int(first))):
        other = ssmx(*words).out
    assert other != first
    assert ssmx(*words).out == first
    assert ssmx("forward", "payments-api", "0:7", "--", PYTHON, "-c", "print({port})").out != first


def test_a_local_port_left_out_is_the_remote_one_where_that_is_free(ssmx, free_port):
    words = ("forward", "payments-api", str(free_port), "--", PYTHON, "-c", "print({port})")
    assert ssmx(*words).out == f"{free_port}\n"
    with socket.create_server(("::1", free_port), family=socket.AF_INET6):  # `localhost` is both
        assert ssmx(*words).out != f"{free_port}\n"


def test_a_port_that_was_asked_for_and_is_taken_is_an_error_before_a_session(ssmx, levers, free_port):
    levers("POST", "reset")
    with socket.create_server(("127.0.0.1", free_port)):
        result = ssmx("forward", "payments-api", f"{free_port}:80")
    assert result.status == 73
    assert str(free_port) in result.err
    assert levers.asked("StartSession") == []


def test_both_addresses_of_localhost_lead_there(ssmx):
    code = (
        "import socket\nfor host in ('127.0.0.1', '::1'):\n c = socket.create_connection((host, {port}))\n"
        " c.sendall(b'x'); print(host, c.recv(1))"
    )
    assert ssmx("forward", "payments-api", "0:7", "--", PYTHON, "-c", code).out == "127.0.0.1 b'x'\n::1 b'x'\n"


def test_several_forwards_have_numbered_variables(ssmx):
    code = "import os; print(*sorted(n for n in os.environ if n.startswith('SSMX_') and n[-2:] in ('_1', '_2')))"
    result = ssmx("forward", "payments-api", "0:80", "-L", "0:localhost:7", "--", PYTHON, "-c", code)
    names = [f"SSMX_{each}_{number}" for each in ("ENDPOINT", "HOST", "PORT") for number in (1, 2)]
    assert result.out.split() == names
    assert len(result.err.splitlines()) == 2


def test_a_host_on_loopback_takes_the_plain_document_and_any_other_the_remote_one(ssmx):
    plans = ssmx(
        *("forward", "payments-api", "-L", "1:localhost:7", "-L", "2:db.internal:5432", "--dry-run", "-o", "json"),
        *("--reason", "CHG-1"),
    ).json
    assert [(plan["document"], plan["parameters"]) for plan in plans] == [
        ("AWS-StartPortForwardingSession", {"portNumber": ["7"]}),
        ("AWS-StartPortForwardingSessionToRemoteHost", {"portNumber": ["5432"], "host": ["db.internal"]}),
    ]
    assert all("--reason CHG-1" in plan["aws"] for plan in plans)


def test_a_socket_is_for_its_user_alone(ssmx, scratch):
    path = scratch / "sock"
    code = (
        "import os, socket; c = socket.socket(socket.AF_UNIX); c.connect(os.environ['SSMX_SOCKET'])\n"
        "c.sendall(b'x'); print(oct(os.stat(os.environ['SSMX_SOCKET']).st_mode), c.recv(1))"
    )
    result = ssmx("forward", "payments-api", "7", "--socket", str(path), "--", PYTHON, "-c", code)
    assert result.out == f"{oct(stat.S_IFSOCK | 0o600)} b'x'\n", result.err
    assert not path.exists()


def test_other_machines_are_let_in_only_where_that_is_asked_for_and_that_is_said(ssmx):
    result = ssmx("forward", "payments-api", "0:7", "--bind", "0.0.0.0", "--", PYTHON, "-c", "print('{host}')")
    assert result.out == "127.0.0.1\n"
    assert "warning: other machines can reach port 7 through 0.0.0.0" in result.err
    assert "0.0.0.0:" in result.err.splitlines()[-1]


def test_the_page_is_shown_when_it_is_ready(ssmx, tmp_path):
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\n{PYTHON} -c "{FETCH}" "$1" > {tmp_path}/page\necho "$1" > {tmp_path}/url\n')
    browser.chmod(0o755)
    words = ("forward", "payments-api", "0:80", "--open=/a?b=c", "--", PYTHON, "-c", "print({port})")
    result = ssmx(*words, BROWSER=str(browser))
    assert (tmp_path / "url").read_text() == f"http://localhost:{result.out.strip()}/a?b=c\n"
    assert PAGE in (tmp_path / "page").read_text()


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["payments-api"], 2, "no port"),
        (["payments-api", "http"], 2, "'http' is no port"),
        (["payments-api", "80:"], 2, "is no port"),
        (["payments-api", "-L", "80:db"], 2, "[BIND:]LPORT:HOST:RPORT"),
        (["payments-api", "80", "--bind", "eth0"], 2, "'eth0' is no address"),
        (["payments-api", "80", "81", "--socket", "/tmp/x"], 2, "--socket is for one port"),
        (["payments-api", "7", "--socket", "/tmp/x", "--", "echo", "{port}"], 2, "{host} and {port} with --socket"),
        (["payments-api", "7", "--socket", "/tmp/x", "--transport", "plugin"], 2, "official plugin at once"),
        (["--open", "payments-api", "80"], 2, "a URL path begins with /"),
        (["payments-api", "80", "--"], 2, "no program after --"),
        (["payments-api", "80", "--", "no-such-program"], 127, "no program 'no-such-program'"),
        (["payments-api", "0:80", "--", "/etc/passwd"], 126, "/etc/passwd cannot be run"),
        (["nobody", "80"], 68, "no node is named 'nobody'"),
        (["web", "80"], 68, "6 online nodes"),
        (["search-indexer", "80"], 69, "is offline"),
        (["legacy-batch", "80"], 69, "needs 2.3.672.0"),
        (["payments-api", "80", "--reason", "x" * 257], 2, "--reason: it has 257"),
    ],
    ids=lambda each: " ".join(each)[:30] if isinstance(each, list) else None,
)
def test_what_is_wrong_is_said_in_two_lines(ssmx, levers, words, status, said):
    result = ssmx("forward", *words)
    assert result.status == status, result.err
    assert said in result.err
    assert result.out == ""
    assert result.err.rstrip().splitlines()[-1].startswith(("  try: ", "ssmx: "))
    assert levers.open_sessions() == []


def test_a_dead_port_is_said_and_its_connection_is_reset(ssmx):
    code = (
        "import socket\nc = socket.create_connection(('127.0.0.1', {port}))\n"
        "try: c.sendall(b'x'); print(c.recv(1))\nexcept ConnectionResetError: print('reset')"
    )
    result = ssmx("forward", "payments-api", "0:81", "--", PYTHON, "-c", code)
    assert result.out == "reset\n"
    assert "cannot connect to port 81 (look there whether a server listens on it" in result.err


def test_events_are_on_standard_error_where_a_client_has_the_output(ssmx):
    result = ssmx("forward", "payments-api", "0:80", "--events", "json", "--", PYTHON, "-c", "print('mine')")
    assert result.out == "mine\n"
    events = [json.loads(line) for line in result.err.splitlines()]
    assert [each["event"] for each in events] == ["ready", "closed"]
    assert events[-1]["status"] == 0


def test_the_status_of_a_client_that_a_signal_ended_is_a_shells(ssmx):
    code = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    assert ssmx("forward", "payments-api", "0:80", "--", PYTHON, "-c", code).status == 128 + signal.SIGKILL


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_reaches_the_client_and_its_status_is_ours(env, levers, number, tmp_path):
    code = (
        "import signal, sys, time, pathlib\n"
        f"signal.signal({int(number)}, lambda *_: sys.exit(40))\n"
        f"pathlib.Path({str(tmp_path / 'up')!r}).touch()\n"
        "time.sleep(60)"
    )
    words = [PYTHON, "-m", "ssmx", "forward", "payments-api", "0:80", "--", PYTHON, "-c", code]
    with subprocess.Popen(words, env=env, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        deadline = time.monotonic() + 20
        while not (tmp_path / "up").exists():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        process.send_signal(number)
        assert process.wait(10) == 40
        process.stderr.read()
    assert levers.open_sessions() == []


def test_standard_input_is_the_clients(env):
    done = subprocess.run(
        [PYTHON, "-m", "ssmx", "-q", "forward", "payments-api", "0:80", "--", "cat"],
        env=env,
        input=b"x" * 100_000,
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert done.stdout == b"x" * 100_000
    assert done.stderr == b""


def test_nothing_of_the_session_is_in_the_clients_environment(ssmx, levers):
    code = "import os; print(dict(os.environ))"
    result = ssmx("forward", "payments-api", "0:80", "--", PYTHON, "-c", code)
    [token] = {
        each["token"] for each in levers.sessions() if each["document"] == "AWS-StartPortForwardingSession"
    } & {each["token"] for each in levers.sessions()[:1]}
    assert token not in result.out
    assert "PATH" in result.out
    assert os.environ["PATH"] in result.out
