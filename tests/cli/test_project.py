"""The settings of a project's ssmx.toml are those of everybody who works in it, as far as it is trusted."""

import pytest

SET_UP = '[tunnels.ldap]\nkind = "host"\nendpoint = "ldap.corp:636"\njump = "web"\n[aliases]\nx = "ls"\n'


@pytest.fixture
def project(home, env, monkeypatch):
    """Write the project's file, and stand below it."""
    (home / "project" / "deep").mkdir(parents=True)
    monkeypatch.chdir(home / "project" / "deep")
    del env["SSMX_CA_BUNDLE"]

    def write(text):
        (home / "project" / "ssmx.toml").write_text(text)
        return home / "project" / "ssmx.toml"

    return write


def test_its_settings_hold_in_its_folders_and_are_told_with_their_origin(ssmx, project, home, monkeypatch):
    path = project('region = "us-west-2"\n')
    result = ssmx("resolve", "x-y", "-v", AWS_REGION="", AWS_DEFAULT_REGION="")
    assert f"region us-west-2 (from {path}:1)" in result.err
    assert f"region is us-west-2 ({path}:1)" in result.err
    monkeypatch.chdir(home)
    assert "us-west-2" not in ssmx("resolve", "x-y").err


def test_it_goes_before_the_users_file_and_behind_the_environment(ssmx, project, home):
    project('output = "name"\n')
    (home / ".config" / "ssmx").mkdir(parents=True)
    (home / ".config" / "ssmx" / "config.toml").write_text('output = "json"\n')
    assert ssmx("resolve", "payments-api").out == "payments-api\n"
    assert ssmx("resolve", "payments-api", SSMX_OUTPUT="tsv").out.startswith("payments-api\t")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('plugin = "evil"\n', "names a program"),
        ('ca_bundle = "ca.pem"\n', "says which certificates are believed"),
        ('document = "Evil"\n', "says what runs on nodes"),
        ("anywhere = true\n", "leads to other accounts"),
    ],
)
def test_what_could_do_anything_is_refused_before_the_file_is_trusted(ssmx, project, text, says):
    path = project(text)
    result = ssmx("resolve", "payments-api", "-o", "name")
    assert result.status == 78
    assert f"{path}:1: setting {text.split()[0]} {says}, " in result.err
    assert "and the file is not trusted\n  try: read it, then `ssmx config trust`\n" in result.err
    assert ssmx("ps").status == 0
    ssmx("config", "trust")
    assert ssmx("resolve", "payments-api", "-o", "name").out == "payments-api\n"


def test_what_a_variable_sets_instead_needs_no_trust(ssmx, project):
    project('plugin = "evil"\n')
    assert ssmx("resolve", "payments-api", SSMX_PLUGIN="/none").status == 0


def test_tunnels_and_aliases_that_need_trust_are_nothing_to_other_commands(ssmx, project):
    project(SET_UP)
    assert ssmx("resolve", "payments-api").status == 0
    assert ssmx("ls", "payments-api").status == 0


def test_aliases_that_need_trust_are_nothing_to_its_tunnels(ssmx, project):
    project('[tunnels.a]\nkind = "rds"\nendpoint = "payments-prod"\n[aliases]\nx = "ls"\n')
    assert ssmx("up", "--unit", "systemd").status == 0
    result = ssmx("up", "--export", "env")
    assert "not trusted" not in result.err


def test_a_broken_file_is_told_with_its_line(ssmx, project):
    path = project('[tunnels.a]\nkind = "rdss"\n')
    result = ssmx("ls")
    assert result.status == 78
    assert result.err.startswith(f"ssmx: {path}:2: kind: no service 'rdss'")


@pytest.mark.parametrize("words", [["shell", "payments-api"], ["forward", "payments-api", "80"]])
def test_the_reason_of_the_environment_is_that_of_a_session(ssmx, env, words):
    said = ssmx(*words, "--dry-run", SSMX_REASON="ticket 5").out
    assert "--reason 'ticket 5'" in said
    assert "--reason mine" in ssmx(*words, "--dry-run", "--reason", "mine", SSMX_REASON="ticket 5").out


def test_the_reason_of_a_project_reaches_aws(ssmx, project, levers, none_open):
    project('reason = "ticket 5"\n')
    assert ssmx("run", "payments-api", "--", "true").status == 0
    assert ssmx("run", "payments-api", "--", "true", SSMX_REASON="ticket 6").status == 0
    first, second = levers.asked("StartSession")
    assert "ticket 5" in str(first)
    assert "ticket 6" in str(second)


def test_what_a_project_says_of_its_account_means_nothing_in_the_sandbox(ssmx, project, home, running):
    project('profile = "prod"\nregion = "us-west-2"\n[targets.api]\ntarget = "x-y"\nregion = "us-east-1"\n')
    state = {"XDG_STATE_HOME": str(running.config_file.parents[2])}  # where --sandbox finds that which runs
    assert ssmx("config", "trust", **state).status == 0
    said = ssmx("--sandbox", "resolve", "api", **state).err
    assert "region eu-west-1 (from --sandbox)" in said
