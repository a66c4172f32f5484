"""A shell on a node, message by message."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ssmx.channel.frame import SYN, MessageType
from ssmx.channel.payload import PayloadType, size
from ssmx.sandbox.control import Running
from tests.conftest import Levers

from .conftest import Client, node_named
from .rawclient import RawClient

Opened = Callable[..., tuple[RawClient, str]]

PROMPT = "[ravi@ip-10-0-12-87 ~]$ "


def alive(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("ascii")
    except OSError:
        return False
    return stat[stat.rindex(")") + 2] != "Z"


def wait_for(what: Callable[[], bool], *, seconds: float = 5.0) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end
        time.sleep(0.02)


def facts(levers: Levers, session_id: str) -> dict[str, Any]:
    return next(each for each in levers("GET", "sessions")["sessions"] if each["id"] == session_id)


def test_a_shell_prints_the_prompt_of_its_node_without_any_handshake(opened: Opened) -> None:
    client, _ = opened()
    client.until_output(PROMPT)
    first = next(message for message in client.messages if message.type == MessageType.OUTPUT)
    assert (first.sequence, first.flags, first.payload_type) == (0, SYN, PayloadType.OUTPUT)


def test_what_is_typed_runs_and_is_acknowledged(opened: Opened) -> None:
    client, _ = opened()
    client.until_output(PROMPT)
    client.run("echo $((6*7))", "\r\n42\r\n")
    assert client.acknowledged == [0]


def test_the_terminal_has_no_size_until_the_first_size_message(opened: Opened) -> None:
    client, _ = opened()
    client.until_output(PROMPT)
    client.run("stty size", "0 0\r\n")
    client.send(PayloadType.SIZE, size(101, 33))
    client.run("stty size", "33 101\r\n")
    client.run("trap 'echo resized' WINCH; echo set", "\r\nset\r\n")
    client.send(PayloadType.SIZE, size(60, 20))
    client.run("stty size", "20 60\r\n")


def test_input_is_taken_before_the_prompt(opened: Opened) -> None:
    client, _ = opened()
    client.type("echo early$((1+1))\n")
    client.until_output("early2")


def test_exit_closes_the_channel_with_an_empty_output(opened: Opened, ssm: Client) -> None:
    client, session_id = opened()
    client.until_output(PROMPT)
    client.type("echo last words; exit\n")
    assert client.until_closed() == ""
    assert b"\r\nlast words\r\n" in client.output
    ended = ssm.describe_sessions(State="History", Filters=[{"key": "SessionId", "value": session_id}])
    assert ended["Sessions"][0]["Status"] == "Terminated"
    assert "EndDate" in ended["Sessions"][0]


def test_ctrl_c_interrupts_and_the_shell_owns_its_terminal(opened: Opened) -> None:
    client, _ = opened()
    client.until_output(PROMPT)
    client.run("sleep 100; echo not this", "sleep 100")
    client.output = b""
    time.sleep(0.1)
    client.type("\x03")
    client.until_output(PROMPT)
    client.run("tty < /dev/tty", "/dev/")
    client.run("set -o | grep monitor", "on")


def test_the_shell_knows_nothing_of_any_aws_key(opened: Opened, running: Running) -> None:
    client, _ = opened()
    client.until_output(PROMPT)
    client.run("env | cut -d= -f1 | grep -c AWS; echo done", "\r\ndone")
    assert b"\r\n0\r\n" in client.output
    client.run("echo $TERM $(pwd)", "xterm-256color")
    client.until_output("/nodes/i-")


def test_much_output_arrives_whole_and_in_order(opened: Opened) -> None:
    client, _ = opened()
    client.until_output(PROMPT)
    client.run("stty -opost; seq 1 60000; echo the'-'end", "the-end")
    text = client.output.decode()
    numbers = text[text.index("1\n2\n") : text.index("the-end", text.index("60000"))].split()
    assert numbers == [str(number) for number in range(1, 60001)]
    assert all(len(message.payload) <= 1024 for message in client.messages if message.type == MessageType.OUTPUT)


def test_an_unfinished_character_is_held_until_more_comes(opened: Opened) -> None:
    client, _ = opened()
    client.until_output(PROMPT)
    client.run(r"clear; printf 'A\377\376B'; sleep 0.3; printf C; sleep 0.1; echo", "BC")
    payloads = [m.payload for m in client.messages if m.type == MessageType.OUTPUT]
    assert any(text.endswith(b"A") for text in payloads)
    assert b"\xff\xfeBC" in payloads


def test_an_old_message_is_acknowledged_again_and_not_typed_twice(opened: Opened) -> None:
    client, _ = opened()
    client.until_output(PROMPT)
    client.run("echo one$((1))", "one1")
    client.send(PayloadType.OUTPUT, b"echo twice\n", sequence=0)
    client.until(lambda it: it.acknowledged.count(0) == 2)
    client.run("echo end$((1))", "end1")
    assert b"twice" not in client.output


def test_an_early_message_waits_for_the_one_before_it(opened: Opened) -> None:
    client, _ = opened()
    client.until_output(PROMPT)
    client.send(PayloadType.OUTPUT, b"$((40+2))\n", sequence=1)
    client.until(lambda it: 1 in it.acknowledged)
    client.send(PayloadType.OUTPUT, b"echo answer-", sequence=0)
    client.until_output("answer-42")


def test_output_without_an_acknowledgement_is_sent_again(opened: Opened) -> None:
    client, _ = opened()
    client.silent = True
    client.until(lambda it: [m.sequence for m in it.messages if m.type == MessageType.OUTPUT].count(0) >= 2)
    client.silent = False
    client.until_output(PROMPT)


@pytest.mark.parametrize("how", ["cut", "bye"])
def test_a_session_survives_the_loss_of_its_connection(
    opened: Opened, running: Running, ssm: Client, levers: Levers, how: str
) -> None:
    client, session_id = opened()
    client.until_output(PROMPT)
    client.run("variable=kept; echo ok$((1))", "ok1")
    client.type("sleep 0.3; echo while away\n")
    # A cut throws away what was not read yet; and nothing may be due that would be sent again to the next client.
    client.until(lambda it: it.sequence - 1 in it.acknowledged and it.output.endswith(b"echo while away\r\n"))
    levers("POST", f"session/{session_id}/{how}")
    wait_for(
        lambda: not next(s for s in levers("GET", "sessions")["sessions"] if s["id"] == session_id)["connected"]
    )
    active = ssm.describe_sessions(State="Active", Filters=[{"key": "SessionId", "value": session_id}])
    assert active["Sessions"][0]["Status"] == "Disconnected"
    resumed = ssm.resume_session(SessionId=session_id)
    again = RawClient(running, resumed, sequence=client.sequence, expected=client.expected)
    again.until_output("while away\r\n")
    again.run("echo $variable", "\r\nkept\r\n")
    again.close()


def test_a_shell_that_ends_while_the_client_is_away_says_so_to_the_next(
    opened: Opened, running: Running, ssm: Client, levers: Levers
) -> None:
    client, session_id = opened()
    client.until_output(PROMPT)
    client.type("sleep 0.2; echo goodbye; exit\n")
    client.until(lambda it: 0 in it.acknowledged)
    levers("POST", f"session/{session_id}/cut")
    time.sleep(0.5)
    again = RawClient(running, ssm.resume_session(SessionId=session_id), sequence=1, expected=client.expected)
    assert again.until_closed() == ""
    assert b"goodbye" in again.output
    again.close()


@pytest.mark.parametrize("route", ["drop?in=2&out=3", "duplicate?on=1", "reorder?on=1"])
def test_faults_on_the_way_do_no_harm(opened: Opened, levers: Levers, route: str) -> None:
    client, session_id = opened()
    client.until_output(PROMPT)
    levers("POST", f"session/{session_id}/{route}")
    client.output = b""
    frames = [f"echo n{number}\n" for number in range(5)]
    first = client.sequence
    for text in frames:
        client.type(text)
    if "drop" in route:
        time.sleep(0.05)
        for number, text in enumerate(frames):
            client.send(PayloadType.OUTPUT, text.encode(), sequence=first + number)
    client.until_output("\r\nn4\r\n")
    found = [line for line in client.output.decode().split("\r\n") if line in {f"n{n}" for n in range(5)}]
    assert found == [f"n{number}" for number in range(5)]


def test_garbage_is_sent_to_the_client(opened: Opened, levers: Levers) -> None:
    client, session_id = opened()
    client.until_output(PROMPT)
    levers("POST", f"session/{session_id}/garbage")
    assert len(client.socket.recv(5)) == 200


def test_a_paused_agent_is_silent_until_it_hears_from_the_client(
    opened: Opened, levers: Levers, tmp_path: Path
) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    client, session_id = opened()
    client.until_output(PROMPT)
    client.type(f"echo now$((1)); cat {fifo}\n")
    client.until_output("now1\r\n")  # from here on it is silent until there is something in the fifo
    number = client.send(PayloadType.SIZE, size(100, 30))
    client.until(lambda it: number in it.acknowledged)  # so it has heard all acknowledgements before it
    levers("POST", f"session/{session_id}/pause")
    client.until(lambda it: it.messages[-1].type == MessageType.PAUSE_PUBLICATION)
    fifo.write_text("late\n")
    with pytest.raises(TimeoutError):
        client.take(client.socket.recv(0.5))
    levers("POST", f"session/{session_id}/start")
    client.until_output("late")


def test_the_service_can_close_with_a_reason(opened: Opened, levers: Levers, ssm: Client) -> None:
    client, session_id = opened()
    client.until_output(PROMPT)
    levers("POST", f"session/{session_id}/close?output=out+of+hours")
    assert client.until_closed() == "out of hours"
    assert "TokenValue" not in ssm.resume_session(SessionId=session_id)


def test_terminate_ends_the_shell_and_its_background_jobs(opened: Opened, ssm: Client, levers: Levers) -> None:
    client, session_id = opened()
    client.until_output(PROMPT)
    client.type("nohup sleep 1000 >/dev/null 2>&1 & echo job=$!=\n")
    printed = re.compile(rb"\r\njob=(\d+)=\r\n")
    client.until(lambda it: printed.search(bytes(it.output)) is not None)
    found = printed.search(bytes(client.output))
    assert found
    job = int(found[1])
    shell = facts(levers, session_id)["shell"]
    assert alive(shell)
    assert alive(job)
    ssm.terminate_session(SessionId=session_id)
    assert client.until_closed() == ""
    wait_for(lambda: not alive(shell) and not alive(job))


def test_an_interactive_command_runs_on_a_terminal(opened: Opened) -> None:
    client, _ = opened(
        DocumentName="AWS-StartInteractiveCommand", Parameters={"command": ["test -t 0 && echo tty $((2+3))"]}
    )
    assert client.until_closed() == ""
    assert client.output == b"tty 5\r\n"


def answer(client: RawClient, *actions: dict[str, Any]) -> None:
    import json

    body = {"ClientVersion": "1.2.835.0", "ProcessedClientActions": list(actions), "Errors": None}
    client.send(PayloadType.HANDSHAKE_RESPONSE, json.dumps(body).encode())


def test_an_encrypted_shell_ends_with_the_clients_error(opened: Opened, ssm: Client) -> None:
    content = (
        '{"schemaVersion":"1.0","description":"","sessionType":"Standard_Stream",'
        '"inputs":{"kmsKeyId":"arn:aws:kms:eu-west-1:123456789012:key/1","idleSessionTimeout":"20"}}'
    )
    ssm.create_document(Name="Encrypted", DocumentType="Session", DocumentFormat="JSON", Content=content)
    client, _ = opened(DocumentName="Encrypted")
    client.until(lambda it: bool(it.messages))
    assert b'"ActionType":"KMSEncryption"' in client.messages[0].payload
    answer(
        client,
        {"ActionType": "SessionType", "ActionStatus": 1, "ActionResult": None, "Error": ""},
        {"ActionType": "KMSEncryption", "ActionStatus": 2, "ActionResult": None, "Error": "no key for you"},
    )
    assert client.until_closed() == (
        "\n----------ERROR-------\nEncountered error while initiating handshake. "
        "KMSEncryption failed on client with status 2 error: no key for you"
    )


def test_an_old_agent_refuses_what_it_does_not_know(opened: Opened, ec2: Client) -> None:
    client, _ = opened(Target=node_named(ec2, "legacy-batch"), DocumentName="AWS-StartSSHSession")
    assert "Plugin with name Port is not supported by this version of ssm agent" in client.until_closed()
