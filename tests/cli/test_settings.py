"""Flag > environment > user file > default, before and after the command, each value with its origin."""

import pytest


@pytest.fixture
def config(home):
    def write(text):
        folder = home / ".config" / "ssmx"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.toml").write_text(text)
        return folder / "config.toml"

    return write


def test_global_options_work_before_and_after_the_command(ssmx):
    before = ssmx("-r", "us-east-1", "-o", "json", "resolve", "payments-api")
    after = ssmx("resolve", "payments-api", "-r", "us-east-1", "-o", "json")
    assert before.status == after.status == 68
    assert before.err == after.err
    assert "region us-east-1 (from --region)" in before.err


def test_a_config_file_sets_the_region_and_is_named_with_its_line(ssmx, config):
    path = config('# ours\n\nregion = "us-west-2"\n')
    result = ssmx("resolve", "payments-api")
    assert f"region us-west-2 (from {path}:3)" in result.err


def test_the_environment_beats_the_file_and_a_flag_beats_both(ssmx, config):
    config('region = "us-west-2"\n')
    assert "us-east-2 (from SSMX_REGION)" in ssmx("resolve", "x-y", SSMX_REGION="us-east-2").err
    assert "us-east-1 (from --region)" in ssmx("resolve", "x-y", "-r", "us-east-1", SSMX_REGION="us-east-2").err


def test_ssmx_variables_beat_those_of_aws(ssmx):
    result = ssmx("resolve", "x-y", SSMX_REGION="us-east-2", AWS_REGION="us-east-1")
    assert "us-east-2 (from SSMX_REGION)" in result.err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('\nregoin = "x"\n', ":2: unknown key 'regoin'; did you mean 'region'?"),
        ("quiet = 1\n", ":1: quiet is true or false, not 1"),
        ("region = 5\n", ":1: region is text, not 5"),
        ('\n\noutput = "yaml"\n', ":3: output is one of table, json"),
        ("wait_timeout = true\n", ":1: wait_timeout is a number"),
        ('region = "x\n', ":1:"),
        ("[region]\nx = 1\n", ":1: region is text"),
    ],
)
def test_a_wrong_config_file_names_file_and_line(ssmx, config, text, said):
    path = config(text)
    result = ssmx("resolve", "payments-api")
    assert result.status == 78
    assert f"{path}{said}" in result.err
    assert len(result.err.splitlines()) <= 2


@pytest.mark.parametrize(
    ("name", "value"), [("SSMX_QUIET", "maybe"), ("SSMX_WAIT_TIMEOUT", "soon"), ("SSMX_OUTPUT", "x")]
)
def test_a_wrong_variable_is_named(ssmx, name, value):
    result = ssmx("ls", **{name: value})
    assert result.status == 78
    assert name in result.err


def test_the_output_form_can_be_set_for_good(ssmx, config):
    config('output = "name"\n')
    assert ssmx("resolve", "payments-api").out == "payments-api\n"


def test_quiet_keeps_notes_back(ssmx):
    assert ssmx("-q", "ls", "nothing-like-this").err == ""


def test_verbose_says_what_is_asked_of_aws(ssmx):
    result = ssmx("-v", "resolve", "payments-api")
    assert "ec2:DescribeInstances answered 200 in" in result.err


def test_a_home_that_is_no_folder_has_no_config_file(ssmx):
    result = ssmx("resolve", "payments-api", HOME="/dev/null")
    assert (result.status, result.err) == (0, "")
