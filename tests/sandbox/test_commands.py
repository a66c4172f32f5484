"""Commands without a terminal: what is told of them, and how they end."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from ssmx.channel.payload import PayloadType, size
from ssmx.sandbox.control import Running
from tests.conftest import Levers

from .conftest import Client
from .rawclient import RawClient
from .test_shell import alive, facts, wait_for

Opened = Callable[..., tuple[RawClient, str]]

STARTING = "Error occurred starting the command: "


def command(text: str, *, separate: bool = True) -> dict[str, Any]:
    parameters = {"command": [text], **({"separateOutputStream": ["true"]} if separate else {})}
    return {"DocumentName": "AWS-StartNonInteractiveCommand", "Parameters": parameters}


def statuses(client: RawClient) -> list[bytes]:
    return [each.payload for each in client.received if each.payload_type == PayloadType.EXIT_CODE]


def test_a_command_begins_with_a_handshake_that_says_nothing_of_it(opened: Opened) -> None:
    client, _ = opened(**command("echo hello"))
    action = json.loads(client.shake().payload)["RequestedClientActions"]
    parameters = {"SessionType": "NonInteractiveCommands", "Properties": None}
    assert action == [{"ActionType": "SessionType", "ActionParameters": parameters}]
    assert client.until_closed() == ""
    assert client.output == b"hello\n"


def test_separate_output_tells_errors_and_the_exit_code_apart(opened: Opened) -> None:
    client, _ = opened(**command("sh -c 'echo out; echo err >&2; exit 5'"))
    client.shake()
    assert client.until_closed() == ""
    assert (client.output, client.errors, statuses(client)) == (b"out\n", b"err\n", [b"EXIT_CODE: 5"])
    assert client.kinds()[-1] == PayloadType.EXIT_CODE


def test_separate_output_comes_as_it_is_printed(opened: Opened) -> None:
    client, _ = opened(**command("sh -c 'echo early; sleep 100'"))
    client.shake()
    client.until_output("early\n")
    assert client.closed is None


def test_merged_output_comes_at_the_end_and_without_a_code(opened: Opened) -> None:
    client, _ = opened(**command("sh -c 'echo out; sleep 0.4; echo err >&2; exit 5'", separate=False))
    client.shake()
    client.quiet(0.2)
    assert client.output == b""
    assert client.until_closed() == ""
    assert client.output == b"out\nerr\n"
    assert client.kinds() == [
        PayloadType.HANDSHAKE_REQUEST,
        PayloadType.HANDSHAKE_COMPLETE,
        PayloadType.OUTPUT,
    ]


@pytest.mark.parametrize("separate", [True, False])
def test_much_output_arrives_whole(opened: Opened, separate: bool) -> None:
    client, _ = opened(**command("seq 1 200000", separate=separate))
    client.shake()
    assert client.until_closed() == ""
    assert client.output == b"".join(b"%d\n" % number for number in range(1, 200001))
    assert all(len(each.payload) <= 1024 for each in client.received)


@pytest.mark.long
def test_a_slow_reader_gets_everything_that_comes_at_the_end(opened: Opened) -> None:
    client, _ = opened(**command("seq 1 40000", separate=False))
    client.shake()
    begun = time.monotonic()
    while client.closed is None:
        client.take(client.socket.recv(5))
        time.sleep(0.02)
    assert client.output == b"".join(b"%d\n" % number for number in range(1, 40001))
    assert time.monotonic() - begun > 4


def test_a_client_that_does_not_listen_stops_the_command(opened: Opened) -> None:
    client, _ = opened(**command("yes"))
    client.shake()
    client.silent = True
    client.quiet(0.6)
    heard = {each.sequence for each in client.messages}
    client.quiet(0.3)
    assert {each.sequence for each in client.messages} == heard
    client.silent = False
    client.until(lambda it: len(it.received) > len(heard))


def test_the_words_go_to_the_program_without_a_shell(opened: Opened) -> None:
    client, _ = opened(**command("printf '<%s>' $HOME 'two words' \"and 'more\" | *"))
    client.shake()
    client.until_closed()
    assert client.output == b"<$HOME><two words><and 'more><|><*>"


def test_nothing_can_be_typed(opened: Opened) -> None:
    client, _ = opened(**command("cat"))
    client.shake()
    assert client.until_closed() == ""
    assert (client.output, statuses(client)) == (b"", [b"EXIT_CODE: 0"])


def test_a_program_that_is_not_there_is_told_after_its_code(opened: Opened) -> None:
    client, _ = opened(**command("no-such-program --flag"))
    client.shake()
    assert client.until_closed() == ""
    assert client.kinds()[2:] == [PayloadType.EXIT_CODE, PayloadType.STDERR]
    assert statuses(client) == [b"EXIT_CODE: 1"]
    assert client.errors.decode().startswith(STARTING)
    assert b"no-such-program" in client.errors


def test_a_program_that_is_not_there_ends_a_merged_command_with_an_error(opened: Opened) -> None:
    client, _ = opened(**command("no-such-program", separate=False))
    client.shake()
    assert client.until_closed().startswith(f"\n----------ERROR-------\n{STARTING}")
    assert client.output == b""


@pytest.mark.parametrize(("byte", "name"), [("\x03", "INT"), ("\x1c", "QUIT")])
@pytest.mark.parametrize("separate", [True, False])
def test_two_bytes_are_signals(opened: Opened, levers: Levers, byte: str, name: str, separate: bool) -> None:
    script = f'trap "echo caught {name}; exit 3" {name}; echo ready; while :; do sleep 0.05; done'
    client, session_id = opened(**command(f"sh -c '{script}'", separate=separate))
    client.shake()
    if separate:
        client.until_output("ready\n")
    else:
        wait_for(lambda: facts(levers, session_id)["shell"] is not None)
        time.sleep(0.1)
    client.type("typed" + byte)
    assert client.until_closed() == ""
    assert client.output == f"ready\ncaught {name}\n".encode()
    assert statuses(client) == ([b"EXIT_CODE: 3"] if separate else [])


def test_a_command_that_a_signal_ends_has_the_code_of_go(opened: Opened) -> None:
    client, _ = opened(**command("sleep 100"))
    client.shake()
    client.quiet(0.1)
    client.type("\x03")
    assert client.until_closed() == ""
    assert statuses(client) == [b"EXIT_CODE: -1"]


def test_a_size_is_taken_and_means_nothing(opened: Opened) -> None:
    client, _ = opened(**command("sh -c 'sleep 0.1; echo done'"))
    client.shake()
    number = client.send(PayloadType.SIZE, size(80, 24))
    client.until_closed()
    assert number in client.acknowledged
    assert client.output == b"done\n"


def test_an_old_agent_tells_no_status(opened: Opened, levers: Levers, node: str) -> None:
    levers("POST", f"node/{node}", {"agent_version": "3.0.1124.0"})
    client, _ = opened(**command("sh -c 'echo out; echo err >&2; exit 5'"))
    client.shake()
    assert client.until_closed() == ""
    assert client.output == b"out\nerr\n"
    assert not {PayloadType.STDERR, PayloadType.EXIT_CODE}.intersection(client.kinds())


def test_an_older_agent_refuses_the_command(opened: Opened, levers: Levers, node: str) -> None:
    levers("POST", f"node/{node}", {"agent_version": "3.0.1123.0"})
    client, _ = opened(**command("true"))
    assert "Plugin with name NonInteractiveCommands is not supported" in client.until_closed()


def test_what_a_command_left_in_the_background_does_not_survive_the_session(opened: Opened) -> None:
    client, _ = opened(**command("sh -c 'nohup sleep 1000 >/dev/null 2>&1 & echo $!'"))
    client.shake()
    assert client.until_closed() == ""
    assert statuses(client) == [b"EXIT_CODE: 0"]
    job = int(client.output)
    wait_for(lambda: not alive(job))


def test_terminate_ends_the_command_and_its_children(opened: Opened, ssm: Client, levers: Levers) -> None:
    client, session_id = opened(**command("sh -c 'sleep 1000 & echo $!; wait'"))
    client.shake()
    client.until_output("\n")
    job, leader = int(client.output), facts(levers, session_id)["shell"]
    assert alive(job)
    assert alive(leader)
    ssm.terminate_session(SessionId=session_id)
    assert client.until_closed() == ""
    wait_for(lambda: not alive(job) and not alive(leader))


def test_a_command_that_ends_while_the_client_is_away_tells_the_next(
    opened: Opened, running: Running, ssm: Client, levers: Levers
) -> None:
    client, session_id = opened(**command("sh -c 'echo before; sleep 0.2; echo after; exit 7'"))
    client.shake()
    client.until_output("before\n")
    levers("POST", f"session/{session_id}/cut")
    time.sleep(0.4)
    resumed = ssm.resume_session(SessionId=session_id)
    again = RawClient(running, resumed, sequence=client.sequence, expected=client.expected)
    again.go_on_from(client)
    assert again.until_closed() == ""
    assert (again.output, statuses(again)) == (b"before\nafter\n", [b"EXIT_CODE: 7"])
    again.close()


def test_a_command_knows_nothing_of_any_aws_key(opened: Opened) -> None:
    client, _ = opened(**command("env"))
    client.shake()
    client.until_closed()
    assert b"HOSTNAME=ip-10-0-12-87" in client.output
    assert b"AWS" not in client.output
