"""A shell whose connection is lost goes on, or says why it cannot; the terminal is what it was."""

import json
import time

import pytest

from tests.terminal.conftest import two_lines


def terminated(levers):
    return [each["parameters"]["SessionId"] for each in levers.asked("TerminateSession")]


@pytest.mark.parametrize("how", ["cut", "bye"])
def test_a_shell_goes_on_without_a_word(user, levers, live, how):
    user.opens()
    session = live()
    for number in (6, 7):
        levers("POST", f"session/{session}/{how}")
        user.types(f"echo $(({number}*7))")
        shown = user.sees(rf"\n{number * 7}\r\n")
        assert "ssmx:" not in shown
    user.types("exit")
    assert user.back()[0] == 0
    assert len(levers.asked("ResumeSession")) == 2
    assert terminated(levers) == [session]


def test_what_takes_long_is_said_once_and_what_was_typed_meanwhile_arrives(user, levers, live):
    user.opens()
    session = live()
    levers.fault("ResumeSession", "InternalServerError", "busy", status=500, times=4)
    levers("POST", f"session/{session}/cut")
    user.sees("was cut; resuming, for 5 minutes at most; Ctrl-C ends")
    user.types("echo $((6*7))")
    shown = user.sees(r"\n42\r\n")
    assert shown.count("ssmx:") == 1
    assert "resumed after" in shown
    user.types("exit")
    assert user.back()[0] == 0


def test_ctrl_c_ends_a_session_that_is_being_resumed(user, levers, live):
    user.opens()
    session = live()
    levers.fault("ResumeSession", "InternalServerError", "busy", status=500, times=1000)
    levers("POST", f"session/{session}/cut")
    user.sees("Ctrl-C ends")
    user.keys("\x03")
    status, shown = user.back()
    assert status == 130
    assert "interrupted while the connection was lost" in shown
    assert terminated(levers) == [session]


def test_a_session_that_cannot_be_resumed_ends_with_the_reason(user, levers, live):
    user.does("export SSMX_RESUME_TIMEOUT=1")
    user.opens()
    session = live()
    levers.fault("ResumeSession", "InternalServerError", "busy", status=500, times=1000)
    levers("POST", f"session/{session}/cut")
    status, shown = user.back()
    assert status == 74
    assert "could not be resumed in 1 second" in shown
    assert two_lines(shown)
    assert terminated(levers) == [session]


def test_a_policy_that_does_not_let_us_resume_is_named(user, levers, live):
    user.opens()
    session = live()
    levers.fault("ResumeSession", "AccessDeniedException", "not authorized to perform: ssm:ResumeSession", times=9)
    levers("POST", f"session/{session}/cut")
    status, shown = user.back()
    assert status == 74
    assert "cannot be resumed" in shown
    assert "ssm:ResumeSession" in shown


def test_a_session_that_has_ended_meanwhile_is_said_to_have_ended(user, levers, live, ssmx):
    user.opens()
    session = live()
    levers.fault("ResumeSession", "InternalServerError", "busy", status=500, times=6)
    levers("POST", f"session/{session}/cut")
    assert ssmx("sessions", "end", session).status == 0
    status, shown = user.back()
    assert status == 74
    assert "has ended" in shown


def test_a_session_is_resumed_with_the_credentials_of_that_moment(user, levers, live, running, home, tmp_path):
    """A credential_process whose keys are always about to expire is asked again."""
    keys = {"Version": 1, "AccessKeyId": running.access_key, "SecretAccessKey": running.secret_key}
    script, calls = tmp_path / "keys", tmp_path / "calls"
    script.write_text(
        f"#!/bin/sh\necho call >>{calls}\n"
        f"echo '{json.dumps(keys)[:-1]}, \"Expiration\": \"'$(date -u -d '+2 seconds' +%Y-%m-%dT%H:%M:%SZ)'\"}}'\n"
    )
    script.chmod(0o755)
    config = tmp_path / "config"
    config.write_text(
        f"[profile short]\nregion = {running.region}\nendpoint_url = {running.endpoint}\n"
        f"credential_process = {script}\n"
    )
    user.does(f"export AWS_CONFIG_FILE={config} AWS_PROFILE=short")
    user.opens()
    session = live()
    time.sleep(2.5)  # the first keys have expired
    before = calls.read_text().count("call")
    levers("POST", f"session/{session}/cut")
    user.types("echo $((6*7))")
    user.sees(r"\n42\r\n")
    assert calls.read_text().count("call") > before
    user.types("exit")
    assert user.back()[0] == 0
