import hashlib
import time

import pytest


@pytest.fixture(autouse=True)
def _nothing_left_open(live):
    pass


def test_a_name_gets_a_shell(user):
    user.ssmx("shell payments-api")
    assert "payments-api (i-" in user.sees(user.remote)
    user.types("echo $((6*7))")
    user.sees(r"\n42\r\n")
    user.types("exit")
    assert user.back()[0] == 0


def test_the_line_before_the_shell_says_node_account_and_region(user, nodes):
    user.ssmx("shell payments-api")
    shown = user.sees(user.remote)
    assert f"payments-api ({nodes['payments-api']}) in account 123456789012, eu-west-1" in shown
    user.types("exit")
    user.back()


def test_the_far_terminal_has_our_size_and_follows_it(user):
    user.opens()
    user.types("stty size")
    user.sees("30 100")
    user.child.setwinsize(41, 123)
    time.sleep(0.3)
    user.types("stty size")
    user.sees("41 123")
    user.types("exit")
    assert user.back()[0] == 0


def test_ctrl_c_ends_a_remote_command_and_not_the_session(user):
    user.opens()
    user.runs("sleep 100")
    user.keys("\x03")
    user.sees(user.remote, timeout=5)
    user.types("exit")
    assert user.back()[0] == 0


def test_ctrl_z_and_ctrl_backslash_reach_the_remote_command(user):
    user.opens()
    user.runs("sleep 100")
    user.keys("\x1a")
    user.sees("Stopped")
    user.types("kill %1; cat")
    time.sleep(0.3)
    user.keys("\x1c")
    user.sees("Quit")
    user.types("exit")
    user.back()


def test_a_command_runs_on_a_terminal(user):
    user.ssmx("shell payments-api -- 'tty; sleep 0.5; stty size; echo done'")
    shown = user.back()[1]
    assert "/dev/" in shown
    assert "30 100" in shown
    assert "done" in shown


def test_a_command_that_prints_nothing_can_be_typed_to(user):
    """It sends no first message, for which the official client waits for ever."""
    user.ssmx("shell payments-api -- cat")
    user.sees("in account")
    time.sleep(4)
    user.types("hello")
    user.sees("hello\r\nhello")
    user.keys("\x04")
    assert user.back()[0] == 0


def test_a_paste_arrives_whole(user):
    user.opens()
    text = "".join(f"{number:07d}\n" for number in range(25_000))
    user.types("stty raw -echo; echo RE''ADY; head -c 200000 | sha256sum; stty sane")
    user.sees("READY")
    user.keys(text)
    user.sees(hashlib.sha256(text.encode()).hexdigest(), timeout=60)
    user.types("exit")
    user.back()


def test_much_output_arrives_whole(user):
    user.opens()
    user.types("seq 1 20000; echo E''ND")
    shown = user.sees("END", timeout=60)
    numbers = [int(word) for word in shown.split() if word.isdecimal()]
    assert numbers[-20000:] == list(range(1, 20001))
    user.types("exit")
    user.back()


@pytest.mark.parametrize("fault", ["duplicate?on=1", "reorder?on=1", "drop?in=3&out=3"])
def test_nothing_is_lost_on_a_network_that_misbehaves(user, levers, live, fault):
    user.opens()
    levers("POST", f"session/{live()}/{fault}")
    user.types("seq 1 300; echo E''ND")
    shown = user.sees("END", timeout=60)
    assert [int(word) for word in shown.split() if word.isdecimal()][-300:] == list(range(1, 301))
    levers("POST", "reset")
    user.types("exit")
    user.back()


def test_of_several_nodes_the_user_chooses_by_typing(user):
    user.ssmx("shell web")
    user.sees("6 nodes are named 'web'")
    time.sleep(0.5)
    user.keys("10.0.1.12")
    time.sleep(0.5)
    user.keys("\r")
    user.sees(r"\[ravi@ip-10-0-1-12 ~\]\$ ")
    user.types("exit")
    user.back()


def test_the_picker_can_be_left(user):
    user.ssmx("shell web")
    user.sees("Which one")
    time.sleep(0.5)
    user.keys("\x03")
    status, shown = user.back()
    assert status == 130
    assert "nothing was chosen" in shown


def test_no_input_never_asks(user):
    user.ssmx("--no-input shell web")
    status, shown = user.back()
    assert status == 68
    assert "--newest" in shown


def test_output_can_go_to_a_pipe(user):
    user.ssmx("shell payments-api -- 'echo through' | tr a-z A-Z")
    assert "THROUGH" in user.back()[1]
