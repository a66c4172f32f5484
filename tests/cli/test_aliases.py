"""A word of the command line stands for others, as a file says."""

import pytest


@pytest.fixture
def files(home, env, monkeypatch):
    """Write the user's aliases and a project's file, and stand below the latter."""
    (home / "project" / "deep").mkdir(parents=True)
    (home / ".config" / "ssmx").mkdir(parents=True)
    monkeypatch.chdir(home / "project" / "deep")

    def write(user="", project=""):
        (home / ".config" / "ssmx" / "config.toml").write_text(user)
        (home / "project" / "ssmx.toml").write_text(project)
        return home / "project" / "ssmx.toml"

    return write


def test_an_alias_is_its_words_and_what_follows_it(ssmx, files):
    files('[aliases]\nwho = "resolve -o name"\n')
    assert ssmx("who", "payments-api").out == "payments-api\n"
    assert ssmx("-v", "who", "payments-api").err.count("who means `resolve -o name`") == 1


def test_an_alias_has_a_command_of_its_own_after_two_dashes(ssmx, files, none_open):
    files('[aliases]\nsay = "run payments-api -- echo"\n')
    assert ssmx("say", "one", "--", "-v").out == "one -- -v\n"


def test_an_alias_takes_the_name_of_a_command_and_may_mean_it(ssmx, files, levers):
    files('[aliases]\ndb = "resolve"\nls = "ls -o name"\n')
    assert ssmx("db", "payments-api", "-o", "name").out == "payments-api\n"
    assert ssmx("ls", "payments-api").out == "payments-api\n"


def test_the_projects_alias_goes_first_and_only_where_it_is_trusted(ssmx, files):
    path = files('[aliases]\nwho = "ls"\n', '[aliases]\nwho = "resolve -o name"\n')
    refused = ssmx("who", "payments-api")
    assert refused.status == 78
    assert refused.err == (
        f"ssmx: {path}:2: alias who runs `ssmx resolve -o name`, and the file is not trusted\n"
        "  try: read it, then `ssmx config trust`\n"
    )
    assert ssmx("resolve", "payments-api").status == 0
    ssmx("config", "trust")
    assert ssmx("who", "payments-api").out == "payments-api\n"


def test_aliases_that_lead_round_are_told(ssmx, files):
    files('[aliases]\na = "b"\nb = "a"\n')
    result = ssmx("a")
    assert result.status == 78
    assert "aliases lead round: a → b → a" in result.err


def test_a_word_that_is_no_command_has_the_nearest_alias_named(ssmx, files):
    files('[aliases]\nstaging = "ls"\n')
    result = ssmx("stagin")
    assert result.status == 2
    assert "no command 'stagin'; did you mean staging?" in result.err


def test_the_help_of_an_alias_is_that_of_its_command(ssmx, files):
    files('[aliases]\nwho = "resolve"\n')
    assert ssmx("who", "--help").out.startswith("Usage: ssmx resolve")
    assert ssmx("db", "--help").out.startswith("Usage: ssmx db")


def test_json_is_asked_for_before_the_alias(ssmx, files):
    files('[aliases]\na = "b"\nb = "a"\n')
    assert '"error": "config"' in ssmx("-o", "json", "a").err


@pytest.fixture
def dry(ssmx):
    """What `ssmx shell` would do, as JSON, which is asked for behind the target."""
    return lambda *words: ssmx("shell", *words, "--dry-run", "-o", "json")


API = '[targets.api]\ntarget = "payments-api"\nregion = "eu-west-1"\nreason = "daily look"\n'


def test_a_name_of_a_target_brings_its_reason_and_region(ssmx, files, dry):
    files(API)
    assert dry("api").json["reason"] == "daily look"
    assert ssmx("resolve", "api", "-o", "name", SSMX_REGION="us-east-1").out == "payments-api\n"
    through = ssmx("tunnel", "host", "x.corp:5432", "--via", "api", "--dry-run", "-o", "json").json
    assert through["reason"] == "daily look"


def test_the_command_line_goes_before_the_target(ssmx, files, dry, home):
    files(API.replace('"eu-west-1"', '"us-east-2"'))
    path = home / ".config" / "ssmx" / "config.toml"
    assert f"region us-east-2 (from {path}:3)" in ssmx("resolve", "api").err
    assert "region us-east-1 (from --region)" in ssmx("resolve", "-r", "us-east-1", "api").err
    assert "region us-east-1 (from --region)" in ssmx("resolve", "api", "-r", "us-east-1").err
    assert dry("api", "-r", "eu-west-1", "--reason", "mine").json["reason"] == "mine"


def test_a_node_of_that_name_is_meant_by_its_tag(ssmx, files):
    files('[targets.web]\ntarget = "payments-api"\n')
    assert ssmx("resolve", "web", "-o", "name").out == "payments-api\n"
    assert ssmx("resolve", "Name=web", "--any", "-o", "name").out == "web\n"


def test_the_last_target_is_no_name_of_a_file_that_is_here_now(ssmx, files, none_open):
    assert ssmx("run", "admin-ui", "--", "true").status == 0
    files('[targets.admin-ui]\ntarget = "payments-api"\n')
    assert ssmx("resolve", "-", "-o", "name").out == "admin-ui\n"


def test_a_target_does_not_lead_to_another(ssmx, files):
    files('[targets.a]\ntarget = "b"\n[targets.b]\ntarget = "payments-api"\n')
    assert "no node is named 'b'" in ssmx("resolve", "a").err


def test_a_target_of_a_project_needs_trust(ssmx, files, dry):
    """It would lead another way than the name of a node says."""
    path = files("", API + '[targets.root]\ntarget = "payments-api"\ndocument = "Root-Shell"\n')
    refused = ssmx("resolve", "api")
    assert (refused.status, f"{path}:1: target api leads to payments-api, and the file" in refused.err) == (
        78,
        True,
    )
    assert '"error": "config"' in dry("root").err
    assert ssmx("resolve", "payments-api").status == 0
    said = ssmx("config", "trust").out
    assert "says what runs on nodes, `Root-Shell` (document)" in said
    assert dry("api").json["reason"] == "daily look"
    assert dry("root").json["document"] == "Root-Shell"
