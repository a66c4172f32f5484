"""What both files may say, what of it needs trust, and which origin goes first."""

import pytest

from ssmx.errors import ConfigError
from ssmx.model.config import parse
from ssmx.model.settings import Value, merge
from ssmx.model.team import parse as parse_project

WEB = '[targets.api]\ntarget = "web"\n'
GOOD = """\
region = "eu-west-1"
plugin = "bin/plugin"
document = "Team-Shell"

[aliases]
db = "tunnel rds payments-prod"
disks = "run api -- 'df -h | tail'"

[targets.api]
target = "Role=api,Env=prod"
profile = "prod"
reason = "daily look"

[targets.root]
target = "web"
document = "Root-Shell"
"""


def test_a_file_says_settings_aliases_and_targets_with_the_lines_they_stand_at():
    file = parse(GOOD, "dir/f")
    assert file.settings["region"] == Value("eu-west-1", "dir/f:1")
    assert file.aliases["db"].words == ("tunnel", "rds", "payments-prod")
    assert file.aliases["disks"].words == ("run", "api", "--", "df -h | tail")
    assert file.aliases["disks"].origin == "dir/f:7"
    api = file.targets["api"]
    assert api.target == Value("Role=api,Env=prod", "dir/f:10")
    assert api.scope == {"profile": Value("prod", "dir/f:11"), "reason": Value("daily look", "dir/f:12")}


def test_a_path_begins_in_the_folder_of_its_file():
    assert parse(GOOD, "dir/f").settings["plugin"].value == "dir/bin/plugin"
    assert parse('ca_bundle = "~/ca.pem"', "dir/f").settings["ca_bundle"].value == "~/ca.pem"
    assert parse('ca_bundle = "/ca.pem"', "dir/f").settings["ca_bundle"].value == "/ca.pem"


def test_programs_documents_certificates_aliases_and_targets_of_a_project_need_trust():
    assert [(each.line, each.where, each.what) for each in parse_project(GOOD, "dir/f").guarded] == [
        (2, "setting plugin", "names a program, `dir/bin/plugin` (plugin)"),
        (3, "setting document", "says what runs on nodes, `Team-Shell` (document)"),
        (6, "alias db", "runs `ssmx tunnel rds payments-prod`"),
        (7, "alias disks", "runs `ssmx run api -- 'df -h | tail'`"),
        (9, "target api", "leads to Role=api,Env=prod"),
        (14, "target root", "leads to web"),
        (16, "target root", "says what runs on nodes, `Root-Shell` (document)"),
    ]


def test_a_project_that_empties_what_the_user_has_set_needs_trust_as_well():
    assert [each.where for each in parse_project('document = ""', "f").guarded] == ["setting document"]


def test_what_the_user_says_needs_no_trust():
    assert parse(GOOD, "f").guarded == ()


def test_other_settings_need_none():
    text = 'region = "eu-west-1"\nprofile = "dev"\noutput = "json"\nreason = "why"\ntransport = "plugin"'
    assert parse_project(text, "f").guarded == ()


@pytest.mark.parametrize(
    ("text", "said", "hint"),
    [
        ("[aliases]\n\ndb = 'tunnel \"rds'", "3: db: 'tunnel \"rds': No closing quotation", "shell"),
        ('[aliases]\ndb = ""', "2: db: it is empty", "leave"),
        ("[aliases]\ndb = 5", "2: db: it is text", "quotes"),
        ('[aliases]\n"a b" = "ls"', "2: 'a b' is no name for one of the aliases", "letters"),
        ('[aliases]\n-a = "ls"', "2: '-a' is no name", "letters"),
        ('[aliases]\nconfig = "ls"', "2: `ssmx config` takes no other meaning", "another name"),
        ('[aliases]\nindex = "run web --"', "2: `ssmx index` takes no other meaning", "another name"),
        ("aliases = 5", "1: aliases is no table", "[aliases]"),
        ("[targets.api]\n", "1: target api has no target", "target ="),
        ('[targets]\napi = "web"', "2: api is no table", "[targets.api]"),
        ('[targets.api]\ntarget = "asg/"', "2: target: asg/ without a name", "asg/NAME"),
        (f"{WEB}profil = 5", "3: unknown key 'profil' in target api; did you mean 'profile'?", "known are target"),
        (f'{WEB}region = "evil.example/"', "3: region: 'evil.example/' is no region", "eu"),
        (f'{WEB}reason = "{"x" * 257}"', "3: reason: it has 257 characters", "256"),
        ('[targets.i-0123456789abcdef0]\ntarget = "web"', "1: i-0123456789abcdef0 means a node already", "no id"),
        ('[targets."10.0.0.1"]\ntarget = "web"', "1: 10.0.0.1 means a node already", "no address"),
        ('[alias]\nx = "ls"', "1: unknown key 'alias'; did you mean 'aliases'?", "known are"),
        (f'reason = "{"x" * 257}"', "1: reason: it has 257 characters", "256"),
        ('region = "evil.example/"', "1: region: 'evil.example/' is no region", "eu-west-1"),
        ('document = "a\\u001b[2J"', "1: document: 'a\\x1b[2J' holds characters", "others"),
        ('\n[tunnels.a]\nkind = "rds"', "2: tunnels are in a project's ssmx.toml", "move"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_with_its_line(text, said, hint):
    with pytest.raises(ConfigError) as raised:
        parse(text, "dir/config.toml")
    assert raised.value.message.startswith(f"dir/config.toml:{said}")
    assert hint in raised.value.hint


FLAG, VARIABLE = {"region": Value("a", "--region")}, {"SSMX_REGION": "b", "AWS_REGION": "c"}
PROJECT, USER = {"region": Value("d", "p:1")}, {"region": Value("e", "u:1")}


@pytest.mark.parametrize(
    ("flags", "environ", "files", "wins"),
    [
        (FLAG, VARIABLE, [PROJECT, USER], Value("a", "--region")),
        ({}, VARIABLE, [PROJECT, USER], Value("b", "SSMX_REGION")),
        ({}, {"AWS_REGION": "c"}, [PROJECT, USER], Value("c", "AWS_REGION")),
        ({}, {"SSMX_REGION": ""}, [PROJECT, USER], Value("d", "p:1")),
        ({}, {}, [{}, USER], Value("e", "u:1")),
        ({}, {}, [{}, {}], Value("", "default")),
    ],
)
def test_the_first_of_flag_variable_project_and_user_goes_first(flags, environ, files, wins):
    assert merge(flags, environ, files).region == wins


@pytest.mark.parametrize("name", ["SSMX_REASON", "SSMX_REGION"])
def test_a_variable_that_does_not_fit_is_named(name):
    with pytest.raises(ConfigError, match=f"^{name}: "):
        merge({}, {name: "x/" * 129}, [])


def test_a_value_knows_whether_a_file_says_it():
    assert Value("a", "/dir/ssmx.toml:3").is_from_file
    assert not any(Value("a", each).is_from_file for each in ("--region", "AWS_REGION", "default"))
