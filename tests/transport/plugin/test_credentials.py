"""The plugin's credentials come from the running ssmx, are renewed by it, and are nowhere on disk."""

import json
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.standin import EXITING, STARTING

SECRETS = ("AKIDEXAMPLE", "example")
PROFILE = """
[profile role]
role_arn = arn:aws:iam::123456789012:role/Engineer
source_profile = base
region = eu-west-1
{more}
[profile base]
aws_access_key_id = AKIDEXAMPLE
aws_secret_access_key = example
"""


def answered(plugin, number=0):
    plugin.fact("credentials")
    status, out, err = plugin.facts("credentials")[number]
    return status, json.loads(out) if out else {}, err


@pytest.fixture
def config(tmp_path):
    """Write an AWS config file; gives the variables that name it."""

    def write(text):
        path = tmp_path / "aws-config"
        path.write_text(text)
        return {"AWS_CONFIG_FILE": str(path), "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}

    return write


def test_the_profile_asks_the_running_ssmx(shell, plugin):
    plugin.plays("modes", "credentials", ("say", STARTING), ("say", EXITING))
    assert shell("--transport", "plugin").ends()[0] == 0
    status, body, _ = answered(plugin)
    assert status == 0
    assert (body["Version"], body["AccessKeyId"], body["SecretAccessKey"]) == (1, "AKIDEXAMPLE", "example")
    assert "SessionToken" not in body
    until = datetime.fromisoformat(body["Expiration"]) - datetime.now(UTC)
    assert until < timedelta(seconds=10), "credentials that are kept cannot be renewed"


def test_what_is_written_is_private_holds_no_secret_and_is_removed(shell, plugin):
    plugin.plays("modes", "credentials", ("say", STARTING), ("say", EXITING))
    assert shell("--transport", "plugin").ends()[0] == 0
    assert plugin.fact("modes") == {"": 0o700, "config": 0o600, "credentials": 0o600, "socket": 0o600}
    assert not any(secret in plugin.fact("text") for secret in SECRETS)
    assert not Path(plugin.fact("config")).exists()


@pytest.mark.parametrize("bad", ["nowhere", "with space", "x" * 90])
def test_a_folder_that_is_no_good_is_not_used(shell, plugin, scratch, bad):
    folder = scratch / bad
    if bad != "nowhere":
        folder.mkdir()
    plugin.plays("credentials", ("say", STARTING), ("say", EXITING))
    assert shell("--transport", "plugin", XDG_RUNTIME_DIR=str(folder), TMPDIR=str(scratch)).ends()[0] == 0
    assert answered(plugin)[0] == 0
    assert Path(plugin.fact("config")).parent.parent == scratch
    if bad != "nowhere":
        folder.rmdir()


def test_the_settings_of_the_profile_go_with_them(shell, plugin, config):
    aws = config(
        PROFILE.format(more="").replace(
            "[profile base]", "[profile base]\nuse_fips_endpoint = true\nca_bundle = /ca.pem"
        )
    )
    plugin.plays("credentials", ("say", STARTING), ("say", EXITING))
    assert shell("--transport", "plugin", "-p", "base", **aws).ends()[0] == 0
    assert "use_fips_endpoint = true\n" in plugin.fact("text")
    assert "ca_bundle = /ca.pem\n" in plugin.fact("text")


def test_a_key_that_another_program_has_renewed_in_its_file_is_lent(shell, plugin, config):
    aws = config(PROFILE.format(more=""))
    plugin.plays("credentials", ("say", STARTING), ("say", "hello"), ("keys", "q"), "credentials", ("say", EXITING))
    running = shell("--transport", "plugin", "-p", "base", **aws)
    running.sees("hello")
    path = Path(aws["AWS_CONFIG_FILE"])
    path.write_text(path.read_text().replace("AKIDEXAMPLE", "AKIDRENEWED"))
    running.raw()
    running.keys("q")
    assert running.ends()[0] == 0
    assert [answered(plugin, number)[1]["AccessKeyId"] for number in (0, 1)] == ["AKIDEXAMPLE", "AKIDRENEWED"]


class Roles:
    """STS of the stub: each AssumeRole gives new keys; `seconds` is how long they live."""

    def __init__(self, aws, seconds):
        self.given = []
        self._seconds = seconds
        self._others = aws.answer
        aws.answer = self.answer

    def answer(self, operation, request):
        if operation != "AssumeRole":
            return self._others(operation, request)
        self.given.append(request.get("TokenCode", ""))
        end = (datetime.now(UTC) + timedelta(seconds=self._seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
        keys = (
            f"<AccessKeyId>ASIA{len(self.given)}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"
            f"<SessionToken>session{len(self.given)}</SessionToken><Expiration>{end}</Expiration>"
        )
        answer = f"<AssumeRoleResult><Credentials>{keys}</Credentials></AssumeRoleResult>"
        name = "https://sts.amazonaws.com/doc/2011-06-15/"
        return 200, "text/xml", f'<AssumeRoleResponse xmlns="{name}">{answer}</AssumeRoleResponse>'


def test_a_role_that_lives_seconds_is_renewed(shell, plugin, aws, config):
    roles = Roles(aws, 5)
    plugin.plays("credentials", ("say", STARTING), ("sleep", 0.1), "credentials", ("say", EXITING))
    assert shell("--transport", "plugin", "-p", "role", **config(PROFILE.format(more=""))).ends()[0] == 0
    first, second = (answered(plugin, number)[1] for number in (0, 1))
    assert first["AccessKeyId"] != second["AccessKeyId"]
    assert second["SessionToken"].startswith("session")
    assert len(roles.given) > 2


@pytest.fixture
def with_mfa(shell, config):
    """Open a shell by a role with MFA, and press q once its keys are to be renewed: 10 minutes before their end."""

    def open_():
        more = "mfa_serial = arn:aws:iam::123456789012:mfa/ravi"
        running = shell("--transport", "plugin", "-p", "role", **config(PROFILE.format(more=more)))
        running.sees("MFA code for .*: ")
        running.keys("111111\r")
        running.sees("hello")
        time.sleep(6)
        running.keys("q")
        return running

    return open_


def test_a_role_with_mfa_is_renewed_by_asking_in_the_middle_of_the_session(plugin, aws, with_mfa):
    roles = Roles(aws, 605)
    plugin.plays(
        "credentials", ("say", STARTING), ("say", "hello"), ("keys", "q"), "credentials", ("say", "again"),
        ("keys", "q"), ("say", EXITING),
    )  # fmt: skip
    running = with_mfa()
    running.sees("ssmx: Enter MFA code for .*: ")
    running.keys("9\x15222x\x7f222\r")
    shown = running.sees("again")
    assert "222" not in shown
    running.keys("q")
    assert running.ends()[0] == 0
    assert roles.given == ["111111", "222222"]
    assert answered(plugin, 1)[1]["AccessKeyId"] == "ASIA2"
    assert plugin.facts("keys") == ["q", "q"], "the code went to the node"


def test_a_question_can_be_refused(plugin, aws, with_mfa):
    Roles(aws, 605)
    plugin.plays(
        ("say", STARTING), ("say", "hello"), ("keys", "q"), "credentials", ("say", "again"), ("keys", "q"),
        ("say", EXITING),
    )  # fmt: skip
    running = with_mfa()
    running.sees("MFA code for .*: ")
    running.keys("\x03")
    running.sees("the plugin asked for credentials: .*sign in again")
    running.sees("again")
    running.keys("q")
    assert running.ends()[0] == 0
    status, _, err = answered(plugin)
    assert status == 1
    assert "not renewed" in err
    assert aws.operations()[-1] == "TerminateSession", "the keys were good for ten minutes more"


def test_credentials_that_cannot_be_renewed_are_told(shell, plugin, aws, config, tmp_path):
    once = tmp_path / "once"
    print_keys = (
        f"import json, os, sys; os.path.exists({str(once)!r}) and sys.exit('the sign-in has expired'); "
        "print(json.dumps(dict(Version=1, AccessKeyId='AKIDEXAMPLE', SecretAccessKey='example')))"
    )
    program = tmp_path / "keys.py"
    program.write_text(print_keys)
    once_only = config(f"[profile once]\nregion = eu-west-1\ncredential_process = {sys.executable} {program}\n")
    plugin.plays(("say", STARTING), ("say", "hello"), ("keys", "q"), "credentials", ("say", EXITING))
    running = shell("--transport", "plugin", "-p", "once", **once_only)
    running.sees("hello")
    once.touch()
    running.raw()
    running.keys("q")
    running.sees("the plugin asked for credentials: .*the sign-in has expired")
    assert running.ends()[0] == 0
    assert answered(plugin)[0] == 1
    assert aws.operations()[-1] == "TerminateSession"


def test_the_end_waits_for_no_question(plugin, aws, with_mfa):
    Roles(aws, 605)
    plugin.plays(
        ("say", STARTING), ("say", "hello"), ("keys", "q"), ("background",), ("sleep", 1), ("say", EXITING)
    )  # fmt: skip
    running = with_mfa()
    running.sees("MFA code for .*: ")
    status, shown = running.ends()
    assert status == 0, shown
    assert "Traceback" not in shown
    assert aws.operations()[-1] == "TerminateSession"


@pytest.mark.parametrize("answer", ["[1]", "sleep"])
def test_a_helper_that_fails_or_hangs_leaves_no_trace_and_no_session(shell, plugin, aws, config, tmp_path, answer):
    program, later = tmp_path / "keys.py", tmp_path / "later"
    program.write_text(
        f"import json, os, time\n"
        f"if os.path.exists({str(later)!r}):\n"
        f"    {answer!r} == 'sleep' and time.sleep(20)\n    print({answer!r})\n"
        "else:\n    print(json.dumps(dict(Version=1, AccessKeyId='AKIDEXAMPLE', SecretAccessKey='example')))\n"
    )
    made = config(f"[profile made]\nregion = eu-west-1\ncredential_process = {sys.executable} {program}\n")
    plugin.plays(
        ("say", STARTING), ("say", "hello"), ("keys", "q"), ("background",), ("sleep", 1.5), ("say", EXITING)
    )  # fmt: skip
    running = shell("--transport", "plugin", "-p", "made", **made)
    running.sees("hello")
    later.touch()
    running.raw()
    running.keys("q")
    start = time.monotonic()
    status, shown = running.ends()
    assert status == 0, shown
    assert time.monotonic() - start < 10
    assert "Traceback" not in shown
    assert aws.operations()[-1] == "TerminateSession"
