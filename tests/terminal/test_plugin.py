"""Shells on the sandbox through a plugin: the terminal, the session and the processes, whatever happens.

The stand-in opens no data channel. The tests of the real session-manager-plugin want one on PATH.
"""

import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

from tests.standin import EXITING, STARTING, StandIn, dead
from tests.terminal.conftest import PROMPT, REMOTE, two_lines

# Newer ones take StreamUrls of AWS only.
LAST_FOR_ANY_STREAM = (1, 2, 889, 0)
HIDDEN = (("say", STARTING), ("say", "hello\r\n"), "stty", "hang")

# Keys that live ten seconds, as if the hour were over; botocore would ask for 900 at least.
SHORT = """
[profile short]
role_arn = arn:aws:iam::123456789012:role/Engineer
source_profile = base
duration_seconds = 10
parameter_validation = false
region = eu-west-1
endpoint_url = {endpoint}

[profile base]
endpoint_url = {endpoint}
aws_access_key_id = {key}
aws_secret_access_key = {secret}
"""


@pytest.fixture
def standin(tmp_path):
    return StandIn(tmp_path / "bin", *HIDDEN)


def ended(levers):
    return [each["parameters"]["SessionId"] for each in levers.asked("TerminateSession")]


def through(plugin, words="shell payments-api --transport plugin"):
    return f"SSMX_PLUGIN={plugin.path} $PYTHON -m ssmx {words}"


@pytest.fixture
def short(running, tmp_path):
    """The words that make a profile `short` known."""
    path = tmp_path / "aws-config"
    path.write_text(SHORT.format(key=running.access_key, secret=running.secret_key, endpoint=running.endpoint))
    return f"AWS_CONFIG_FILE={path} AWS_SHARED_CREDENTIALS_FILE=/dev/null "


@pytest.fixture
def left(env, scratch):
    """The folder for temporary files."""
    env["XDG_RUNTIME_DIR"] = env["TMPDIR"] = str(scratch)
    return scratch


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_ends_all(left, user, levers, live, standin, number):
    user.types(through(standin))
    user.sees("hello")
    session = live()
    os.kill(user.ssmx_pid(), number)
    assert user.back()[0] == 128 + {1: 1, 2: 2, 15: 15}[number]
    assert dead(standin.fact("pid"))
    assert ended(levers) == [session]


WITH_CHILD = (("child",), *HIDDEN)


@pytest.mark.parametrize(
    "steps", [HIDDEN, (("ignore", "HUP", "INT", "TERM"), *HIDDEN), WITH_CHILD], ids=["plain", "deaf", "child"]
)
def test_kill_9_of_ssmx_leaves_no_plugin_no_session_and_no_file(left, user, levers, live, ssmx, standin, steps):
    standin.plays(*steps)
    user.types(through(standin))
    user.sees("hello")
    session = live()
    assert list(left.iterdir()) != []
    os.kill(user.ssmx_pid(), signal.SIGKILL)
    user.back()
    user.does("stty sane; stty -echo echo")
    assert dead(standin.fact("pid"))
    assert all(dead(child) for child in standin.facts("child"))
    deadline = time.monotonic() + 20
    while levers.open_sessions() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert ended(levers) == [session]
    deadline = time.monotonic() + 5
    while (listed := ssmx("sessions", "ls", "-o", "json").json) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert listed == []
    user.settings = user.stty()  # nobody could give the terminal back


def test_kill_9_of_the_plugin_is_told_and_ends_the_session(left, user, levers, live, standin):
    user.types(through(standin))
    user.sees("hello")
    session = live()
    os.kill(standin.fact("pid"), signal.SIGKILL)
    status, shown = user.back()
    assert status == 74
    assert "killed by signal 9" in shown
    assert two_lines(shown)
    assert ended(levers) == [session]


def test_suspended_from_elsewhere_and_continued(left, user, live, standin):
    standin.plays(("say", STARTING), ("say", "hello\r\n"), ("keys", "q"), ("say", EXITING))
    user.types(through(standin))
    user.sees("hello")
    os.kill(user.ssmx_pid(), signal.SIGTSTP)
    user.sees("Stopped")
    user.sees(PROMPT)
    assert user.stty() == user.settings
    user.types("fg")
    user.child.waitnoecho(timeout=10)
    user.keys("q")
    assert user.back()[0] == 0
    assert standin.fact("keys") == "q"


@pytest.mark.waits
def test_the_plugin_resumes_after_its_first_credentials_have_expired(left, user, live, standin, short):
    standin.plays(
        ("caller",), ("say", STARTING), ("say", "hello\r\n"), ("sleep", 11), ("resume",), ("say", EXITING)
    )  # fmt: skip
    user.types(short + through(standin, "shell payments-api --transport plugin -p short"))
    user.sees("hello")
    live()
    assert user.back(timeout=40)[0] == 0
    assert "assumed-role/Engineer" in standin.fact("caller")
    assert standin.fact("resumed")
    first, second = standin.facts("key")
    assert first != second


# The real one


def official():
    """The session-manager-plugin of this machine, or why the tests of it are skipped."""
    path = shutil.which("session-manager-plugin")
    if path is None:
        return "", "no session-manager-plugin on PATH"
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False, timeout=10).stdout
    version = tuple(int(part) for part in said.strip().split(".") if part.isdigit())
    if version >= LAST_FOR_ANY_STREAM:
        return "", f"session-manager-plugin {said.strip()} takes no StreamUrl but AWS's own"
    return path, ""


OFFICIAL, WHY_NOT = official()
real = pytest.mark.skipif(not OFFICIAL, reason=WHY_NOT)


@pytest.fixture
def opened(left, user, levers, live):
    """A shell through the real plugin; gives the session's id."""

    def open_(words=""):
        user.types(f"SSMX_PLUGIN={OFFICIAL} $PYTHON -m ssmx shell payments-api --transport plugin {words}")
        user.sees(REMOTE)
        # Its keyboard and its size go out unlocked (its defect 9): a key typed now may be swallowed.
        time.sleep(0.7)
        return live()

    return open_


@real
def test_real_a_shell_with_resize_ctrl_c_and_exit(user, opened):
    opened()
    user.types("stty size")
    user.sees("30 100")
    user.child.setwinsize(41, 121)
    user.types("while [ \"$(stty size)\" != '41 121' ]; do sleep 0.1; done; echo re'sized'")
    user.sees("resized")
    user.runs("sleep 1000")
    user.keys("\x03")
    user.sees(REMOTE)
    user.types("cat -v")
    time.sleep(0.3)
    user.keys("a\x16\x03\x16\x1a\r")
    user.sees(r"\r\na\^C\^Z\r\n")
    user.keys("\x04")
    user.types("seq 30000 | tail -n 1")
    user.sees("\n30000")
    user.types("exit")
    status, shown = user.back()
    assert status == 0
    assert "session" not in shown.lower()


@real
def test_real_no_process_shows_a_token_or_a_key(user, opened, levers, running):
    session = opened()
    token = next(each["token"] for each in levers.sessions() if each["id"] == session)
    listed = subprocess.run(["ps", "-ww", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert "AWS_SSM_START_SESSION_RESPONSE eu-west-1 StartSession ssmx" in listed
    for secret in (token, running.access_key, running.secret_key):
        assert secret not in listed
    user.types("exit")
    assert user.back()[0] == 0


@real
def test_real_sigterm(user, opened, levers):
    session = opened()
    os.kill(user.ssmx_pid(), signal.SIGTERM)
    assert user.back()[0] == 143
    assert ended(levers) == [session]


@real
def test_real_a_cut_is_resumed(user, opened, levers):
    session = opened()
    levers("POST", f"session/{session}/cut")
    user.types("echo it $((40+2)) lives")
    user.sees("it 42 lives")
    assert levers.asked("ResumeSession")
    user.types("exit")
    assert user.back()[0] == 0


@real
def test_real_an_end_by_somebody_else(user, opened, levers):
    session = opened()
    levers("POST", f"session/{session}/close?output=Session+ended+by+an+administrator")
    status, shown = user.back()
    assert status == 74
    assert "Session ended by an administrator" in shown
    assert two_lines(shown)


@real
def test_real_it_resumes_after_its_first_credentials_have_expired(user, opened, levers, short):
    user.does(f"export {short}")
    session = opened("-p short")
    time.sleep(11)
    levers("POST", f"session/{session}/cut")
    user.types("echo it $((40+2)) lives")
    user.sees("it 42 lives")
    assert levers.asked("ResumeSession")
    user.types("exit")
    assert user.back()[0] == 0


def test_kill_9_ends_a_session_whose_credentials_only_ssmx_had(left, user, levers, live, standin, short, tmp_path):
    made = (tmp_path / "aws-config").read_text()
    keys = tmp_path / "once.py"
    base = dict(line.split(" = ") for line in made.splitlines() if line.startswith("aws_"))
    keys.write_text(
        "import json, os\n"
        f"os.mkdir({str(tmp_path / 'asked')!r})\n"
        f"print(json.dumps(dict(Version=1, AccessKeyId={base['aws_access_key_id']!r},"
        f" SecretAccessKey={base['aws_secret_access_key']!r})))\n"
    )
    (tmp_path / "aws-config").write_text(
        f"[profile once]\nregion = eu-west-1\ncredential_process = {sys.executable} {keys}\n"
        f"endpoint_url = {made.partition('endpoint_url = ')[2].split()[0]}\n"
    )
    user.types(short + through(standin, "shell payments-api --transport plugin -p once"))
    user.sees("hello")
    session = live()
    os.kill(user.ssmx_pid(), signal.SIGKILL)
    user.back()
    user.does("stty sane; stty -echo echo")
    user.settings = user.stty()
    deadline = time.monotonic() + 20
    while levers.open_sessions() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert ended(levers) == [session]
