"""Bad input and a world that says no: two lines, and the right exit status."""

import json
import subprocess
import sys

import pytest

from tests.transport.far import http


@pytest.fixture
def config(env, running, tmp_path):
    """A config file with the sandbox's profile and these lines below it."""

    def write(text):
        path = tmp_path / "aws-config"
        path.write_text(running.config_file.read_text() + "\n" + text)
        return {"AWS_CONFIG_FILE": str(path)}

    return write


def two_lines(result):
    lines = result.err.splitlines()
    return len(lines) == 2 and lines[0].startswith("ssmx: ") and lines[1].startswith("  try: ")


def test_an_unknown_profile_lists_those_there_are(ssmx, config):
    result = ssmx("-p", "prdo", "resolve", "x", **config("[profile prod]\nregion = eu-west-1\n"))
    assert result.status == 78
    assert "profile 'prdo' (from --profile) does not exist" in result.err
    assert "prod" in result.err.splitlines()[1]
    assert two_lines(result)


def test_no_profile_set_lists_those_there_are(ssmx, tmp_path):
    (tmp_path / "c").write_text("[profile prod]\nregion = eu-west-1\n[profile dev]\nregion = eu-west-1\n")
    result = ssmx("-r", "eu-west-1", "resolve", "x", AWS_CONFIG_FILE=str(tmp_path / "c"), AWS_PROFILE="")
    assert result.status == 78
    assert "no AWS credentials" in result.err
    assert "prod, dev" in result.err
    assert two_lines(result)


def test_no_credentials_and_no_profile_at_all(ssmx, tmp_path):
    result = ssmx("-r", "eu-west-1", "resolve", "x", AWS_CONFIG_FILE=str(tmp_path / "none"), AWS_PROFILE="")
    assert result.status == 78
    assert "--sandbox" in result.err
    assert two_lines(result)


def test_no_region(ssmx, tmp_path):
    (tmp_path / "c").write_text("[profile here]\naws_access_key_id = a\naws_secret_access_key = b\n")
    result = ssmx("-p", "here", "resolve", "x", AWS_CONFIG_FILE=str(tmp_path / "c"))
    assert result.status == 78
    assert "no AWS region is set" in result.err
    assert two_lines(result)


def test_an_expired_sign_in(ssmx, config, home):
    sso = (
        "[profile sso]\nregion = eu-west-1\nsso_session = s\nsso_account_id = 123456789012\nsso_role_name = r\n"
        "[sso-session s]\nsso_region = eu-west-1\nsso_start_url = https://example.awsapps.com/start\n"
    )
    result = ssmx("-p", "sso", "resolve", "x", **config(sso))
    assert result.status == 77
    assert "sign-in has expired" in result.err
    assert "aws sso login" in result.err
    assert two_lines(result)


@pytest.mark.parametrize("code", ["ExpiredTokenException", "UnrecognizedClientException"])
def test_expired_keys(ssmx, levers, code):
    levers.fault(
        "DescribeInstanceInformation", code, "The security token included in the request is expired", times=9
    )
    levers.fault("DescribeInstances", code, "The security token included in the request is expired", times=9)
    result = ssmx("resolve", "payments-api")
    assert result.status == 77
    assert two_lines(result)


def test_access_denied_names_the_action_and_the_resource(ssmx, levers):
    levers.fault(
        "DescribeInstances",
        "UnauthorizedOperation",
        "You are not authorized to perform this operation. User: arn:aws:iam::123456789012:user/ravi is not "
        "authorized to perform: ec2:DescribeInstances because no identity-based policy allows the "
        "ec2:DescribeInstances action.",
        status=403,
        times=9,
    )
    result = ssmx("resolve", "payments-api")
    assert result.status == 77
    assert "AWS refused ec2:DescribeInstances" in result.err
    assert "arn:aws:iam::123456789012:user/ravi" in result.err
    assert two_lines(result)


def test_throttled(ssmx, levers):
    levers.fault("DescribeInstances", "RequestLimitExceeded", "Request limit exceeded.", status=503, times=9)
    result = ssmx("resolve", "payments-api", AWS_MAX_ATTEMPTS="1")
    assert result.status == 75
    assert "throttles" in result.err
    assert two_lines(result)


def test_a_throttled_call_is_repeated(ssmx, levers):
    levers.fault("DescribeInstances", "RequestLimitExceeded", "Request limit exceeded.", status=503, times=1)
    assert ssmx("resolve", "payments-api", "-o", "name").out == "payments-api\n"


def test_aws_out_of_reach(ssmx, tmp_path):
    (tmp_path / "c").write_text(
        "[profile here]\nregion = eu-west-1\naws_access_key_id = a\naws_secret_access_key = b\n"
        "endpoint_url = http://127.0.0.1:9\n"
    )
    result = ssmx("-p", "here", "resolve", "x", AWS_CONFIG_FILE=str(tmp_path / "c"), AWS_MAX_ATTEMPTS="1")
    assert result.status == 75
    assert "cannot reach AWS" in result.err
    assert two_lines(result)


def test_a_script_gets_its_error_as_one_json_object(ssmx):
    result = ssmx("-o", "json", "-p", "nobody", "resolve", "x")
    body = json.loads(result.err)
    assert body["error"] == "config"
    assert body["exit"] == result.status == 78
    assert "sandbox" in body["profiles"]
    assert result.out == ""


@pytest.mark.parametrize("words", [[], ["--help"], ["shell", "--help"], ["sessions"], ["-h"]])
def test_help_is_an_answer(ssmx, words):
    result = ssmx(*words)
    assert (result.out + result.err).startswith("Usage: ssmx")
    assert result.status == (0 if words and words[-1].startswith("-") else 2)


def test_an_unknown_command_suggests_the_nearest(ssmx):
    result = ssmx("shel", "web")
    assert result.status == 2
    assert "did you mean shell?" in result.err
    assert two_lines(result)


@pytest.mark.parametrize(
    "words", [["resolve"], ["resolve", "a", "b"], ["resolve", "x", "--frob"], ["ls", "--", "x"]]
)
def test_a_wrong_command_line(ssmx, words):
    result = ssmx(*words)
    assert result.status == 2
    assert two_lines(result)


@pytest.mark.parametrize("page", [b"<html>log in first</html>", b"log in first", b'{"welcome": true}'])
def test_a_captive_portal_is_not_taken_for_aws(ssmx, page):
    with http(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (len(page), page)) as port:
        result = ssmx("resolve", "web", AWS_ENDPOINT_URL=f"http://127.0.0.1:{port}", AWS_MAX_ATTEMPTS="1")
    assert result.status == 75
    assert "is not AWS" in result.err
    assert two_lines(result)


@pytest.mark.parametrize("program", ["/nonexistent/helper", "echo nonsense", "false"])
def test_a_credential_process_that_gives_none(ssmx, config, program):
    result = ssmx("-p", "helper", "resolve", "x", **config(f"[profile helper]\ncredential_process = {program}\n"))
    assert result.status == 78
    assert two_lines(result)


def test_a_profile_that_wants_an_mfa_code_asks_nobody_in_a_script(ssmx, config, running):
    result = ssmx(
        "-p",
        "mfa",
        "resolve",
        "x",
        **config(
            "[profile mfa]\nregion = eu-west-1\nrole_arn = arn:aws:iam::123456789012:role/r\n"
            "source_profile = sandbox\nmfa_serial = arn:aws:iam::123456789012:mfa/ravi\n"
        ),
    )
    assert result.status == 77
    assert "MFA code" in result.err
    assert two_lines(result)


def test_json_errors_are_json_even_where_the_words_make_no_command(ssmx, home):
    for words in (["bogus", "-o", "json"], ["shell", "-o", "json", "--nope", "x"], ["sessions", "-ojson", "bogus"]):
        result = ssmx(*words)
        assert json.loads(result.err)["exit"] == result.status == 2
    assert ssmx("-o", "json", "resolve", "no-such", "-o", "table").err.startswith("ssmx: no node")
    (home / ".config" / "ssmx").mkdir(parents=True)
    (home / ".config" / "ssmx" / "config.toml").write_text("nonsense = 1\n")
    assert json.loads(ssmx("ls", "-o", "json").err)["exit"] == 78


@pytest.mark.parametrize(
    ("redirection", "status", "said"),
    [
        (">/dev/full", 73, "cannot write the answer"),
        (">&-", 0, ""),
        ("2>&-", 0, ""),
        ("</dev/null", 0, ""),
        ("<&-", 0, ""),
        ("| true", 0, ""),
    ],
)
def test_streams_that_are_full_or_closed(env, redirection, status, said):
    done = subprocess.run(
        f"{sys.executable} -m ssmx resolve payments-api {redirection}",
        shell=True,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status
    assert said in done.stderr
    assert "bug" not in done.stderr


def test_a_state_folder_that_cannot_be_written_costs_no_look_up(ssmx):
    assert ssmx("resolve", "payments-api", XDG_STATE_HOME="/proc/nowhere").status == 0


def test_half_an_answer_is_enough_for_head(env):
    done = subprocess.run(
        f"{sys.executable} -m ssmx ls -o json | head -1; echo ${{PIPESTATUS[0]}}",
        shell=True,
        executable="/bin/bash",
        env=env,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "[\n141\n"
    assert done.stderr == ""


@pytest.mark.parametrize("value", ["abc", "-1", "0x"])
def test_a_wrong_number_of_attempts(ssmx, value):
    result = ssmx("resolve", "web", AWS_MAX_ATTEMPTS=value)
    assert result.status == 78
    assert two_lines(result)
