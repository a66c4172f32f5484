"""Which accounts and regions a file lists, and which of them a command line means."""

import pytest

from ssmx.errors import ConfigError
from ssmx.model.config import parse
from ssmx.model.scopes import Scopes, narrowed, parts
from ssmx.model.settings import Value
from ssmx.model.team import parse as parse_project

NONE = Value("", "default")
TWO = """\
region = "eu-west-1"

[[scopes]]
profiles = ["prod", "dev"]
regions = ["eu-west-1", "us-east-1", "eu-west-1"]

[[scopes]]
profiles = ["gov"]
regions = "enabled"
"""


def test_a_file_says_one_table_or_several_with_their_lines():
    assert parse('[scopes]\nprofiles = ["prod"]\n', "f").scopes == (Scopes(("prod",), (), "f:1"),)
    assert parse(TWO, "f").scopes == (
        Scopes(("prod", "dev"), ("eu-west-1", "us-east-1"), "f:3"),
        Scopes(("gov",), (), "f:7", enabled=True),
    )
    assert parse_project(TWO, "f").scopes == parse(TWO, "f").scopes
    assert not parse_project(TWO, "f").guarded
    assert parse("", "f").scopes == ()
    assert parse('scopes = [{ regions = "enabled" }]', "f").scopes == (Scopes((), (), "f:1", enabled=True),)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("scopes = 5", "f:1: scopes is no table"),
        ("[scopes]", "f:1: scopes names no profiles and no regions"),
        ('[scopes]\nprofile = "prod"', "f:2: unknown key 'profile' in scopes; did you mean 'profiles'?"),
        ('[scopes]\nprofiles = "prod"', "f:2: profiles: it is a list"),
        ("[scopes]\nprofiles = []", "f:2: profiles: it is a list"),
        ('[scopes]\nregions = "all"', "f:2: regions: it is a list"),
        ('[[scopes]]\nprofiles = ["a"]\n[[scopes]]\nregions = ["eu west"]', "f:4: regions: 'eu west' is no region"),
        ("[[scopes]]\nprofiles = [5]", "f:2: profiles: it is text"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text, said):
    with pytest.raises(ConfigError) as told:
        parse(text, "f")
    assert said in told.value.message
    assert told.value.hint


def asked(profile="", region="", text=TWO):
    """What would be asked: profile → regions, `*` for all that are enabled."""
    given = [Value(each, "--flag") for each in (profile, region)]
    found = parts(narrowed(parse(text, "f").scopes, *given), NONE, NONE)
    return {
        each.profile.value: [*(one.value for one in each.regions), *(["*"] if each.enabled else [])]
        for each in found
    }


@pytest.mark.parametrize(
    ("profile", "region", "expected"),
    [
        ("", "", {"prod": ["eu-west-1", "us-east-1"], "dev": ["eu-west-1", "us-east-1"], "gov": ["*"]}),
        ("dev", "", {"dev": ["eu-west-1", "us-east-1"]}),
        ("", "us-east-1", {"prod": ["us-east-1"], "dev": ["us-east-1"], "gov": ["us-east-1"]}),
        ("gov", "us-gov-west-1", {"gov": ["us-gov-west-1"]}),
        ("other", "", {"other": ["eu-west-1", "us-east-1", "*"]}),
        ("other", "sa-east-1", {"other": ["sa-east-1"]}),
    ],
)
def test_a_flag_narrows_and_what_is_not_listed_is_taken_alone(profile, region, expected):
    assert asked(profile, region) == expected


def test_a_region_that_no_table_lists_is_that_of_all():
    text = '[scopes]\nprofiles = ["prod", "dev"]\nregions = ["eu-west-1"]\n'
    assert asked("", "sa-east-1", text) == {"prod": ["sa-east-1"], "dev": ["sa-east-1"]}


def test_what_is_listed_twice_is_asked_once():
    one = '[[scopes]]\nprofiles = ["a"]\nregions = ["eu-west-1"]\n'
    text = f'{one}[[scopes]]\nprofiles = ["a", "b"]\nregions = ["eu-west-1", "us-east-1"]\n'
    assert asked(text=text) == {"a": ["eu-west-1", "us-east-1"], "b": ["eu-west-1", "us-east-1"]}


def test_nothing_said_is_what_is_in_use():
    assert asked(text='[scopes]\nprofiles = ["prod"]\n') == {"prod": [""]}
    assert asked(text='[scopes]\nregions = ["eu-west-1"]\n') == {"": ["eu-west-1"]}
