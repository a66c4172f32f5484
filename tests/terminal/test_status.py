"""ssmx status on a terminal: a table that lives in its place, and leaves the terminal as it was."""

import os
import re
import signal

import pytest

from tests.cli.running import kept

ENTERED, LEFT = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"
PROBLEM = "the sign-in has expired"
ORDERS = {
    "name": "orders",
    "state": "paused",
    "host": "127.0.0.1",
    "port": 15432,
    "endpoint": "orders.cluster:5432",
    "target_name": "bastion",
    "lanes": [{"state": "paused"}],
    "sent": 7,
    "problem": PROBLEM,
}


@pytest.fixture
def orders(env, scratch):
    with kept(env, scratch / "s", ORDERS) as keeper:
        yield keeper


@pytest.fixture
def watching(user, orders):
    user.ssmx("status")
    user.sees(re.escape(ENTERED))
    user.sees("q leaves")
    return user


def frame_where(user, true):
    """The first drawing of the next few of which `true` holds."""
    return next(lines for lines in (frame(user) for _ in range(10)) if true(lines))


def frame(user):
    """The lines of the next whole drawing, without what moves the cursor."""
    user.sees(re.escape("\x1b[H"))
    shown = user.sees(re.escape("\x1b[J"))
    return re.split(r"\x1b\[K\r+\n", shown)


def test_tunnels_are_shown_with_their_problems_and_q_leaves(watching):
    lines = frame(watching)
    assert lines[0].split()[:2] == ["NAME", "STATE"]
    assert lines[1].split()[:3] == ["orders", "paused", "0/1"]
    assert lines[2] == f"  {PROBLEM}"
    watching.keys("q")
    watching.sees(re.escape(LEFT))
    assert watching.back()[0] == 0


def test_it_is_drawn_again_in_its_place_with_rates(watching):
    assert frame(watching)[1].split()[4:6] == ["0", "B/s"]
    again = frame(watching)
    assert len(again) == 5
    watching.keys("q")
    assert watching.back()[0] == 0


def test_ctrl_c_leaves_with_0(watching):
    watching.keys("\x03")
    watching.sees(re.escape(LEFT))
    status, shown = watching.back()
    assert status == 0
    assert "ssmx:" not in shown


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGQUIT, 0)])
def test_a_signal_leaves_the_terminal_as_it_was(watching, number, status):
    os.kill(watching.ssmx_pid(), number)
    watching.sees(re.escape(LEFT))
    assert watching.back()[0] == status


def test_while_it_is_stopped_the_terminal_is_the_shells_and_afterwards_its_own_again(watching):
    watching.keys("\x1a")
    watching.sees(re.escape(LEFT))
    watching.sees("LOCAL> ")
    assert watching.stty() == watching.settings
    watching.types("fg")
    watching.sees(re.escape(ENTERED))
    frame(watching)
    watching.keys("q")
    assert watching.back()[0] == 0


def test_lines_are_cut_to_a_window_that_is_made_small(watching):
    watching.child.setwinsize(3, 20)
    lines = frame_where(watching, lambda lines: len(lines) == 3)
    assert [len(each) <= 19 for each in lines] == [True] * 3
    assert lines[1].startswith("orders  paused")
    assert lines[2] == "… 3 more lines"
    watching.keys("q")
    assert watching.back()[0] == 0


def test_a_window_of_one_line_and_one_column_is_no_error(watching):
    watching.child.setwinsize(1, 1)
    frame_where(watching, lambda lines: len(lines) == 1)
    watching.child.setwinsize(30, 100)
    frame_where(watching, lambda lines: len(lines) == 5)
    watching.keys("q")
    assert watching.back()[0] == 0


def test_keys_are_not_shown_and_colours_are_where_they_are_wanted(user, orders):
    user.types("NO_COLOR= $PYTHON -m ssmx status")
    user.sees("q leaves")
    lines = frame(user)
    assert "\x1b[33mpaused" in lines[1]
    assert lines[2] == f"\x1b[2m  {PROBLEM}\x1b[0m"
    user.keys("xyz")
    assert "xyz" not in "".join([*frame(user), *frame(user)])
    user.keys("q")
    assert user.back()[0] == 0


def test_a_tunnel_that_ends_meanwhile_is_gone(watching, orders):
    assert any("orders" in each for each in frame(watching))
    orders.kill()
    orders.wait()
    frame_where(watching, lambda lines: lines[0] == "no tunnel runs")
    watching.keys("q")
    assert watching.back()[0] == 0


def test_without_a_terminal_at_either_end_or_with_a_form_it_prints_once(user, orders):
    for words in ("status < /dev/null", "status | cat", "status -o tsv", "status -o name", "status --prometheus"):
        shown = user.does(f"$PYTHON -m ssmx {words}")
        assert "orders" in shown
        assert "\x1b[?1049h" not in shown
    assert "orders" in user.does("TERM=dumb $PYTHON -m ssmx status")
