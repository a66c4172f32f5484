"""What callers hand over, and what they get back before any session."""

import json
import subprocess
import time

import pytest

from ssmx.channel.payload import CLIENT_VERSION
from ssmx.dropin.contract import read
from ssmx.errors import UsageError
from ssmx.model.plugin import LAST_WITHOUT_VARIABLE, MINIMUM
from ssmx.model.session import Session, is_ssm_endpoint
from tests.carried import DROPIN, NOWHERE, VARIABLE, environment

ANSWER = {"SessionId": "s-1", "TokenValue": "hush", "StreamUrl": "ws://127.0.0.1:9/v1/data-channel/s-1"}
REQUEST = {"Target": "i-1", "DocumentName": "AWS-StartSSHSession", "Parameters": {"portNumber": ["22"]}}


def call(*given, **changed):
    env = {**environment(ANSWER), **changed}
    return subprocess.run(
        [*DROPIN, *given],
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_without_arguments_it_says_that_it_is_installed():
    done = call()
    assert (done.returncode, done.stderr) == (0, "")
    assert "The Session Manager plugin was installed successfully." in done.stdout


def test_its_version_is_one_that_callers_hand_the_token_through_the_environment():
    done = call("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{CLIENT_VERSION}\n", "")
    number = tuple(map(int, done.stdout.split(".")))
    for least in (LAST_WITHOUT_VARIABLE, MINIMUM):
        assert number > tuple(map(int, least.split(".")))


def test_the_call_is_read_and_the_token_leaves_the_environment():
    env = {VARIABLE: json.dumps(ANSWER), "OTHER": "kept"}
    given = read([VARIABLE, "eu-west-1", "StartSession", "prod", json.dumps(REQUEST), "https://ssm.example"], env)
    assert given.session == Session("s-1", ANSWER["StreamUrl"], "hush")
    assert (given.region, given.profile, given.endpoint) == ("eu-west-1", "prod", "https://ssm.example")
    assert given.plan.target.id == "i-1"
    assert given.plan.document == "AWS-StartSSHSession"
    assert given.plan.parameters == {"portNumber": ("22",)}
    assert env == {"OTHER": "kept"}


def test_a_variable_may_have_a_longer_name_and_json_may_stand_on_the_command_line():
    env = {f"{VARIABLE}_7f": json.dumps(ANSWER)}
    assert read([f"{VARIABLE}_7f", "r", "StartSession", "", "{}", ""][:3], env).session.token == "hush"
    assert read([json.dumps(ANSWER), "r", "StartSession"], {}).session.token == "hush"


@pytest.mark.parametrize(
    "given",
    [
        ["-h"],
        ["one", "two"],
        [VARIABLE, "r", "StopSession"],
        [VARIABLE, "r", "StartSession", "p", "{}"],
        [VARIABLE, "r", "StartSession", "", "{}", NOWHERE],
        [VARIABLE, "r", "StartSession", "", '{"Target": 7}', NOWHERE],
        [VARIABLE, "r", "StartSession", "", "[]", NOWHERE],
        [VARIABLE, "r", "StartSession", "", '{"Target":"i-1","Parameters":7}', NOWHERE],
        ["{}", "r", "StartSession"],
        ["hush hush", "r", "StartSession"],
        [f"{VARIABLE}_NOT_THERE", "r", "StartSession"],
        ['{"SessionId":"s","TokenValue":"hush"}', "r", "StartSession"],
    ],
)
def test_any_other_call_is_an_error_of_two_lines_without_a_secret(given):
    with pytest.raises(UsageError):
        read(given, {VARIABLE: json.dumps(ANSWER)})
    done = call(*given)
    assert (done.returncode, done.stdout) == (1, "")
    first, second = done.stderr.splitlines()
    assert first.startswith("ssmx: ")
    assert second.startswith("  try: ")
    assert "hush" not in done.stderr


@pytest.mark.parametrize(
    ("url", "is_ssm"),
    [
        ("https://ssm.eu-west-1.amazonaws.com", True),
        ("https://ssm-fips.us-gov-west-1.amazonaws.com", True),
        ("https://vpce-0a1b2c-x.ssm.eu-west-1.vpce.amazonaws.com", True),
        ("https://ecs.eu-west-1.amazonaws.com", False),
        ("http://127.0.0.1:4566", True),
    ],
)
def test_the_endpoint_of_another_service_is_not_taken_for_systems_managers(url, is_ssm):
    """`aws ecs execute-command` hands over that of ECS, where no session can be resumed or ended."""
    assert is_ssm_endpoint(url) == is_ssm


def test_nobody_at_the_far_end_is_told_in_seconds_and_the_session_is_not_left_alone():
    began = time.monotonic()
    done = call(VARIABLE, "us-east-1", "StartSession", "", json.dumps(REQUEST), NOWHERE)
    assert (done.returncode, done.stdout) == (1, "")
    assert "cannot open the data channel" in done.stderr
    assert "could not end session s-1" in done.stderr  # nor is there an AWS
    assert time.monotonic() - began < 20
