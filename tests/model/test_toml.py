"""On which line a key stands."""

import pytest

from ssmx.errors import ConfigError
from ssmx.model.toml import lines_of, parse

TEXT = '''\
# [tunnels.no] # kind = "no"
profile = "x = 1"   # region = "no"

[tunnels.first]
kind = """
target = "not a key"
[tunnels.none]
\\""" still = "no"
"""
"target" = \'\'\'
port = 1\'\'\'
remote = 5

[ tunnels . "a.b" ]
kind="rds"
'endpoint' = 'x'
client = [
  "psql",  # port = 3
  "[tunnels.x]",
  "-c",
]
port = 7

[tunnels]
x.kind = "db"
x."endpoint" = "y"
inline = { kind = "host", deep = { port = 1 }, client = ["{", "a = 1"], lanes = 2 }
empty = {}
after = 3

[[lists]]
one = 1.5
[[lists]]
two = 1979-05-27T07:32:00Z
'''

LINES = {
    ("profile",): 2,
    ("tunnels",): 4,
    ("tunnels", "first"): 4,
    ("tunnels", "first", "kind"): 5,
    ("tunnels", "first", "target"): 10,
    ("tunnels", "first", "remote"): 12,
    ("tunnels", "a.b"): 14,
    ("tunnels", "a.b", "kind"): 15,
    ("tunnels", "a.b", "endpoint"): 16,
    ("tunnels", "a.b", "client"): 17,
    ("tunnels", "a.b", "port"): 22,
    ("tunnels", "x"): 25,
    ("tunnels", "x", "kind"): 25,
    ("tunnels", "x", "endpoint"): 26,
    ("tunnels", "inline"): 27,
    ("tunnels", "inline", "kind"): 27,
    ("tunnels", "inline", "deep"): 27,
    ("tunnels", "inline", "deep", "port"): 27,
    ("tunnels", "inline", "client"): 27,
    ("tunnels", "inline", "lanes"): 27,
    ("tunnels", "empty"): 28,
    ("tunnels", "after"): 29,
    ("lists",): 31,
    ("lists", "0"): 31,
    ("lists", "0", "one"): 32,
    ("lists", "1"): 33,
    ("lists", "1", "two"): 34,
}


def test_every_key_has_its_line_and_nothing_else_is_one():
    assert lines_of(TEXT) == LINES


def test_windows_line_ends_and_a_byte_order_mark_change_no_line():
    body, lines = parse("\ufeff" + TEXT.replace("\n", "\r\n"), "f", hint="")
    assert lines == LINES
    assert list(body) == ["profile", "tunnels", "lists"]


def test_an_escape_in_a_key_is_read():
    assert lines_of('\n"\\u0061\\"[" = 1') == {('a"[',): 2}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('\nregion = "x\n', "f:2: Illegal"),
        ("\n\n[tunnels", "f:3: Expected"),
        ("a = 1\na = 2\n", "f:2: Cannot overwrite"),
        ("a = [\n1,\n", "f:2: Invalid value"),
        (f"a = {'9' * 5000}", "f:1: Exceeds the limit"),
        (f"a = {'[' * 5000}", "f: its values are nested too deeply"),
    ],
)
def test_what_is_no_toml_is_said_with_its_line(text, said):
    with pytest.raises(ConfigError) as raised:
        parse(text, "f", hint="write it")
    assert raised.value.message.startswith(said)
    assert raised.value.hint == "write it"
