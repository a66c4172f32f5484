"""Which word of a command line is the command, and what it stands for."""

import pytest

from ssmx.errors import ConfigError
from ssmx.model.aliases import expand, first_word
from ssmx.model.config import parse

VALUED = ("-p", "--profile", "-r", "--region", "-o", "--output")


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("shell web", "shell"),
        ("-p dev shell web", "shell"),
        ("-pdev shell web", "shell"),
        ("--profile dev shell", "shell"),
        ("--profile=dev shell", "shell"),
        ("-v -q --sandbox shell", "shell"),
        ("-vp dev shell", "shell"),
        ("-vpdev shell", "shell"),
        ("-p -v shell", "shell"),
        ("-p dev", None),
        ("-- shell", None),
        ("-p -- shell", None),
        ("--help", None),
        ("", None),
    ],
)
def test_the_first_word_is_no_option_and_no_value_of_one(line, word):
    words = line.split()
    at = first_word(words, VALUED)
    assert (words[at] if at is not None else None) == word


ALIASES = {
    "db": "tunnel rds payments-prod",
    "up-web": "run web -- uptime",
    "pay": "db --reader",
    "prod": "-p prod shell",
    "shell": "shell --newest",
    "web": "shell web",
    "a": "b 1",
    "b": "-v c",
    "c": "a",
}


@pytest.fixture
def aliases():
    text = "".join(f'{name} = "{words}"\n' for name, words in ALIASES.items())
    return parse(f"[aliases]\n{text}", "f").aliases


@pytest.mark.parametrize(
    ("line", "expanded"),
    [
        ("ls web", "ls web"),
        ("db", "tunnel rds payments-prod"),
        ("-p dev db -- psql", "-p dev tunnel rds payments-prod -- psql"),
        ("up-web -p", "run web -- uptime -p"),
        ("pay --port 5", "tunnel rds payments-prod --reader --port 5"),
        ("prod web", "-p prod shell --newest web"),
        ("shell web", "shell --newest web"),
        ("web", "shell --newest web"),
        ("ls db", "ls db"),
        ("-- db", "-- db"),
    ],
)
def test_an_alias_is_its_words_and_the_rest_follows(aliases, line, expanded):
    assert expand(line.split(), VALUED, aliases.get)[0] == expanded.split()


def test_aliases_that_lead_to_each_other_are_told(aliases):
    with pytest.raises(ConfigError, match="f:9: aliases lead round: b → c → a → b"):
        expand(["b"], VALUED, aliases.get)


def test_what_was_expanded_is_told_in_order(aliases):
    assert [each.name for each in expand(["pay"], VALUED, aliases.get)[1]] == ["pay", "db"]
