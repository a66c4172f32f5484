"""`ssmx config` shows, reads, changes and checks what its two files say, and mends them where they are broken."""

import pytest

USER = '# mine\nregion = "us-west-2"  # home\n\n[aliases]\npay = "tunnel rds payments-prod"\n'
PROJECT = """\
region = "eu-west-1"
document = "Team-Shell"

[aliases]
db = "tunnel rds payments-prod"

[targets.api]
target = "payments-api"
profile = "prod"
"""
BROKEN = 'region = "x"\nregoin = "y"\n'


@pytest.fixture
def files(home, env, monkeypatch):
    """Write the user's file and the project's, and stand below the latter."""
    (home / "project" / "deep").mkdir(parents=True)
    (home / ".config" / "ssmx").mkdir(parents=True)
    monkeypatch.chdir(home / "project" / "deep")
    user, project = home / ".config" / "ssmx" / "config.toml", home / "project" / "ssmx.toml"

    def write(user_text="", project_text=""):
        for path, text in ((user, user_text), (project, project_text)):
            if text:
                path.write_text(text)
        return user, project

    del env["SSMX_CA_BUNDLE"]
    del env["AWS_PROFILE"]
    return write


def test_show_tells_every_value_with_its_origin(ssmx, files):
    user, project = files(USER, PROJECT)
    result = ssmx("config", "show", "-o", "tsv", AWS_REGION="", SSMX_OUTPUT="table")
    rows = dict(line.split("\t", 1) for line in result.out.splitlines())
    assert rows["region"] == f"eu-west-1\t{project}:1"
    assert rows["output"] == "tsv\t--output"
    assert rows["resume_timeout"] == "300\tdefault"
    assert rows["input"] == "true\tdefault"
    assert rows["aliases.pay"] == f"tunnel rds payments-prod\t{user}:5"
    assert rows["aliases.db"] == f"tunnel rds payments-prod\t{project}:5"
    assert rows["targets.api.target"] == f"payments-api\t{project}:8"
    assert rows["targets.api.profile"] == f"prod\t{project}:9"
    assert rows["document"] == "\tdefault"
    assert result.err == "ssmx: not before `ssmx config trust`: setting document, alias db and target api\n"
    ssmx("config", "trust")
    shown = {each["name"]: each for each in ssmx("config", "show", "-o", "json").json}
    assert shown["document"] == {"name": "document", "value": "Team-Shell", "origin": f"{project}:2"}


def test_a_variable_goes_before_both_files_and_a_flag_before_it(ssmx, files):
    files(USER, PROJECT)
    assert ssmx("config", "get", "region", SSMX_REGION="us-east-1").out == "us-east-1\n"
    assert ssmx("config", "get", "region", "-r", "us-east-2", SSMX_REGION="us-east-1").out == "us-east-2\n"


@pytest.mark.parametrize(
    ("name", "out"),
    [
        ("escapes", "true\n"),
        ("wait_timeout", "300\n"),
        ("plugin", "\n"),
        ("aliases.db", "tunnel rds payments-prod\n"),
        ("targets.api.profile", "prod\n"),
    ],
)
def test_get_prints_the_value_alone(ssmx, files, name, out):
    files(USER, PROJECT)
    result = ssmx("config", "get", name)
    assert (result.status, result.out, result.err) == (0, out, "")


@pytest.mark.parametrize(("name", "near"), [("regoin", "region"), ("aliases.bd", "aliases.db")])
def test_a_name_that_says_nothing_is_told_with_the_nearest(ssmx, files, name, near):
    files(USER, PROJECT)
    result = ssmx("config", "get", name)
    assert (result.status, result.out) == (2, "")
    assert f"nothing is set by the name {name!r}; did you mean {near}" in result.err


def test_a_value_is_set_in_the_users_file_and_its_comments_stay(ssmx, files):
    user, _ = files(USER)
    result = ssmx("config", "set", "region", "us-east-1", AWS_REGION="", AWS_DEFAULT_REGION="")
    assert (result.status, result.err) == (0, f"ssmx: region is us-east-1 in {user}\n")
    assert user.read_text() == USER.replace("us-west-2", "us-east-1")


def test_what_hides_a_value_that_was_set_is_said(ssmx, files):
    files(USER, PROJECT)
    said = ssmx("config", "set", "region", "eu-west-2", SSMX_REGION="us-east-1").err
    assert "us-east-1 goes before it: SSMX_REGION" in said
    _, project = files()
    said = ssmx("config", "set", "aliases.db", "ls").err
    assert f"tunnel rds payments-prod goes before it: {project}:5" in said


def test_a_value_is_set_in_the_projects_file_which_is_to_be_trusted_again(ssmx, files):
    _, project = files("", PROJECT)
    ssmx("config", "trust")
    result = ssmx("config", "set", "targets.api.reason", "daily", "--project")
    assert project.read_text() == PROJECT + 'reason = "daily"\n'
    assert result.err.splitlines() == [
        f"ssmx: targets.api.reason is daily in {project}",
        f"ssmx: read {project}, then `ssmx config trust`: it does what needs that",
    ]


def test_a_value_goes(ssmx, files):
    user, _ = files(USER)
    assert ssmx("config", "unset", "aliases.pay").err == f"ssmx: aliases.pay is no longer in {user}\n"
    assert user.read_text() == USER.replace('pay = "tunnel rds payments-prod"\n', "")
    assert ssmx("config", "unset", "aliases.pay").err == f"ssmx: aliases.pay was not in {user}\n"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("quiet", "maybe", "quiet maybe: it is true or false"),
        ("resume_timeout", "soon", "resume_timeout soon: it is a number"),
        ("output", "yaml", "output is one of table, json"),
        ("region", "evil.example/", "region: 'evil.example/' is no region"),
        ("aliases.x", "tunnel 'rds", "No closing quotation"),
        ("aliases.config", "ls", "`ssmx config` takes no other meaning"),
        ("targets.x.profile", "dev", "target x has no target"),
        ("targets.x.target", "asg/", "asg/ without a name"),
        ("tunnels.x.port", "5", "a tunnel is changed in its file"),
        ("regoin", "x", "did you mean region"),
        ("aliases.a b", "ls", "nothing is set by the name"),
    ],
)
def test_what_does_not_fit_never_reaches_the_file(ssmx, files, name, value, said):
    user, _ = files(USER)
    result = ssmx("config", "set", name, value)
    assert result.status == 2
    assert said in result.err
    assert str(user) not in result.err
    assert user.read_text() == USER


def test_a_project_that_is_not_there_is_said(ssmx, files):
    files(USER)
    result = ssmx("config", "set", "region", "eu-west-1", "--project")
    assert (result.status, result.err) == (78, "ssmx: no ssmx.toml here or above\n  try: `ssmx init` writes one\n")


def test_path_tells_both_files_and_which_are_there(ssmx, files):
    user, project = files("", PROJECT)
    assert ssmx("config", "path", "-o", "tsv").out == f"{user}\tuser\tno\n{project}\tproject\tyes\n"
    assert ssmx("config", "path", "-o", "name").out == f"{project}\n"
    assert [each["exists"] for each in ssmx("config", "path", "-o", "json").json] == [False, True]


def test_validate_says_that_files_are_right(ssmx, files):
    user, project = files(USER, PROJECT)
    result = ssmx("config", "validate")
    assert (result.status, result.out, result.err) == (0, f"{user} is right\n{project} is right\n", "")


def test_validate_tells_what_is_wrong_with_each_file(ssmx, files):
    user, project = files(BROKEN, PROJECT.replace("payments-prod", "x' y"))
    result = ssmx("config", "validate")
    assert (result.status, result.out) == (78, "")
    assert f"ssmx: {user}:2: unknown key 'regoin'; did you mean 'region'?\n  try: known are" in result.err
    assert f"ssmx: {project}:5: db: " in result.err
    files("", "region = [")
    problems = {each["file"]: each["problem"] for each in ssmx("config", "validate", "-o", "json").json}
    assert problems[str(project)].startswith(f"{project}:1: ")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("tunel rds x", "alias x leads to no command, 'tunel'; did you mean tunnel"),
        ("x web", "alias x leads to no command, 'x'"),
        ("-v", "alias x leads to no command, ''"),
        ("y", "aliases lead round: x → y → x"),
    ],
)
def test_validate_tells_an_alias_that_leads_to_no_command(ssmx, files, words, said):
    user, _ = files(f'[aliases]\nx = "{words}"\ny = "x"\n')
    result = ssmx("config", "validate")
    assert result.status == 78
    assert f"{user}:2: {said}" in result.err


def test_a_file_is_checked_as_what_its_name_says(ssmx, files, home):
    files(BROKEN)
    (home / "ssmx.toml").write_text('[tunnels.a]\nkind = "rds"\nendpoint = "x"\n')
    assert ssmx("config", "validate", "../../ssmx.toml").status == 0
    (home / "other.toml").write_text("[tunnels.a]\n")
    result = ssmx("config", "validate", str(home / "other.toml"))
    assert result.status == 78
    assert "tunnels are in a project's ssmx.toml" in result.err


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["config", "path"], 0),
        (["config", "validate"], 78),
        (["config", "untrust"], 0),
        (["config", "show"], 78),
        (["config", "get", "region"], 78),
        (["config", "set", "region", "eu-west-1"], 78),
        (["config", "--help"], 0),
        (["shell", "--help"], 0),
        (["--help"], 0),
        (["--version"], 0),
        (["completion", "show", "bash"], 0),
        (["ps"], 0),
        (["down"], 0),
        (["stop", "--all"], 0),
        (["shell", "web"], 78),
        (["none"], 78),
    ],
)
def test_what_mends_or_ends_works_where_both_files_are_broken(ssmx, files, words, status):
    user, project = files(BROKEN, BROKEN)
    result = ssmx(*words)
    assert result.status == status, result.err
    assert user.read_text() == project.read_text() == BROKEN
    if status or words[0] in ("ps", "down", "stop"):
        assert f"{project}:2: unknown key 'regoin'" in result.err or f"{user}:2: unknown key" in result.err


def test_the_users_file_is_mended_though_the_projects_is_broken(ssmx, files):
    user, project = files(USER, BROKEN)
    result = ssmx("config", "set", "region", "eu-west-1")
    assert result.status == 0
    assert f"{project}:2: unknown key" in result.err
    assert 'region = "eu-west-1"  # home' in user.read_text()
