"""ssmx ps: what runs is listed at once, whatever state it is in, and what is dead is not."""

import json
import os
import signal
import socket

from tests.cli.running import folder, kill, process, write


def test_where_no_tunnel_runs_it_says_so(ssmx):
    result = ssmx("ps")
    assert (result.status, result.out, result.err) == (0, "", "ssmx: no tunnel runs\n")
    assert ssmx("ps", "-o", "json").json == []


def test_a_background_tunnel_is_listed_with_where_it_listens_and_leads(ssmx, background):
    told = background("payments-api", "0:7", "--name", "echo", "--lanes", "2")
    assert (told["name"], told["state"], told["endpoint"]) == ("echo", "ready", "port 7")
    assert len(told["lanes"]) == 2
    assert os.path.exists(told["log"])  # noqa: PTH110
    headings, row = ssmx("ps").out.splitlines()
    assert headings.split() == [
        "NAME",
        "LISTENS",
        "LEADS",
        "TO",
        "THROUGH",
        "STATE",
        "LANES",
        "CONNECTIONS",
        "PID",
        "UP",
    ]
    place = f"localhost:{told['port']}"
    assert row.split()[:8] == ["echo", place, "port", "7", "payments-api", "ready", "2/2", "0"]
    assert ssmx("ps", "-o", "name").out == "echo\n"
    assert ssmx("ps", "-o", "tsv").out.split("\t")[:2] == ["echo", place]
    assert ssmx("ps", "-o", "csv").out.startswith(
        "name,listens,leads_to,through,state,lanes,connections,pid,up,from\n"
    )


def test_connections_that_are_open_are_counted(ssmx, background):
    told = background("payments-api", "0:7", "--name", "echo")
    with socket.create_connection(("127.0.0.1", told["port"])) as connection:
        connection.sendall(b"hello")
        assert connection.recv(5) == b"hello"
        (now,) = ssmx("ps", "-o", "json").json
    assert (now["connections"], now["served"], now["sent"], now["received"]) == (1, 1, 5, 5)


def test_the_ports_of_one_command_are_listed_one_by_one(ssmx, background):
    background("payments-api", "0:7", "0:80", "--name", "both")
    assert ssmx("ps", "-o", "name").out.splitlines() == ["both:7", "both:80"]
    assert len({each["pid"] for each in ssmx("ps", "-o", "json").json}) == 1


def test_a_young_process_that_does_not_answer_is_starting(ssmx, background):
    pid = background("payments-api", "0:7", "--name", "echo")["pid"]
    os.kill(pid, signal.SIGSTOP)
    try:
        (told,) = ssmx("ps", "-o", "json").json
    finally:
        os.kill(pid, signal.SIGCONT)
    assert told["state"] == "starting"


def test_an_old_process_that_does_not_answer_is_silent(ssmx, env):
    with process("") as child:
        path = write(env, "orders", child.pid, file="/team/ssmx.toml")
        row = ssmx("ps").out.splitlines()[1].split()
        assert row == ["orders", "silent", "0", str(child.pid), row[4], "/team/ssmx.toml"]
        path.unlink()


def test_after_a_crash_nothing_is_listed_and_the_port_is_free(ssmx, background, env, free_port):
    words = ("payments-api", f"{free_port}:7", "--name", "echo")
    kill(background(*words)["pid"])
    assert ssmx("ps").err == "ssmx: no tunnel runs\n"
    assert [path.name for path in folder(env).glob("*.*") if path.suffix in (".json", ".sock")] == []
    with socket.create_server(("127.0.0.1", free_port)):
        pass
    assert background(*words)["port"] == free_port
    ssmx("sessions", "end", "--left-over")


def test_what_is_spoilt_or_of_another_machine_is_passed_over(ssmx, env):
    with process("") as child:
        path = write(env, "orders", child.pid)
        good = path.read_text()
        for spoilt in ("", good[: len(good) // 2], "[]", "null", "{}", good.replace(str(child.pid), "Infinity")):
            path.write_text(spoilt)
            assert ssmx("ps", "-o", "json").json == []
        for changed in ({"machine": "another"}, {"birth": ""}, {"tunnels": [7]}, {"tunnels": None}):
            path.write_text(json.dumps({**json.loads(good), **changed}))
            assert ssmx("ps", "-o", "json").json == [], changed
        path.unlink(missing_ok=True)


def test_it_asks_nothing_of_aws_and_starts_no_sandbox(ssmx, levers, tmp_path):
    nowhere = str(tmp_path / "no-sandbox")
    levers("POST", "reset")
    for words in (["ps"], ["status"], ["stop", "--all"], ["logs", "none"], ["wait", "none", "--timeout", "0"]):
        result = ssmx("--sandbox", *words, XDG_STATE_HOME=nowhere, AWS_PROFILE="no-such-profile")
        assert "sandbox" not in result.err, words
    assert [each["operation"] for each in levers("GET", "requests")["requests"]] == []
